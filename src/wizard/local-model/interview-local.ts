import {
  findUsualPort,
  identifyServer,
  type OtherPort,
  type ServerFound,
} from '../../components/lm-studio/local-server.ts';
import { kindWords, serverNames } from '../../components/lm-studio/server-kinds.ts';
import { smallestWindow } from '../../components/lm-studio/server-limits.ts';
import { typedSecret } from '../../components/secrets-file/secret-source.ts';
import { normaliseAddress } from '../../config/address.ts';
import type { AnswersInput } from '../../config/schema.ts';
import type { Secrets } from '../../config/secrets.ts';
import { Secret } from '../../host/secret.ts';
import { nothingCame } from '../../http/no-reply.ts';
import { failure, type Problem, type Result, success } from '../../problem.ts';
import { counted } from '../../text/counted.ts';
import { tellProblem } from '../../ui/wording.ts';
import { type Asking, askAddress, beginAddress, inOneSentence, type ServerAsked } from '../questions.ts';
import { askAbsentModel, askModel, isUsable } from './interview-model.ts';
import type { ReadingOf } from './interview-reading.ts';

export interface LocalInterviewed {
  readonly localModel: AnswersInput['localModel'];
  /** What answers at its address; undefined where nothing does now. */
  readonly found: ServerFound | undefined;
  readonly token: Secret | undefined;
  readonly measurable: ReadingOf | undefined;
  readonly secrets: Partial<Secrets>;
}

/** Where its server is, which of its models is to work, and with which window. */
export async function askLocalModel(about: Asking): Promise<LocalInterviewed> {
  const { questions } = about;
  const known = about.earlier?.localModel.address;
  const { addresses } = about.machine;
  let typed = about.begun?.address;
  if (typed === undefined) beginAddress(questions);
  for (let given = typed; ; given = undefined) {
    typed = given ?? (await askAddress(about.ui, { addresses, known, typed }));
    const server = await reach(about, normaliseAddress(typed));
    if (server === 'elsewhere') continue;
    const { address, token } = server;
    const answer =
      server.found === undefined
        ? await askAbsentModel(about, address)
        : await askModel(about, { ...server, found: server.found });
    if (answer !== 'elsewhere') {
      const { localModel, measurable } = answer;
      const secrets = token === undefined ? {} : { localModelToken: token };
      return { localModel: { address, ...localModel }, found: server.found, token, measurable, secrets };
    }
    questions.returnTo(1);
    beginAddress(questions);
  }
}

type Reached = Omit<ServerAsked, 'found'> & { readonly found: ServerFound | undefined };

/**
 * Dials until something usable answers, or until the person wants another address, or this one although nothing answers.
 * Where nothing does, the usual ports of that machine are tried before anything is said.
 */
async function reach(about: Asking, typed: string): Promise<Reached | 'elsewhere'> {
  let address = typed;
  for (;;) {
    const server = await dial(about, address);
    if (server.ok) return server.value;
    const other = await findPort(about, address, server.problem);
    tellProblem(about.ui, server.problem, 'warning');
    if (other !== undefined) about.ui.say(`     ${other.who} answers on port ${other.port} of the same machine.`);
    const answer = await askUnreached(about, address, server.problem, other);
    if (answer === 'later') return { address, token: about.known.localModelToken, found: undefined };
    if (answer === 'elsewhere') return answer;
    if (answer === 'other' && other !== undefined) address = other.address;
  }
}

async function findPort({ ui, probe }: Asking, address: string, problem: Problem): Promise<OtherPort | undefined> {
  return await ui.busy(`trying other ports of ${new URL(address).hostname}`, findUsualPort(probe, address, problem));
}

async function askUnreached(
  { ui, earlier }: Asking,
  address: string,
  { mayBeOff }: NotReached,
  other: OtherPort | undefined,
): Promise<'other' | 'elsewhere' | 'again' | 'later'> {
  const again = other === undefined && address === earlier?.localModel.address;
  return await ui.choose({
    message: 'What now?',
    choices: [
      ...(other === undefined ? [] : ([{ value: 'other', label: `use port ${other.port}` }] as const)),
      { value: 'elsewhere', label: 'type the address again' },
      { value: 'again', label: 'try this one again' },
      ...(mayBeOff ? ([{ value: 'later', label: 'use it anyway; it is only off at the moment' }] as const) : []),
    ],
    ...(again ? { default: 'again' } : {}),
  });
}

interface NotReached extends Problem {
  /** Nothing answers, which may also mean that the machine is asleep. */
  readonly mayBeOff: boolean;
}

/** Without a token first: whether one is needed is looked up, and a known one is not sent to just any address. */
async function dial(about: Asking, address: string): Promise<Result<ServerAsked, NotReached>> {
  const { ui, probe, known } = about;
  let token: Secret | undefined;
  let untried = known.localModelToken;
  for (;;) {
    const found = await ui.busy(`dialling ${address}`, identifyServer(probe, address, token));
    if (found.ok) return greeted(about, { address, token, found: found.value });
    const { problem } = found;
    if (problem.code !== 'local-token-missing' && problem.code !== 'local-token-refused')
      return failure({ ...problem, mayBeOff: nothingCame(problem.code) });
    if (untried === undefined) tellProblem(ui, problem, 'warning');
    token = untried ?? (await askToken(about));
    untried = undefined;
    if (token === undefined) return failure({ ...problem, mayBeOff: false });
  }
}

function greeted({ ui }: Asking, server: ServerAsked): Result<ServerAsked, NotReached> {
  const { address, found } = server;
  const count = counted(found.models.length, 'model');
  const token = found.tokenUsed ? 'with the token' : 'no token';
  ui.say(`     ${serverNames[found.kind]} at ${address} (${Math.round(found.ms)} ms, ${token}), ${count}.`);
  if (found.models.some(isUsable)) return success(server);
  const problem =
    found.models.length === 0
      ? 'It lists no model that can hold a conversation.'
      : `None of them has a usable id and room for the ${smallestWindow.toLocaleString('en-US')} tokens that Claude Code needs.`;
  return failure({ code: 'no-chat-model', problem, fix: kindWords[found.kind].fetch, mayBeOff: false });
}

async function askToken({ ui }: Asking): Promise<Secret | undefined> {
  ui.say('     Hidden as you type; press Enter to go back to the address.', 'dim');
  const typed = await ui.askSecret({
    message: 'API token',
    problem: (text) => {
      const read = text.trim() === '' ? undefined : typedSecret(text, 'localModelToken');
      return read === undefined || read.ok ? undefined : inOneSentence(read.problem);
    },
  });
  return typed.trim() === '' ? undefined : new Secret(typed.trim());
}

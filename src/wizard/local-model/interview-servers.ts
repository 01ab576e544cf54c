import { isModel } from '../../components/lm-studio/lm-studio.ts';
import { findUsualPort, identifyServer } from '../../components/lm-studio/local-server.ts';
import { kindWords, type ServerKind, serverNames } from '../../components/lm-studio/server-kinds.ts';
import { slotsOf } from '../../components/lm-studio/server-limits.ts';
import { addressProblem, containerReachabilityProblem, normaliseAddress } from '../../config/address.ts';
import type { AnswersInput } from '../../config/schema.ts';
import { namedModels } from '../../config/set-option.ts';
import type { Problem } from '../../problem.ts';
import { given } from '../../text/json.ts';
import { tellProblem } from '../../ui/wording.ts';
import { type Asking, inOneSentence, listed } from '../questions.ts';
import type { LocalInterviewed } from './interview-local.ts';
import { modelState } from './interview-model.ts';

type LocalAnswers = AnswersInput['localModel'];

/** Further servers of the model that was chosen; none where nothing is typed. Each is looked at as the first one was. */
export async function askServers(about: Asking, local: LocalInterviewed): Promise<readonly string[]> {
  const { ui, earlier } = about;
  const { address } = local.localModel;
  const known = furtherOf(earlier?.localModel.moreAddresses, address).join(', ');
  ui.say('     They need the same model id, window and token. A conversation stays with one of them.', 'dim');
  let typed: string | undefined;
  for (;;) {
    typed = await ui.askText({
      id: 'further-servers',
      message: 'Further servers',
      problem: (text) => addressesProblem(about, text, address),
      ...(known === '' ? {} : { default: known }),
      ...given({ start: typed }),
    });
    const servers = furtherOf(listed(typed), address);
    if (await areTaken(about, local, servers)) return servers;
  }
}

/** Each once, in whatever form it was typed, and without the first server. */
function furtherOf(typed: readonly string[] | undefined, first: string): readonly string[] {
  return [...new Set((typed ?? []).map(normaliseAddress))].filter((address) => address !== normaliseAddress(first));
}

function addressesProblem({ machine }: Asking, text: string, first: string): string | undefined {
  const problems = listed(text).map((one) => {
    const wrong = addressProblem(one);
    if (wrong !== undefined) return listed(text).length === 1 ? wrong : `${one}: ${wrong}`;
    if (normaliseAddress(one) === normaliseAddress(first)) return `${one} is the first server already.`;
    return inOneSentence(containerReachabilityProblem(normaliseAddress(one), machine.addresses));
  });
  return problems.find((problem) => problem !== undefined);
}

/** Looks at all of them at once, as often as the person likes; false where others are to be typed. */
async function areTaken(about: Asking, local: LocalInterviewed, servers: readonly string[]): Promise<boolean> {
  for (;;) {
    const looks = servers.map(async (address) => await lookAt(about, local, address));
    const seen = await about.ui.busy('dialling the further servers', Promise.all(looks));
    for (const { words, problem, hint } of seen) {
      if (words !== undefined) about.ui.say(`     ${words}`);
      if (problem !== undefined) tellProblem(about.ui, problem, 'warning');
      if (hint !== undefined) about.ui.say(`     ${hint}`);
    }
    if (seen.every(({ problem }) => problem === undefined)) return true;
    const answer = await about.ui.choose({
      message: 'What now?',
      choices: [
        { value: 'type', label: 'type them again' },
        { value: 'look', label: 'look again' },
        { value: 'keep', label: 'use them anyway', detail: 'one that does not answer is left alone until it does' },
      ],
    });
    if (answer !== 'look') return answer === 'keep';
  }
}

interface Seen {
  /** Who answers there, and what of the model. */
  readonly words?: string;
  readonly problem?: Problem;
  readonly hint?: string;
}

async function lookAt({ probe }: Asking, { localModel, token }: LocalInterviewed, address: string): Promise<Seen> {
  const found = await identifyServer(probe, address, token);
  if (!found.ok) {
    const other = await findUsualPort(probe, address, found.problem);
    if (other === undefined || other.address === localModel.address) return { problem: found.problem };
    return { problem: found.problem, hint: `${other.who} answers on port ${other.port} of the same machine.` };
  }
  const { kind, models, ms } = found.value;
  const mine = models.find((one) => isModel(one, localModel.model));
  const state = mine === undefined ? '' : `, ${modelState(mine)}`;
  const problem =
    mine === undefined ? lacking(localModel, address, { kind, models }) : narrower(localModel, mine, kind);
  const words = `${serverNames[kind]} at ${address} (${Math.round(ms)} ms)${state}.`;
  return { words, ...given({ problem }) };
}

/** All of them are asked for the model by one id. */
function lacking(
  { model = '' }: LocalAnswers,
  address: string,
  { kind, models }: { readonly kind: ServerKind; readonly models: readonly { readonly id: string }[] },
): Problem {
  return {
    code: 'local-model-missing',
    problem: `${address} has no ${model}; it has ${namedModels(models) || 'no chat model'}.`,
    fix: `Give it a model of that id, on its machine: ${kindWords[kind].rename(model)}`,
  };
}

/** The client is told one window for all of them. */
function narrower(
  { contextWindow: wanted = 0 }: LocalAnswers,
  { contextWindow, id }: { readonly id: string; readonly contextWindow?: number },
  kind: ServerKind,
): Problem | undefined {
  if (contextWindow === undefined || contextWindow >= wanted) return undefined;
  const size = wanted.toLocaleString('en-US');
  return {
    code: 'context-window-small',
    problem: `It is loaded with ${contextWindow.toLocaleString('en-US')} tokens, the first server's with ${size}.`,
    fix: kindWords[kind].widen(`${size} tokens`, id),
  };
}

/** Whether the queue's limit has to be chosen: the server that was found does not tell one, or one was chosen before. */
export function isQueueOpen({ earlier }: Asking, { localModel, found }: LocalInterviewed): boolean {
  if (earlier?.localModel.parallel !== undefined) return true;
  // It tells once the model is loaded.
  if (found === undefined || found.listing === 'lm-studio-v1') return false;
  return slotsOf(found.models, localModel.model) === undefined;
}

/** How many requests a server gets at once. */
export async function askQueue(
  { ui, earlier }: Asking,
  { found }: LocalInterviewed,
): Promise<LocalAnswers['parallel']> {
  const { atOnce, usualSlots = 4 } = kindWords[found?.kind ?? 'openai-compatible'];
  ui.say(`     As many as it answers at once (${atOnce}); the others wait in the gateway. off: no limit.`, 'dim');
  const typed = await ui.askText({
    id: 'queue',
    message: 'Requests at once',
    default: String(earlier?.localModel.parallel ?? usualSlots),
    problem: (text) => (typedLimit(text) === undefined ? 'Type a number from 1 to 64, or off.' : undefined),
  });
  return typedLimit(typed);
}

function typedLimit(text: string): LocalAnswers['parallel'] {
  const word = text.trim();
  if (word === 'off') return 'off';
  return /^\d+$/.test(word) && Number(word) >= 1 && Number(word) <= 64 ? Number(word) : undefined;
}

import { hostname, networkInterfaces } from 'node:os';
import type { MachineFound } from '../checks/machine.ts';
import { routingProblem } from '../components/gateway/routing-profiles.ts';
import { knownSecrets } from '../components/secrets-file/secret-source.ts';
import { type AnswersFile, type RawAnswers, setAnswer, validateAnswers, valueAt } from '../config/answers-file.ts';
import { readSavedAnswers } from '../config/saved.ts';
import type { Answers } from '../config/schema.ts';
import type { Secrets } from '../config/secrets.ts';
import { loadAnswersFile, mergeSources } from '../config/sources.ts';
import type { Context, MachineFacts } from '../context.ts';
import { readActionLog, writtenPaths } from '../engine/action-log.ts';
import { layoutFor } from '../layout.ts';
import type { Problem } from '../problem.ts';
import { failure } from '../result.ts';
import { shellWord } from '../shell/word.ts';
import { interview, withAsked } from '../wizard/interview.ts';
import { completeAnswers } from './complete-answers.ts';
import { exitCodes } from './exit-codes.ts';
import { requireKnownFormats } from './known-formats.ts';
import { type Program, Refused } from './program.ts';

/** The answers out of every source, as a context; asks only what is missing, and only where asking is allowed. */
export async function loadConfig(program: Program, found: MachineFound): Promise<Context> {
  const { host, account, layout } = program;
  for (const path of [layout.savedAnswers, layout.secretsFile]) await refuseUnreadable(program, path);
  await requireKnownFormats(program);
  const machine: MachineFacts = {
    architecture: found.architecture,
    hostName: hostname(),
    addresses: ownAddresses(),
    earlierWrites: await earlierWritesOf(program),
  };
  const earlier = readSavedAnswers(await host.readFile(layout.savedAnswers));
  const { answers, secrets } = await answersAndSecrets(program, machine, earlier);
  return { answers, secrets, layout: layoutFor(account, answers.gateway.port), machine };
}

async function refuseUnreadable({ host }: Program, path: string): Promise<void> {
  await host.readFile(path).catch((error: Error) => {
    throw new Refused(exitCodes.preconditionNotMet, unreadable(path, error));
  });
}

/** Why a file that is there was not read. */
export function unreadable(path: string, { message }: Error): Problem {
  return {
    code: 'file-unreadable',
    problem: `${path} cannot be read (${message})`,
    fix: `check its owner and mode:  ls -l ${shellWord(path)}`,
  };
}

/** Asks everything once more; what was answered before is offered, typed keys included. */
export async function askAgain(program: Program, { answers, secrets, machine }: Context): Promise<Context> {
  const chosen = await interviewed(program, machine, answers as RawAnswers, secrets);
  return { ...chosen, layout: layoutFor(program.account, chosen.answers.gateway.port), machine };
}

/** The same with a yes to one more thing, named by its answers key. */
export function withAgreed(context: Context, key: string): Context {
  return { ...context, answers: valid(validateAnswers(setAnswer(context.answers as RawAnswers, key, true))) };
}

/** Paths at which earlier runs set out to write; a journal that cannot be read tells of none. */
export async function earlierWritesOf({ host, layout }: Program): Promise<readonly string[]> {
  return writtenPaths(readActionLog(await host.readFile(layout.journal).catch(() => undefined)));
}

/** Addresses by which others reach this machine, IPv4 first; those of containers and bridges left out. */
export function ownAddresses(): readonly string[] {
  const interfaces = Object.entries(networkInterfaces()).filter(([name]) => !/^(docker|br-|veth|virbr|lxc)/.test(name));
  const addresses = interfaces
    .flatMap(([, list]) => list ?? [])
    .filter(({ internal, address }) => !internal && !address.startsWith('fe80:'));
  return addresses
    .sort((a, b) => Number(a.family === 'IPv6') - Number(b.family === 'IPv6'))
    .map(({ address }) => address);
}

interface Chosen {
  readonly answers: Answers;
  readonly secrets: Secrets;
}

async function answersAndSecrets(
  program: Program,
  machine: MachineFacts,
  earlier: Answers | undefined,
): Promise<Chosen> {
  const { given, ui } = program;
  const file = given.file === undefined ? undefined : await namedFile(program, given.file);
  const merged = mergeSources({
    earlier: earlier as RawAnswers | undefined,
    file,
    environment: program.environment,
    settings: given.settings,
  });
  if (!merged.ok) throw new Refused(exitCodes.usage, merged.problem);
  const raw = merged.value;
  const answered = valueAt(raw, ['localModel', 'address']) !== undefined;
  const mustAsk = given.ask || (!answered && file === undefined);
  if (mustAsk && ui.interactive) return await interviewed(program, machine, raw);
  return await unattended(program, raw, file);
}

async function namedFile(program: Program, path: string): Promise<AnswersFile> {
  const file = await loadAnswersFile(program.host, path).catch((error: Error) => failure(unreadable(path, error)));
  if (!file.ok) throw new Refused(exitCodes.invalidAnswers, file.problem);
  return file.value;
}

async function unattended(program: Program, raw: RawAnswers, file: AnswersFile | undefined): Promise<Chosen> {
  const answers = valid(validateAnswers(raw, file));
  const secrets = await secretsFor(program, answers);
  return { answers: await completed(program, answers, secrets), secrets };
}

/** `base` is what is known without asking: the whole of it is offered where it is valid, and what is not asked is kept. */
async function interviewed(
  program: Program,
  machine: MachineFacts,
  base: RawAnswers,
  secretsSoFar?: Secrets,
): Promise<Chosen> {
  const before = validateAnswers(base);
  const earlier = before.ok ? before.value : undefined;
  const known = secretsSoFar ?? (await secretsFor(program, earlier ?? {}));
  const { raw, secrets } = await interview({ ui: program.ui, probe: program.host, machine, earlier, known });
  const answers = valid(validateAnswers(withAsked(base, raw)));
  for (const secret of Object.values(secrets)) program.masking.add(secret);
  return { answers: await completed(program, answers, secrets), secrets };
}

function valid(answers: ReturnType<typeof validateAnswers>): Answers {
  if (!answers.ok) throw new Refused(exitCodes.invalidAnswers, ...answers.problem);
  return answers.value;
}

async function secretsFor(program: Program, answers: Partial<Answers>): Promise<Secrets> {
  const { host, environment, layout } = program;
  const secrets = await knownSecrets(answers, { probe: host, environment, secretsFile: layout.secretsFile });
  if (!secrets.ok) throw new Refused(exitCodes.invalidAnswers, secrets.problem);
  for (const secret of Object.values(secrets.value)) program.masking.add(secret);
  return secrets.value;
}

async function completed(program: Program, answers: Answers, secrets: Secrets): Promise<Answers> {
  const whole = await program.ui.busy(
    'looking at the local model and the cloud',
    completeAnswers(answers, secrets, program.host),
  );
  if (!whole.ok) throw new Refused(exitCodes.invalidAnswers, whole.problem);
  const problem = routingProblem(whole.value);
  if (problem !== undefined) throw new Refused(exitCodes.invalidAnswers, problem);
  return whole.value;
}

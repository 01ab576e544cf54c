import { hostname } from 'node:os';
import { architectureOf } from '../checks/machine.ts';
import { routingProblem } from '../components/gateway/routing/profiles.ts';
import { knownSecrets } from '../components/secrets-file/secret-source.ts';
import {
  type AnswersFile,
  newerAnswers,
  type RawAnswers,
  setAnswer,
  validateAnswers,
  valueAt,
} from '../config/answers-file.ts';
import { readSavedAnswers, savedRaw } from '../config/saved.ts';
import type { Answers } from '../config/schema.ts';
import type { Secrets } from '../config/secrets.ts';
import { loadAnswersFile, mergeSources } from '../config/sources.ts';
import type { Context, MachineFacts } from '../context.ts';
import { readActionLog, writtenPaths } from '../engine/action-log.ts';
import { layoutFor } from '../layout.ts';
import { failure, type Problem, type Result, success } from '../problem.ts';
import { shellWord } from '../shell/word.ts';
import { interview, withAsked } from '../wizard/interview.ts';
import type { Begun } from '../wizard/questions.ts';
import { completeAnswers } from './complete-answers.ts';
import { exitCodes } from './exit-codes.ts';
import { requireKnownFormats } from './known-formats.ts';
import { ownAddresses, type Program, Refused } from './program.ts';

/*
 * The one way to what is installed, in three depths: as it is saved, without a request to anybody (`savedAnswers`,
 * `savedContext`); completed by what the model's server and the cloud say (`installed`); and with questions where
 * something is missing (`loadConfig`). What is wrong is thrown as Refused; `orProblems` gives it back instead.
 */

/**
 * The answers out of every source, as a context; asks only what is missing, and only where asking is allowed. `begun` is an
 * interview whose first question was asked already.
 */
export async function loadConfig(program: Program, begun?: Begun): Promise<Context> {
  await requireKnownFormats(program);
  const read = await readSources(program);
  const machine = await machineFacts(program);
  const { given, ui } = program;
  const answered = valueAt(read.raw, ['localModel', 'address']) !== undefined;
  const mustAsk = given.ask || (!answered && read.file === undefined);
  if (mustAsk && ui.interactive) return await interviewed(program, machine, read.raw, { begun });
  const answers = validated(program, read);
  return await completed(program, answers, await secretsFor(program, answers), machine);
}

/** The answers and keys of an installation; never asks for what is missing. Refused where nothing is installed. */
export async function installed(program: Program): Promise<Context> {
  await requireInstallation(program);
  await requireInstallation(program, program.layout.secretsFile);
  return await loadConfig(unasked(program));
}

/** Refuses a command that needs an installation if there is none, judging by a file that each has. */
export async function requireInstallation(
  { host, layout, account }: Program,
  path: string = layout.savedAnswers,
): Promise<void> {
  if ((await host.stat(path)) !== undefined) return;
  throw new Refused(exitCodes.preconditionNotMet, {
    code: 'nothing-installed',
    problem: `nothing is installed for ${account.user}: there is no ${path}`,
    fix: 'install first:  claude-routing-install',
  });
}

/** The saved answers, with what flags and environment change about them. Nobody is asked, and nothing is dialled. */
export async function savedAnswers(program: Program): Promise<Answers> {
  return validated(program, await readSources(program));
}

/** The same with keys and machine. */
export async function savedContext(program: Program, answers: Answers): Promise<Context> {
  return await contextOf(program, answers, await secretsFor(program, answers), await machineFacts(program));
}

/** What is known, or why it is not: for commands that report a broken installation instead of ending there. */
export async function orProblems<Known>(known: Promise<Known>): Promise<Result<Known, readonly Problem[]>> {
  return await known.then(success, (error) => {
    if (error instanceof Refused) return failure(error.problems);
    throw error;
  });
}

/** The same program in a run in which nothing may be asked. */
export function unasked(program: Program): Program {
  return { ...program, given: { ...program.given, ask: false }, ui: { ...program.ui, interactive: false } };
}

/** Asks everything once more; what was answered before is offered, typed keys included. */
export async function askAgain(program: Program, { answers, secrets, machine }: Context): Promise<Context> {
  return await interviewed(program, machine, answers as RawAnswers, { secrets });
}

/** The same, with one more thing agreed to, named by its answers key. */
export function withAgreed(context: Context, key: string): Context {
  return { ...context, answers: valid(validateAnswers(setAnswer(context.answers as RawAnswers, key, true))) };
}

/** The text of the file at `path`. Refuses if it exists and cannot be read. */
export async function readOwn({ host }: Program, path: string): Promise<string | undefined> {
  return await host.readFile(path).catch((error: Error) => {
    throw new Refused(exitCodes.preconditionNotMet, unreadable(path, error));
  });
}

function unreadable(path: string, { message }: Error): Problem {
  return {
    code: 'file-unreadable',
    problem: `${path} cannot be read (${message})`,
    fix: `check its owner and mode:  ls -l ${shellWord(path)}`,
  };
}

/** What every source of answers says, put together. */
interface Sources {
  readonly raw: RawAnswers;
  readonly file: AnswersFile | undefined;
  /** There are saved answers, but this version does not understand them. */
  readonly misunderstood: boolean;
}

async function readSources(program: Program): Promise<Sources> {
  const { given, environment, layout } = program;
  const saved = await readOwn(program, layout.savedAnswers);
  const newer = newerAnswers(layout.savedAnswers, savedRaw(saved));
  if (newer !== undefined) throw new Refused(exitCodes.preconditionNotMet, newer);
  const earlier = readSavedAnswers(saved);
  const file = given.file === undefined ? undefined : await namedFile(program, given.file);
  const { settings } = given;
  const merged = mergeSources({ earlier: earlier as RawAnswers | undefined, file, environment, settings });
  if (!merged.ok) throw new Refused(exitCodes.usage, merged.problem);
  return { raw: merged.value, file, misunderstood: saved !== undefined && earlier === undefined };
}

async function namedFile({ host }: Program, path: string): Promise<AnswersFile> {
  const file = await loadAnswersFile(host, path).catch((error: Error) => failure(unreadable(path, error)));
  if (!file.ok) throw new Refused(exitCodes.invalidAnswers, file.problem);
  return file.value;
}

/** Where nobody is asked, answers that are saved and not understood are what is wrong, and not what is missing without them. */
function validated({ layout }: Program, { raw, file, misunderstood }: Sources): Answers {
  const answers = validateAnswers(raw, file);
  if (answers.ok || file !== undefined || !misunderstood) return valid(answers);
  throw new Refused(exitCodes.invalidAnswers, {
    code: 'answers-file-unreadable',
    problem: `${layout.savedAnswers} cannot be understood by this version`,
    fix: `see why:  claude-routing-install answers check ${shellWord(layout.savedAnswers)}`,
  });
}

function valid(answers: ReturnType<typeof validateAnswers>): Answers {
  if (!answers.ok) throw new Refused(exitCodes.invalidAnswers, ...answers.problem);
  return answers.value;
}

async function machineFacts({ host, layout }: Program): Promise<MachineFacts> {
  // An unreadable journal tells of no writes.
  const journal = readActionLog(await host.readFile(layout.journal).catch(() => undefined));
  return {
    architecture: await architectureOf(host),
    hostName: hostname(),
    addresses: ownAddresses(),
    earlierWrites: writtenPaths(journal),
  };
}

/** `base` is what is known without asking: the whole of it is offered where it is valid, and what is not asked is kept. */
async function interviewed(
  program: Program,
  machine: MachineFacts,
  base: RawAnswers,
  soFar: { readonly secrets?: Secrets; readonly begun?: Begun | undefined },
): Promise<Context> {
  const before = validateAnswers(base);
  const earlier = before.ok ? before.value : undefined;
  const known = soFar.secrets ?? (await secretsFor(program, earlier ?? {}));
  const { raw, secrets } = await interview({
    ui: program.ui,
    probe: program.host,
    machine,
    earlier,
    known,
    begun: soFar.begun,
  });
  const answers = valid(validateAnswers(withAsked(base, raw)));
  for (const secret of Object.values(secrets)) program.masking.add(secret);
  return await completed(program, answers, secrets, machine);
}

async function secretsFor(program: Program, answers: Partial<Answers>): Promise<Secrets> {
  const { host, environment, layout } = program;
  await readOwn(program, layout.secretsFile);
  const secrets = await knownSecrets(answers, { probe: host, environment, secretsFile: layout.secretsFile });
  if (!secrets.ok) throw new Refused(exitCodes.invalidAnswers, secrets.problem);
  for (const secret of Object.values(secrets.value)) program.masking.add(secret);
  return secrets.value;
}

async function completed(
  program: Program,
  answers: Answers,
  secrets: Secrets,
  machine: MachineFacts,
): Promise<Context> {
  const whole = await program.ui.busy(
    'looking at the local model and the cloud',
    completeAnswers(answers, secrets, program.host),
  );
  if (!whole.ok) throw new Refused(exitCodes.invalidAnswers, whole.problem);
  const problem = routingProblem(whole.value);
  if (problem !== undefined) throw new Refused(exitCodes.invalidAnswers, problem);
  return await contextOf(program, whole.value, secrets, machine);
}

async function contextOf(
  { account, handbook }: Program,
  answers: Answers,
  secrets: Secrets,
  machine: MachineFacts,
): Promise<Context> {
  const layout = layoutFor(account, answers.gateway.port);
  return { answers, secrets, layout, machine, handbook: await handbook() };
}

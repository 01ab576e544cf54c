import type { Context, InstallerStep } from '../context.ts';
import type { StepName } from '../engine/event.ts';
import type { Journal } from '../engine/journal.ts';
import { explainFailure } from '../engine/known-problems.ts';
import { beginAhead, Cancelled, type PlannedResource, type Runner, runStep } from '../engine/run-step.ts';
import type { Outcome, Step } from '../engine/step.ts';
import type { Problem } from '../problem.ts';
import { clearVerification, stampEffects } from '../status/verification.ts';
import { counted } from '../text/counted.ts';
import { detailLines } from '../ui/detail-lines.ts';
import { hasPersonLeft } from '../ui/ui.ts';
import { adviceLines, duration, planLines, sayLines } from '../ui/wording.ts';
import { type ExitCode, exitCodes, signalExitCodes } from './exit-codes.ts';
import { nameOf } from './preview.ts';
import type { Program } from './program.ts';

/** How a walk through steps ended. */
export type RunResult =
  | {
      readonly status: 'done';
      readonly changed: number;
      /** A proof held with a warning. */
      readonly doubtful: boolean;
    }
  | ({ readonly status: 'stopped' } & Problem)
  | { readonly status: 'cancelled' };

/** How steps are walked through. */
interface WalkOptions {
  /** Asks before each step. */
  readonly askEach?: boolean;
  /** Continues although the person asked to stop, to restore what works. */
  readonly toTheEnd?: boolean;
  /** If a step stops, the others still have their turn. */
  readonly pastFailures?: boolean;
  /** What is installed was never proven. */
  readonly proofDue?: boolean;
}

/** Runs steps in order and reports each. The caller holds the lock and shields it from signals. */
export async function walkSteps<Seen>(
  program: Program,
  steps: readonly Step<Seen>[],
  context: Seen,
  journal: Journal,
  options: WalkOptions = {},
): Promise<RunResult> {
  let changed = 0;
  let doubtful = false;
  let stopped: RunResult | undefined;
  const begun = new Set<string>();
  const runner = makeRunner(program, journal, options, {
    proofDue: () => options.proofDue === true || changed > 0,
    onDoubt: () => {
      doubtful = true;
    },
  });
  try {
    for (const [index, step] of steps.entries()) {
      const outcome = await runOne(step, nameOf(step, index, steps.length), context, runner);
      if (outcome.status === 'stopped') stopped ??= outcome;
      if (stopped !== undefined && options.pastFailures !== true) return stopped;
      if (outcome.status !== 'done') continue;
      changed += outcome.changes;
      // Who is asked about each step has not agreed to the later ones yet.
      if (options.askEach !== true) stopped ??= await beginLater(steps, { from: index + 1, begun }, context, runner);
      if (stopped !== undefined && options.pastFailures !== true) return stopped;
    }
    return stopped ?? { status: 'done', changed, doubtful };
  } catch (error) {
    if (error instanceof Cancelled || hasPersonLeft(error)) return { status: 'cancelled' };
    throw error;
  }
}

/** Starts early what the steps from this one on would wait for, each once; returns a failure that one of them met. */
async function beginLater<Seen>(
  steps: readonly Step<Seen>[],
  { from, begun }: { readonly from: number; readonly begun: Set<string> },
  context: Seen,
  runner: Runner,
): Promise<RunResult | undefined> {
  for (const [index, step] of steps.entries()) {
    if (index < from || begun.has(step.id)) continue;
    const name = nameOf(step, index, steps.length);
    const outcome = await beginAhead(step, name, context, runner);
    if (outcome === 'not yet') continue;
    begun.add(step.id);
    if (outcome === 'begun') continue;
    runner.report({ type: 'step-ended', step: name, outcome, ms: 0 });
    if (outcome.status === 'stopped') return outcome;
  }
  return undefined;
}

/** The exit code of a walk; `tellEnd` says what is to be said once all is done. */
export async function exitCodeOf(
  program: Program,
  walked: RunResult,
  tellEnd: (changed: number) => void | Promise<void>,
): Promise<ExitCode> {
  if (walked.status === 'cancelled') return tellCancelled(program);
  if (walked.status === 'stopped') return exitCodes.stopped;
  await tellEnd(walked.changed);
  return exitCodes.done;
}

/** Says that the run stopped as the person asked; the exit code that belongs to the signal. */
function tellCancelled(program: Program): ExitCode {
  program.ui.say('Stopped, as you asked. What was done stays, and the next run goes on from here.', 'warning');
  return stoppedBy(program);
}

/** The exit code that says by which signal the person asked to stop. */
export function stoppedBy({ signals }: Program): ExitCode {
  return signalExitCodes[signals.received() ?? 'SIGINT'];
}

/** Runs one step and reports its beginning and its end. */
async function runOne<Seen>(step: Step<Seen>, name: StepName, context: Seen, runner: Runner): Promise<Outcome> {
  const began = performance.now();
  runner.report({ type: 'step-began', step: name });
  const end = (outcome: Outcome) =>
    runner.report({ type: 'step-ended', step: name, outcome, ms: performance.now() - began });
  try {
    const outcome = await runStep(step, name, context, runner);
    end(outcome);
    return outcome;
  } catch (error) {
    if (error instanceof Cancelled) end({ status: 'cancelled' });
    throw error;
  }
}

/** What a step needs to run under this command: its events told, its effects in the journal. */
function makeRunner(
  program: Program,
  journal: Journal,
  { askEach, toTheEnd }: WalkOptions,
  { proofDue, onDoubt }: { readonly proofDue: () => boolean; readonly onDoubt: () => void },
): Runner {
  const { ui, host } = program;
  return {
    host,
    proofDue,
    report: (event) => {
      if (event.type === 'proof-warned') onDoubt();
      ui.report(event);
    },
    record: async (record) => await journal.effect(record),
    cancelled: () => toTheEnd !== true && program.signals.received() !== undefined,
    explain: explainFailure,
    confirm: async (name, plans) => (askEach === true ? await confirmStep(program, name, plans) : 'apply'),
  };
}

async function confirmStep(
  { ui }: Program,
  name: StepName,
  plans: readonly PlannedResource[],
): Promise<'apply' | 'skip' | 'stop'> {
  ui.say(`  ${name.number}/${name.of}  ${name.title}`, 'strong');
  sayLines(ui, planLines(plans));
  for (;;) {
    const answer = await ui.choose({
      message: name.title,
      choices: [
        { value: 'apply', label: 'apply' },
        { value: 'details', label: 'details: every command and difference' },
        { value: 'skip', label: 'skip this step' },
        { value: 'stop', label: 'stop here' },
      ] as const,
    });
    if (answer !== 'details') return answer;
    sayLines(ui, detailLines(plans));
  }
}

interface ApplyOptions {
  readonly askEach: boolean;
  /** The installation as it stands was never proven. */
  readonly proofDue: boolean;
  /** performance.now() of the start, for the closing line. */
  readonly started: number;
}

/** Runs steps of the installation in order, and tells how it ended. From the first change until all is proven nothing counts as proven. */
export async function applySteps(
  program: Program,
  chosen: readonly InstallerStep[],
  context: Context,
  journal: Journal,
  options: ApplyOptions,
): Promise<ExitCode> {
  await program.host.perform(clearVerification(context));
  const walked = await walkSteps(program, chosen, context, journal, options);
  const provedAll = chosen.some(({ provesEverything }) => provesEverything === true);
  if (walked.status === 'done' && provedAll && !walked.doubtful) await giveStamp(program, context);
  return await exitCodeOf(program, walked, (changed) => tellEnd(program, chosen, context, changed, options));
}

/** From now on everything counts as proven, and what the sentinel found before no longer counts. */
export async function giveStamp({ host }: Program, context: Context): Promise<void> {
  for (const effect of await stampEffects(host, context)) await host.perform(effect);
}

function tellEnd(
  program: Program,
  chosen: readonly InstallerStep[],
  context: Context,
  changed: number,
  { started, proofDue }: ApplyOptions,
): void {
  const { ui, layout } = program;
  ui.say('');
  ui.say(
    `Done: ${counted(changed, 'change')} in ${duration(performance.now() - started)}. Journal: ${layout.journal}`,
    'strong',
  );
  const advising = proofDue ? chosen.filter(({ notNeeded }) => notNeeded?.(context) === undefined) : [];
  sayLines(ui, adviceLines(advising.flatMap(({ advice }) => advice?.(context) ?? [])));
  ui.say('Run it again at any time: claude-routing-install   See what is here: claude-routing-install status');
}

import type { Context, InstallerStep } from '../context.ts';
import type { StepName } from '../engine/event.ts';
import type { Journal } from '../engine/journal.ts';
import { Cancelled, type PlannedResource, type Runner, runStep } from '../engine/run-step.ts';
import type { Outcome, Step } from '../engine/step.ts';
import { explainFailure } from '../known-problems.ts';
import { stamp, unstamp } from '../proof-stamp.ts';
import { detailLines, duration, planLines } from '../ui/wording.ts';
import { type ExitCode, exitCodes } from './exit-codes.ts';
import { nameOf } from './overview.ts';
import type { Program } from './program.ts';
import { underLock } from './under-lock.ts';

export interface ApplyOptions {
  readonly askEach: boolean;
  /** The installation as it stands was never proven. */
  readonly proofDue: boolean;
  /** performance.now() of the start, for the closing line. */
  readonly started: number;
}

/** Runs the steps in order under the lock, with the journal, and tells how it ended. */
export async function applySteps(
  program: Program,
  chosen: readonly InstallerStep[],
  context: Context,
  options: ApplyOptions,
): Promise<ExitCode> {
  return await underLock(
    program,
    'install',
    async (journal) =>
      await program.signals.shield(async () => await runAll(program, chosen, context, options, journal)),
  );
}

async function runAll(
  program: Program,
  chosen: readonly InstallerStep[],
  context: Context,
  options: ApplyOptions,
  journal: Journal,
): Promise<ExitCode> {
  let changed = 0;
  let doubtful = false;
  const proofDue = () => options.proofDue || changed > 0;
  const runner = makeRunner(program, journal, options, proofDue, () => {
    doubtful = true;
  });
  try {
    await program.host.perform(unstamp(context));
    for (const [index, step] of chosen.entries()) {
      const outcome = await runOne(step, nameOf(step, index, chosen.length), context, runner);
      if (outcome.status === 'stopped') return exitCodes.stopped;
      if (outcome.status === 'done') changed += outcome.changes;
    }
    const provedAll = chosen.some(({ provesEverything }) => provesEverything === true);
    if (provedAll && !doubtful) await program.host.perform(stamp(context));
  } catch (error) {
    if (error instanceof Cancelled || isPromptCancelled(error)) return tellCancelled(program);
    throw error;
  }
  tellEnd(program, chosen, context, changed, options);
  return exitCodes.done;
}

/** Runs one step and reports its beginning and its end. */
export async function runOne<Seen>(step: Step<Seen>, name: StepName, context: Seen, runner: Runner): Promise<Outcome> {
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

/** Ctrl-C at a question arrives as an error of the prompt, not as a signal. */
function isPromptCancelled(error: unknown): boolean {
  return error instanceof Error && error.name === 'ExitPromptError';
}

/** What a step needs to run under this command: its events told, its effects in the journal. */
export function makeRunner(
  program: Program,
  journal: Journal,
  { askEach }: Pick<ApplyOptions, 'askEach'>,
  proofDue: () => boolean,
  onDoubt: () => void,
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
    cancelled: () => program.signals.received() !== undefined,
    explain: explainFailure,
    confirm: async (name, plans) => (askEach ? await confirmStep(program, name, plans) : 'apply'),
  };
}

async function confirmStep(
  { ui }: Program,
  name: StepName,
  plans: readonly PlannedResource[],
): Promise<'apply' | 'skip' | 'stop'> {
  ui.say(`  ${name.number}/${name.of}  ${name.title}`, 'strong');
  for (const line of planLines(plans)) ui.say(line.text, line.tone);
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
    for (const line of detailLines(plans)) ui.say(line.text, line.tone);
  }
}

/** Says that the person's wish to stop was obeyed; the exit code that belongs to the signal. */
export function tellCancelled(program: Program): ExitCode {
  const signal = program.signals.received();
  program.ui.say('Stopped, as you asked. What was done stays, and the next run goes on from here.', 'warning');
  if (signal === 'SIGTERM') return exitCodes.terminated;
  return signal === 'SIGHUP' ? exitCodes.hungUp : exitCodes.cancelled;
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
    `Done: ${changed} change${changed === 1 ? '' : 's'} in ${duration(performance.now() - started)}. Journal: ${layout.journal}`,
    'strong',
  );
  const advising = proofDue ? chosen.filter(({ notNeeded }) => notNeeded?.(context) === undefined) : [];
  for (const line of advising.flatMap(({ advice }) => advice?.(context) ?? []))
    ui.say(line, isCommand(line) ? 'command' : 'plain');
  ui.say('Again at any time: claude-routing-install   What is here: claude-routing-install status');
}

/** Advice sets commands off by four blanks. */
function isCommand(line: string): boolean {
  return line.startsWith('    ');
}

import type { Context, InstallerStep } from '../context.ts';
import type { Journal } from '../engine/journal.ts';
import { Cancelled } from '../engine/run-step.ts';
import type { Step } from '../engine/step.ts';
import type { Effect } from '../host/host.ts';
import type { Problem } from '../problem.ts';
import { clearVerification, stampEffects } from '../status/verification.ts';
import { counted } from '../text/counted.ts';
import { hasPersonLeft } from '../ui/ui.ts';
import { duration } from '../ui/wording.ts';
import { type ExitCode, exitCodes, signalExitCodes } from './exit-codes.ts';
import { nameOf } from './preview.ts';
import type { Program } from './program.ts';
import { makeRunner, type RunnerOptions, runOne } from './runner.ts';
import { underLock } from './under-lock.ts';

export interface ApplyOptions {
  readonly askEach: boolean;
  /** The installation as it stands was never proven. */
  readonly proofDue: boolean;
  /** Notes what was there before the first installation, for its removal. */
  readonly before?: Effect;
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
  return await underLock(program, 'install', async (journal) => {
    return await program.signals.shield(async () => {
      if (options.before !== undefined) await program.host.perform(options.before);
      return await runAll(program, chosen, context, options, journal);
    });
  });
}

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
export interface WalkOptions extends RunnerOptions {
  readonly proofDue: boolean;
}

/** Runs steps in order and reports each. The caller holds the lock and shields it from signals. */
export async function walkSteps<Seen>(
  program: Program,
  chosen: readonly Step<Seen>[],
  context: Seen,
  options: WalkOptions,
  journal: Journal,
): Promise<RunResult> {
  let changed = 0;
  let doubtful = false;
  const proofDue = () => options.proofDue || changed > 0;
  const runner = makeRunner(program, journal, options, proofDue, () => {
    doubtful = true;
  });
  try {
    for (const [index, step] of chosen.entries()) {
      const outcome = await runOne(step, nameOf(step, index, chosen.length), context, runner);
      if (outcome.status === 'stopped') return outcome;
      if (outcome.status === 'done') changed += outcome.changes;
    }
    return { status: 'done', changed, doubtful };
  } catch (error) {
    if (error instanceof Cancelled || hasPersonLeft(error)) return { status: 'cancelled' };
    throw error;
  }
}

async function runAll(
  program: Program,
  chosen: readonly InstallerStep[],
  context: Context,
  options: ApplyOptions,
  journal: Journal,
): Promise<ExitCode> {
  await program.host.perform(clearVerification(context));
  const walked = await walkSteps(program, chosen, context, options, journal);
  if (walked.status === 'cancelled') return tellCancelled(program);
  if (walked.status === 'stopped') return exitCodes.stopped;
  const provedAll = chosen.some(({ provesEverything }) => provesEverything === true);
  if (provedAll && !walked.doubtful) await giveStamp(program, context);
  tellEnd(program, chosen, context, walked.changed, options);
  return exitCodes.done;
}

/** From now on everything counts as proven, and what the sentinel found before counts no more. */
export async function giveStamp({ host }: Program, context: Context): Promise<void> {
  for (const effect of await stampEffects(host, context)) await host.perform(effect);
}

/** Says that the person's resource to stop was obeyed; the exit code that belongs to the signal. */
export function tellCancelled(program: Program): ExitCode {
  program.ui.say('Stopped, as you asked. What was done stays, and the next run goes on from here.', 'warning');
  return stoppedBy(program);
}

/** The exit code that says by which signal the person asked to stop. */
export function stoppedBy({ signals }: Program): ExitCode {
  return signalExitCodes[signals.received() ?? 'SIGINT'];
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
  for (const line of advising.flatMap(({ advice }) => advice?.(context) ?? []))
    ui.say(line, isCommand(line) ? 'command' : 'plain');
  ui.say('Again at any time: claude-routing-install   What is here: claude-routing-install status');
}

/** Advice sets commands off by four blanks. */
function isCommand(line: string): boolean {
  return line.startsWith('    ');
}

import type { Context, InstallerStep } from '../context.ts';
import type { Journal } from '../engine/journal.ts';
import { clearVerification, stampEffects } from '../status/verification.ts';
import { counted } from '../text/counted.ts';
import { adviceLines, duration, sayLines } from '../ui/wording.ts';
import type { ExitCode } from './exit-codes.ts';
import type { Program } from './program.ts';
import { exitCodeOf, walkSteps } from './walk-steps.ts';

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

/** From now on everything counts as proven, and what the sentinel found before counts no more. */
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

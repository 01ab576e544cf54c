import { type Selection, selected } from '../command-line/selection.ts';
import type { Context } from '../context.ts';
import type { Journal } from '../engine/journal.ts';
import type { Effect } from '../host/host.ts';
import { steps } from '../registry/steps.ts';
import { applySteps } from '../session/apply-steps.ts';
import { carryOut, leaveAsItIs } from '../session/change-run.ts';
import { askConfirmation, changedContext } from '../session/confirmation.ts';
import { type ExitCode, exitCodes } from '../session/exit-codes.ts';
import { loadConfig } from '../session/load-installation.ts';
import type { Memory } from '../session/offered-answers.ts';
import { pending, preview, type StepPreview, takesRoot } from '../session/preview.ts';
import { type Program, Refused, tellProblems } from '../session/program.ts';
import { readStamp } from '../status/verification.ts';
import { duration } from '../ui/wording.ts';
import type { Begun } from '../wizard/questions.ts';

/** What came before. */
export interface BegunInstall {
  readonly memory: Memory;
  readonly begun: Begun | undefined;
  /** Notes what was there before the first installation. */
  readonly note: Effect | undefined;
  /** By `performance.now()`. */
  readonly started: number;
}

/** Asks what is not known yet, shows, confirms, does and proves it. */
export async function installAll(
  program: Program,
  selection: Selection,
  { memory: { asking, settled }, begun, note, started }: BegunInstall,
): Promise<ExitCode> {
  const { ui, host } = program;
  const chosen = selected('step', steps, selection);
  let context = await loadConfig(asking, begun);
  for (;;) {
    const overviews = await ui.busy('looking at this machine', preview(chosen, context, host));
    const proven = await readStamp(host, context);
    if (pending(overviews).length === 0 && proven)
      return await settled(context, await nothingToDo(program, context, overviews, started));
    const consent = await askConfirmation(program, context, overviews);
    if (consent === 'no') return leaveAsItIs(program);
    if (consent !== 'yes' && consent !== 'each') {
      context = await changedContext(asking, context, consent);
      continue;
    }
    const options = { askEach: consent === 'each', proofDue: !proven };
    const work = async (journal: Journal) => {
      if (note !== undefined) await host.perform(note);
      return await applySteps(program, chosen, context, journal, { ...options, started: performance.now() });
    };
    const ended = await carryOut(program, { name: 'install', needsRoot: takesRoot(overviews), work });
    return await settled(context, ended);
  }
}

async function nothingToDo(
  program: Program,
  context: Context,
  overviews: readonly StepPreview[],
  started: number,
): Promise<ExitCode> {
  const { ui } = program;
  const proven = await proveAgain(program, context, overviews);
  for (const { name, notNeeded } of overviews) {
    const outcome =
      notNeeded === undefined
        ? ({ status: 'in-place' } as const)
        : ({ status: 'not-needed', reason: notNeeded } as const);
    ui.report({ type: 'step-ended', step: name, ms: 0, outcome });
  }
  tellProblems(
    ui,
    overviews.flatMap(({ warnings }) => warnings),
    'warning',
  );
  ui.say(`Nothing to do. Proven again: ${proven.join(', ')}. ${duration(performance.now() - started)}`, 'strong');
  return exitCodes.done;
}

/** The proofs that cost nothing. */
async function proveAgain(
  { host }: Program,
  context: Context,
  overviews: readonly StepPreview[],
): Promise<readonly string[]> {
  const proofs = overviews.flatMap(({ step, notNeeded }) => (notNeeded === undefined ? (step.proofs ?? []) : []));
  const results = await Promise.all(
    proofs.filter(({ always }) => always === true).map(async ({ run }) => await run(host, context, () => undefined)),
  );
  const problems = results.flatMap((result) => (result.ok ? [] : [result.problem]));
  if (problems.length > 0) throw new Refused(exitCodes.stopped, ...problems);
  return results.flatMap((result) => (result.ok ? [result.value.note] : []));
}

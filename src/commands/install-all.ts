import { type Selection, selected } from '../command-line/usage-problems.ts';
import type { Context } from '../context.ts';
import type { Journal } from '../engine/journal.ts';
import type { Effect } from '../host/host.ts';
import type { Problem } from '../problem.ts';
import { steps } from '../registry/steps.ts';
import { carryOut, leaveAsItIs, nobodyTo } from '../session/change-run.ts';
import { type ExitCode, exitCodes } from '../session/exit-codes.ts';
import { askAgain, loadConfig, withAgreed } from '../session/load-installation.ts';
import type { Memory } from '../session/offered-answers.ts';
import {
  blockers,
  pending,
  preview,
  printPreview,
  type StepPreview,
  takesRoot,
  tellAnswers,
} from '../session/preview.ts';
import { type Program, Refused, tellProblems } from '../session/program.ts';
import { applySteps } from '../session/walk-steps.ts';
import { readStamp } from '../status/verification.ts';
import { detailLines } from '../ui/detail-lines.ts';
import type { Choice } from '../ui/ui.ts';
import { duration, sayLines } from '../ui/wording.ts';
import type { Begun } from '../wizard/questions.ts';

/** What has happened already. */
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

/** What the person wants done about what was shown: all of it, step by step, nothing, or another look first. */
type Confirmation = 'yes' | 'each' | 'no' | AnotherLook;

/** Look once more: at once, after other answers, or with one thing more agreed to. */
type AnotherLook = 'look' | 'change' | { readonly agreed: string };

/** Shows what would be done and asks. Everything that is sure to stop the run is told first; who can be asked may fix it now. */
async function askConfirmation(
  program: Program,
  context: Context,
  overviews: readonly StepPreview[],
): Promise<Confirmation> {
  const { ui, yes } = program;
  const problems = blockers(overviews);
  if (problems.length > 0) return await askAboutBlockers(program, problems);
  tellAnswers(ui, context.answers);
  if (pending(overviews).length > 0) printPreview(ui, overviews);
  if (yes) return 'yes';
  if (ui.interactive) return await askToGoOn(program, overviews);
  throw nobodyTo('confirm the changes', 'add  --yes  to agree to them, or type  plan  to look only');
}

/** What to look at once more. */
async function changedContext(program: Program, context: Context, how: AnotherLook): Promise<Context> {
  if (how === 'look') return context;
  return how === 'change' ? await askAgain(program, context) : withAgreed(context, how.agreed);
}

async function askAboutBlockers(program: Program, problems: readonly Problem[]): Promise<AnotherLook> {
  const { ui } = program;
  if (!ui.interactive) throw new Refused(exitCodes.preconditionNotMet, ...problems);
  ui.say('');
  ui.say('This cannot work yet:', 'strong');
  tellProblems(ui, problems);
  const agreements = problems.flatMap(({ agreement }): Choice<string>[] =>
    agreement === undefined ? [] : [{ value: agreement.key, label: agreement.label }],
  );
  const answer = await ui.choose<string>({
    message: 'What now?',
    choices: [
      { value: 'look', label: 'check again: I fixed it in another window' },
      ...agreements,
      { value: 'change', label: 'change my answers' },
      { value: 'stop', label: 'stop; nothing was changed' },
    ],
  });
  if (answer === 'stop') throw new Refused(exitCodes.preconditionNotMet);
  return answer === 'look' || answer === 'change' ? answer : { agreed: answer };
}

async function askToGoOn(program: Program, overviews: readonly StepPreview[]): Promise<Confirmation> {
  for (;;) {
    const answer = await program.ui.choose({
      message: 'Go on?',
      choices: [
        { value: 'yes', label: 'yes' },
        { value: 'each', label: 'ask me before each step' },
        { value: 'details', label: 'show every command and difference' },
        { value: 'change', label: 'change my answers first' },
        { value: 'no', label: 'no, change nothing' },
      ] as const,
    });
    if (answer !== 'details') return answer;
    tellDetails(program, overviews);
  }
}

function tellDetails({ ui }: Program, overviews: readonly StepPreview[]): void {
  for (const { name, planned } of pending(overviews)) {
    ui.say(`  ${String(name.number).padStart(2)}  ${name.title}`, 'strong');
    sayLines(ui, detailLines(planned));
  }
}

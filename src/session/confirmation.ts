import type { Context } from '../context.ts';
import type { Problem } from '../problem.ts';
import { detailLines } from '../ui/detail-lines.ts';
import type { Choice } from '../ui/ui.ts';
import { sayLines } from '../ui/wording.ts';
import { nobodyTo } from './change-run.ts';
import { exitCodes } from './exit-codes.ts';
import { askAgain, withAgreed } from './load-installation.ts';
import { blockers, pending, printPreview, type StepPreview, tellAnswers } from './preview.ts';
import { type Program, Refused, tellProblems } from './program.ts';

/** What the person wants done about what was shown: all of it, step by step, nothing, or another look first. */
type Confirmation = 'yes' | 'each' | 'no' | AnotherLook;

/** Look once more: at once, after other answers, or with one thing more agreed to. */
type AnotherLook = 'look' | 'change' | { readonly agreed: string };

/** Shows what would be done and asks. Everything that is sure to stop the run is told first; who can be asked may fix it now. */
export async function askConfirmation(
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
export async function changedContext(program: Program, context: Context, how: AnotherLook): Promise<Context> {
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

import { refusalIn, refusalProblem } from '../engine/errno.ts';
import { explainFailure, unexplained } from '../engine/known-problems.ts';
import { EffectFailed } from '../host/host.ts';
import type { Problem } from '../problem.ts';
import { type ExitCode, exitCodes } from '../session/exit-codes.ts';
import { Refused, tellProblems } from '../session/program.ts';
import { CannotAsk, hasPersonLeft, type Ui } from '../ui/ui.ts';
import { moreLine, sayLines } from '../ui/wording.ts';

/** How a command ended that threw something. */
export interface Ending {
  readonly problems: readonly Problem[];
  readonly exitCode: ExitCode;
}

/** What was thrown, in words. A refusal by the system, another program or the person is not a bug of this program. */
export function endingOf(error: unknown, verbose: boolean): Ending {
  if (error instanceof Refused) return { problems: error.problems, exitCode: error.exitCode };
  if (error instanceof CannotAsk) return { problems: [notAnswered(error)], exitCode: exitCodes.invalidAnswers };
  if (hasPersonLeft(error)) return { problems: [], exitCode: exitCodes.cancelled };
  if (error instanceof EffectFailed)
    return { problems: [explainFailure(error) ?? unexplained(error)], exitCode: exitCodes.stopped };
  const refusal = refusalIn(error);
  if (refusal !== undefined) return { problems: [refusalProblem(refusal)], exitCode: exitCodes.preconditionNotMet };
  return { problems: [fault(error, verbose)], exitCode: exitCodes.stopped };
}

function notAnswered({ key }: CannotAsk): Problem {
  return {
    code: 'nobody-to-ask',
    problem: `nobody can be asked here, and this has no answer: ${key}`,
    fix: 'answer it in a file:  --answers FILE  (see  claude-routing-install answers init)',
  };
}

function fault(error: unknown, verbose: boolean): Problem {
  const said = error instanceof Error ? (verbose ? (error.stack ?? error.message) : error.message) : String(error);
  return {
    code: 'program-fault',
    problem: `a fault in this program: ${said}`,
    fix: 'run it again with  --verbose  and send what it says with your report',
  };
}

/** Tells how a command ended that threw something; its exit code comes back. */
export function tellEnding(
  ui: Pick<Ui, 'say' | 'result' | 'end' | 'forPrograms'>,
  error: unknown,
  verbose: boolean,
): ExitCode {
  ui.end();
  const { problems, exitCode } = endingOf(error, verbose);
  if (exitCode === exitCodes.cancelled) ui.say('Cancelled. Nothing was changed.', 'warning');
  tellProblems(ui, problems);
  // The problem already names what can be typed instead; there is nothing to add.
  const codes = exitCode === exitCodes.usage || ui.forPrograms ? [] : problems.map(({ code }) => code);
  if (codes.length > 0) sayLines(ui, [moreLine(codes)]);
  return exitCode;
}

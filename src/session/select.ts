import { nearestOf } from '../config/answers-file.ts';
import type { InstallerStep } from '../context.ts';
import type { Problem } from '../problem.ts';
import { steps } from '../registry/steps.ts';
import { exitCodes } from './exit-codes.ts';
import { Refused } from './program.ts';

/** Which steps are meant, by id. */
export interface StepChoice {
  /** All when it is empty. */
  readonly only: readonly string[];
  readonly skip: readonly string[];
}

/** The steps that --only and --skip leave, in their order. An unknown name is refused, with the nearest known one. */
export function chooseSteps(only: readonly string[], skip: readonly string[]): readonly InstallerStep[] {
  const known = steps.map(({ id }) => id);
  const unknown = [...only, ...skip].find((id) => !known.includes(id));
  if (unknown !== undefined) throw new Refused(exitCodes.usage, unknownStep(unknown, known));
  return steps.filter(({ id }) => (only.length === 0 || only.includes(id)) && !skip.includes(id));
}

function unknownStep(id: string, known: readonly string[]): Problem {
  const nearest = nearestOf(id, known);
  const hint = nearest === undefined ? '' : `; did you mean ${nearest}?`;
  return {
    code: 'word-unknown',
    problem: `there is no step called ${id}${hint}`,
    fix: `the steps are: ${known.join(', ')}`,
  };
}

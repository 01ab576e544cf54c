import { type Problem, problemOf } from '../problem.ts';
import type { Ui } from './ui.ts';
import { problemLines, sayLines } from './wording.ts';

/** Tells a problem: to programs as one object with its code, to people in lines. */
export function tellProblem(ui: Pick<Ui, 'say' | 'result'>, problem: Problem, tone: 'warning' | 'bad'): void {
  ui.result('problem', { tone, ...problemOf(problem) }, () => sayLines(ui, problemLines(problem, tone)));
}

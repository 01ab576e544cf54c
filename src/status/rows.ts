import type { Tone } from '../ui/ui.ts';
import { isUnknown, type Looked } from './report.ts';

/** A fact on the screen: what it is about, and what is so. */
export type Row = readonly [name: string, value: string, tone?: Tone];

/** A row that either tells the facts or why there are none. */
export function row<Facts extends object>(name: string, looked: Looked<Facts>, words: (facts: Facts) => string): Row {
  if (isUnknown(looked)) return [name, `${looked.problem.replace(/\.$/, '')}. Fix: ${looked.fix}`, 'bad'];
  return [name, words(looked)];
}

import type { PartName } from '../engine/part-decision.ts';
import { type Problem, problemOf } from '../problem.ts';
import { type Program, tellProblems } from '../session/program.ts';
import { duration } from '../ui/wording.ts';
import type { FoundPart } from './update-parts.ts';
import type { PartEnd } from './update-work.ts';

const tones = { current: 'plain', pending: 'strong', stuck: 'bad' } as const;

/** What runs, what is newest and what would be done: a line a part, or an object a line for programs. */
export function tellLooks(program: Program, found: readonly FoundPart[]): void {
  for (const { look } of found) {
    const { part, runs, newest, decision } = look;
    const { status } = decision;
    program.ui.result('part', { part, status, runs, newest, ...wordsOf(decision) }, () => tellLook(program, look));
  }
}

function tellLook(program: Program, { part, runs, newest, decision }: FoundPart['look']): void {
  const newestWords = newest === '' ? '' : `, newest ${newest}`;
  const does = decision.status === 'stuck' ? 'cannot go on' : (wordsOf(decision).note ?? wordsOf(decision).does);
  program.ui.say(`  ${part.padEnd(13)}${runs}${newestWords}: ${does}`, tones[decision.status]);
  if (decision.status === 'stuck') tellProblems(program.ui, [decision]);
  else if (decision.warning !== undefined) tellProblems(program.ui, [decision.warning], 'warning');
}

type Words = { readonly note?: string; readonly does?: string } & Partial<Problem>;

function wordsOf(decision: FoundPart['look']['decision']): Words {
  if (decision.status === 'stuck') return problemOf(decision);
  const words = decision.status === 'current' ? { note: decision.note } : { does: decision.does };
  return { ...words, ...decision.warning };
}

/** What is going to be tried, and what it costs. */
export function tellCosts(program: Program, pending: readonly FoundPart[]): void {
  program.ui.say('');
  for (const line of pending.flatMap(({ costs }) => costs)) program.ui.say(line);
}

/** How each part came out. */
export function tellEnd(program: Program, ends: readonly (readonly [PartName, PartEnd])[], ms: number): void {
  if (!program.ui.forPrograms) program.ui.say('');
  for (const [part, end] of ends)
    program.ui.result('part-ended', { part, ...end }, () => tellPartEnd(program, part, end));
  if (!program.ui.forPrograms) program.ui.say(`${duration(ms)}. Journal: ${program.layout.journal}`, 'dim');
}

function tellPartEnd(program: Program, part: PartName, end: PartEnd): void {
  if (end.status === 'updated') program.ui.say(` ✓ ${part.padEnd(13)}${end.now}`, 'good');
  else if (end.status === 'cancelled')
    program.ui.say(` · ${part.padEnd(13)}stopped, as you asked; in use: ${end.serves}`, 'warning');
  else {
    program.ui.say(` ✗ ${part.padEnd(13)}not updated; in use: ${end.serves}`, 'bad');
    tellProblems(program.ui, [end]);
  }
}

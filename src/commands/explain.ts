import { unknownWord, wrongUse } from '../command-line/usage-problems.ts';
import type { Explanation } from '../problem-codes/explanation.ts';
import { problemAreas } from '../problem-codes/index.ts';
import { type ExitCode, exitCodes } from '../session/exit-codes.ts';
import type { Program } from '../session/program.ts';

/** What a code means, with the area that it belongs to. */
interface Explained extends Explanation {
  readonly code: string;
  readonly area: string;
}

/** Every code there is, by area. */
export function allExplained(): readonly Explained[] {
  return Object.entries(problemAreas).flatMap(([area, codes]) =>
    Object.entries<Explanation>(codes).map(([code, explanation]) => ({ code, area, ...explanation })),
  );
}

/** Tells what these codes mean; all of them in short where none is named. Looks at nothing. */
export function explain({ ui }: Pick<Program, 'ui'>, codes: readonly string[]): ExitCode {
  const known = allExplained();
  const wanted = codes.map((code) => known.find((one) => one.code === code) ?? refuse(code, known));
  if (codes.length === 0) ui.result('explanations', known, () => tellAll({ ui }, known));
  for (const one of wanted) ui.result('explanation', one, () => tellOne({ ui }, one));
  return exitCodes.done;
}

function refuse(code: string, known: readonly Explained[]): never {
  const unknown = unknownWord(
    'problem code',
    code,
    known.map((one) => one.code),
  );
  throw wrongUse({ ...unknown, fix: 'see them all:  claude-routing-install explain' });
}

function tellOne({ ui }: Pick<Program, 'ui'>, { code, meaning, causes, fix }: Explained): void {
  ui.say(`${code}: ${meaning}`, 'strong');
  ui.say(`     Causes: ${causes}`);
  ui.say(`     Fix: ${fix}`);
}

function tellAll({ ui }: Pick<Program, 'ui'>, known: readonly Explained[]): void {
  for (const area of Object.keys(problemAreas)) {
    ui.say(area, 'strong');
    for (const one of known.filter((candidate) => candidate.area === area)) {
      ui.say(`  ${one.code}`);
      ui.say(`     ${one.meaning}`, 'dim');
    }
  }
}

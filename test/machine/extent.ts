import { it } from 'vitest';

/**
 * How much is tried. The gate tries each promise once on a real machine; what repeats one with another plant, another way in
 * or another place is tried as well by `npm run test:machine:all`.
 */
const wholeRun = process.env['MACHINE_TESTS'] === 'all';

/** A test that the gate leaves out. */
export function besideTheGate(name: string, test: () => Promise<void>): void {
  if (wholeRun) it(name, test);
}

/** The rows of this run: those that `repeats` names stay out of the gate. */
export function rowsOfThisRun<Row>(rows: readonly Row[], repeats: (row: Row) => boolean): readonly Row[] {
  if (wholeRun) return rows;
  const kept = rows.filter((row) => !repeats(row));
  if (kept.length < rows.length) console.log(`${rows.length - kept.length} more in:  npm run test:machine:all`);
  return kept;
}

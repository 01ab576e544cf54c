import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { commands } from './commands.ts';
import { faults } from './faults.ts';
import { type Cell, cellsOf, Matrix } from './matrix.ts';
import { openStage, type Recording, record, type Stage } from './recording.ts';

const sampleSize = 6;
/** The same cells each time; another number gives others. */
const seed = 9;

/** Each with another kind of fault, each somewhere else in the run; `npm run test:matrix` runs the others. */
function sampleOf(cells: readonly Cell[]): readonly Cell[] {
  return Array.from({ length: sampleSize }, (_, index) => index + seed).flatMap((turn) => {
    const { name } = faults[(turn * 7) % faults.length] ?? {};
    const possible = cells.filter(({ fault }) => fault.name === name);
    return possible[Math.floor(((turn * 0.618) % 1) * possible.length)] ?? [];
  });
}

describe('a fault at an event of the installation, and then a plain run', () => {
  let stage: Stage;
  let recording: Recording;
  beforeAll(async () => {
    stage = await openStage(commands.install);
    recording = await record(stage, (effect) => effect % 8 === 4);
  }, 300_000);
  afterAll(async () => await stage.close(), 300_000);

  it('are some two thousand cells, of every kind of event and fault', () => {
    const cells = cellsOf(recording);
    expect(recording.events).toBeGreaterThan(200);
    expect(new Set(cells.map(({ moment }) => moment.kind))).toEqual(new Set(['command', 'look', 'file']));
    expect(new Set(cells.map(({ fault }) => fault.name))).toEqual(new Set(faults.map(({ name }) => name)));
    expect(stage.machine.log.surprises).toEqual([]);
  });

  it('comes right in each of a sample', async () => {
    const matrix = new Matrix(stage, recording);
    const verdicts = [];
    for (const cell of sampleOf(cellsOf(recording))) verdicts.push(await matrix.judge(cell));
    expect(new Set(verdicts.map(({ fault }) => fault)).size).toBe(sampleSize);
    expect(verdicts.filter(({ complaints }) => complaints.length > 0)).toEqual([]);
  }, 900_000);
});

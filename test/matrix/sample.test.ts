import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { commands } from './commands.ts';
import { faults } from './faults.ts';
import { type Cell, cellsOf, Matrix, type Verdict } from './matrix.ts';
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
    recording = await record(stage, (effect, { kind }) => effect % 8 === 4 || kind === 'command');
  }, 300_000);
  afterAll(async () => await stage.close(), 300_000);

  it('are some two thousand cells, of every kind of event and fault', () => {
    const cells = cellsOf(recording);
    expect(recording.events).toBeGreaterThan(200);
    expect(new Set(cells.map(({ moment }) => moment.kind))).toEqual(new Set(['command', 'look', 'file']));
    expect(new Set(cells.map(({ fault }) => fault.name))).toEqual(new Set(faults.map(({ name }) => name)));
    expect(stage.machine.log.surprises).toEqual([]);
  });

  const judged = async (cells: readonly Cell[]): Promise<readonly Verdict[]> => {
    const matrix = new Matrix(stage, recording);
    const verdicts = [];
    for (const cell of cells) verdicts.push(await matrix.judge(cell));
    return verdicts;
  };

  it('comes right in each of a sample', async () => {
    const verdicts = await judged(sampleOf(cellsOf(recording)));
    expect(new Set(verdicts.map(({ fault }) => fault)).size).toBe(sampleSize);
    expect(verdicts.filter(({ complaints }) => complaints.length > 0)).toEqual([]);
  }, 900_000);

  it('comes right wherever a command fails that changes something', async () => {
    const failing = cellsOf(recording).filter(
      ({ moment, fault }) => fault.name === 'exits with 97' && moment.kind === 'command',
    );
    expect(failing.length).toBeGreaterThan(15);
    expect((await judged(failing)).filter(({ complaints }) => complaints.length > 0)).toEqual([]);
  }, 900_000);
});

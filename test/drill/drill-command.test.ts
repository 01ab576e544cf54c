import { describe, expect, it } from 'vitest';
import { freshMachine, install, mutatingLines } from '../end-to-end/paper.ts';
import { runInstaller } from '../machine/paper/installer.ts';

describe('a drill', () => {
  it('spends nothing and changes nothing unless somebody agrees', async () => {
    const machine = await freshMachine();
    expect(await install(machine)).toMatchObject({ exitCode: 0 });
    const before = mutatingLines(machine).length;
    const run = await runInstaller(machine, ['drill']);
    expect(run.exitCode).toBe(64);
    expect(run.output.replace(/\s+/g, ' ')).toMatch(/small requests to your cloud.*nobody can agree.*--yes/);
    expect(mutatingLines(machine)).toHaveLength(before);
  });
});

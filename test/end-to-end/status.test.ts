import { appendFileSync, chmodSync, rmSync, writeFileSync } from 'node:fs';
import { beforeAll, describe, expect, it } from 'vitest';
import { type Run, type RunOptions, runInstaller } from '../machine/paper/installer.ts';
import type { PaperMachine } from '../machine/paper/paper-machine.ts';
import { freshMachine, install, mutatingLines, sharedMachine, unwrapped } from './paper.ts';

const status = async (machine: PaperMachine, words: readonly string[] = [], options: RunOptions = {}): Promise<Run> =>
  await runInstaller(machine, ['status', ...words], options);

async function installedMachine(): Promise<PaperMachine> {
  const machine = await sharedMachine();
  const { exitCode, output } = await install(machine);
  expect(exitCode, output).toBe(0);
  return machine;
}

describe('status of an installation', () => {
  let machine: PaperMachine;
  beforeAll(async () => {
    machine = await installedMachine();
  }, 60_000);

  it('tells what is here on one screen, changes nothing and ends with 0', async () => {
    const before = mutatingLines(machine).length;
    const { exitCode, output } = await status(machine);
    console.log(output);
    expect(exitCode, output).toBe(0);
  });
});

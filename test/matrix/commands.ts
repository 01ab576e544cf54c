import { appendFileSync } from 'node:fs';
import { runInstaller } from '../machine/paper/installer.ts';
import type { PaperMachine } from '../machine/paper/paper-machine.ts';

/** A command whose every event meets every fault. */
export interface MatrixCommand {
  /** What stands behind the program's name. */
  readonly words: readonly string[];
  /** Makes a fresh machine one on which the command has something to do. `installing` are the words of an installation. */
  readonly prepare?: (machine: PaperMachine, installing: readonly string[]) => Promise<void>;
}

/** Every command that is enumerated; one that is added here is in the matrix. */
export const commands = {
  install: { words: ['install', '--yes'] },
  update: {
    words: ['update', '--yes'],
    prepare: async (machine, installing) => {
      await installed(machine, installing);
      appendFileSync(machine.onDisk(machine.layout.launchers['claude-local']), '# of an earlier version\n');
      machine.state.claudeVersion = '2.1.329';
    },
  },
  uninstall: { words: ['uninstall', '--yes'], prepare: installed },
  purge: { words: ['uninstall', '--yes', '--purge'], prepare: installed },
} as const satisfies Readonly<Record<string, MatrixCommand>>;

export type CommandName = keyof typeof commands;

async function installed(machine: PaperMachine, installing: readonly string[]): Promise<void> {
  const { exitCode, output } = await runInstaller(machine, installing);
  if (exitCode !== 0) throw new Error(`the installation ended with ${exitCode}:\n${output}`);
}

import { execFileSync } from 'node:child_process';
import { cpSync, existsSync, lstatSync, mkdirSync, readdirSync, rmSync } from 'node:fs';
import { basename, dirname } from 'node:path';
import { readConfig } from './gateway.ts';
import type { MachineState } from './machine-state.ts';
import type { PaperMachine } from './paper-machine.ts';

/** A paper machine as it was at some moment. */
export interface Snapshot {
  /** Makes the machine be so again: files with their times, what it remembers, gateways that run. */
  restore(): Promise<void>;
  discard(): void;
}

let taken = 0;

export function takeSnapshot(machine: PaperMachine): Snapshot {
  taken += 1;
  const copy = `${machine.folder}.${taken}`;
  copyFolder(machine.folder, copy);
  const state = structuredClone(machine.state);
  return {
    restore: async () => {
      empty(machine.folder);
      copyFolder(copy, machine.folder);
      Object.assign(machine.state, structuredClone(state));
      await restoreGateways(machine);
    },
    discard: () => rmSync(copy, { recursive: true, force: true }),
  };
}

/** Takes away every snapshot that was ever taken of a machine. */
export function discardSnapshots({ folder }: PaperMachine): void {
  for (const name of readdirSync(dirname(folder)))
    if (name.startsWith(`${basename(folder)}.`)) rmSync(`${dirname(folder)}/${name}`, { recursive: true, force: true });
}

/** The bus stays: a socket cannot be copied. cp takes a tenth of the time that cpSync takes. */
function copyFolder(from: string, to: string): void {
  const run = `${from}/run`;
  if (existsSync(run)) cpSync(run, `${to}/run`, { ...alike, filter: (path) => !lstatSync(path).isSocket() });
  mkdirSync(to, { recursive: true });
  const others = readdirSync(from).filter((name) => name !== 'run');
  execFileSync('cp', ['--archive', `--target-directory=${to}`, '--', ...others.map((name) => `${from}/${name}`)]);
}

const alike = { recursive: true, preserveTimestamps: true, verbatimSymlinks: true } as const;

function empty(folder: string): void {
  for (const name of readdirSync(folder))
    if (name !== 'run') rmSync(`${folder}/${name}`, { recursive: true, force: true });
}

async function restoreGateways({ machine, state }: PaperMachine): Promise<void> {
  await machine.gateways.closeAll();
  for (const [name, container] of Object.entries((state as MachineState).containers)) {
    const config = readConfig(machine.onDisk(container.config));
    if (!container.running || container.port === undefined || config === undefined) continue;
    await machine.gateways.start(name, {
      port: container.port,
      config,
      environment: container.environment,
      url: machine.url,
    });
  }
}

import { spawnSync } from 'node:child_process';
import { mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { cacheDirectory } from './cache.ts';
import { must } from './command.ts';
import { removeControlGroups } from './control-group.ts';
import { identify, isAlive, killProcess, type ProcessIdentity } from './process-identity.ts';

/**
 * A number that one machine has for itself, with everything on the host that is named after it: a directory, two
 * network namespaces, a link and the subnet 10.77.NUMBER.0/24. What a slot holds can be taken down from its directory alone.
 */
export interface Slot {
  readonly number: number;
  readonly directory: string;
}

interface SlotState {
  readonly owner: ProcessIdentity;
  readonly processes: readonly ProcessIdentity[];
}

const LAST_SLOT = 199;
const GRACE_MS = 60_000;

/** Takes the lowest free number. */
export async function takeSlot(): Promise<Slot> {
  await mkdir(cacheDirectory('runs'), { recursive: true });
  const routes = await must('ip', ['-4', 'route', 'show', 'table', 'all']);
  for (let number = 1; number <= LAST_SLOT; number += 1) {
    const directory = cacheDirectory('runs', String(number));
    if (routes.includes(` 10.77.${number}.`) || routes.startsWith(`10.77.${number}.`) || !claim(directory)) continue;
    const owner = identify(process.pid);
    if (owner === undefined) throw new Error('this process does not find itself in /proc');
    writeState(directory, { owner, processes: [] });
    return { number, directory };
  }
  throw new Error(`no free slot in ${cacheDirectory('runs')}`);
}

/** Notes a process that has to end with the slot. */
export function addProcess(slot: Slot, pid: number): void {
  const process = identify(pid);
  const state = readState(slot.directory);
  if (process === undefined || state === undefined) return;
  writeState(slot.directory, { ...state, processes: [...state.processes.filter(isAlive), process] });
}

/** The names that a slot's pieces of network have. */
export function networkNames(number: number): {
  readonly machine: string;
  readonly wire: string;
  readonly link: string;
} {
  return { machine: `lab${number}`, wire: `lab${number}w`, link: `lab${number}` };
}

/** The name of a slot's control groups. */
export function controlGroupName(number: number): string {
  return `claude-routing-lab-${number}`;
}

/** Takes down all that a slot holds. Synchronous, so that it also works while a process is exiting. */
export function releaseSlot(slot: Slot): void {
  for (const process of readState(slot.directory)?.processes ?? []) killProcess(process);
  const names = networkNames(slot.number);
  endProcessesIn(names.machine);
  for (const namespace of [names.machine, names.wire]) spawnSync('ip', ['netns', 'delete', namespace]);
  spawnSync('ip', ['link', 'delete', names.link]);
  removeControlGroups(controlGroupName(slot.number));
  rmSync(slot.directory, { recursive: true, force: true, maxRetries: 20, retryDelay: 100 });
}

/** The processes that live in a network namespace; none when there is no such namespace. */
export function processesIn(namespace: string): number[] {
  const listed = spawnSync('ip', ['netns', 'pids', namespace], { encoding: 'utf8' });
  return listed.stdout.split('\n').filter(Boolean).map(Number);
}

/** Only the machine lives in its namespace. Ending its first process ends all; the kernel takes a moment for it. */
function endProcessesIn(namespace: string): void {
  for (let attempt = 0; attempt < 100; attempt += 1) {
    const left = processesIn(namespace).flatMap((pid) => identify(pid) ?? []);
    if (left.length === 0) return;
    for (const process of left) killProcess(process);
    spawnSync('sleep', ['0.05']);
  }
}

/** Whether the slot in this directory belongs to a process that is gone. */
export function isAbandoned(directory: string): boolean {
  const state = readState(directory);
  if (state !== undefined) return !isAlive(state.owner);
  return Date.now() - statSync(directory).mtimeMs > GRACE_MS;
}

function claim(directory: string): boolean {
  try {
    mkdirSync(directory);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  }
}

function readState(directory: string): SlotState | undefined {
  try {
    return JSON.parse(readFileSync(join(directory, 'state.json'), 'utf8')) as SlotState;
  } catch {
    return undefined;
  }
}

function writeState(directory: string, state: SlotState): void {
  writeFileSync(join(directory, 'state.json'), JSON.stringify(state));
}

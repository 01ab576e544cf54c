import { type Probe, runVariable } from '../host/host.ts';
import type { Layout } from '../layout.ts';
import { readActionLog } from './action-log.ts';

/** A program that is changing this machine right now. */
export interface AtWork {
  readonly pid: number;
  /** Its short name, e.g. `apt-get`. */
  readonly name: string;
  readonly what: string;
}

/**
 * Who is changing this machine: a package manager, or a program that an earlier run had started and that outlived it.
 * Nothing may be concluded from what is seen meanwhile. Undefined when nobody is.
 */
export async function whoIsAtWork(probe: Probe, layout: Layout, run: string): Promise<AtWork | undefined> {
  return (await packageManagerAtWork(probe)) ?? (await leftAtWork(probe, layout, run));
}

/** Held while packages are installed, unpacked, fetched or listed. Source: apt's debsystem.cc and acquire.cc, dpkg's dbmodify.c. */
const packageLocks = [
  '/var/lib/dpkg/lock-frontend',
  '/var/lib/dpkg/lock',
  '/var/cache/apt/archives/lock',
  '/var/lib/apt/lists/lock',
];

/** The kernel tells everybody who holds a lock; opening the locked file itself would take root. */
async function packageManagerAtWork(probe: Probe): Promise<AtWork | undefined> {
  const locks = await probe.readFile('/proc/locks').catch(() => undefined);
  if (locks === undefined || locks.trim() === '') return undefined;
  const { stdout } = await probe.query({ file: 'stat', args: ['-c', '%i', ...packageLocks] });
  const pid = holderAmong(locks, stdout.split('\n').filter(Boolean));
  return pid === undefined ? undefined : { pid, name: await nameOf(probe, pid), what: 'is changing packages' };
}

/** The process that holds a lock on one of these inodes, in the text of /proc/locks; waiting ones (`->`) hold nothing. Source: proc_locks(5). */
export function holderAmong(locks: string, inodes: readonly string[]): number | undefined {
  for (const line of locks.split('\n')) {
    const [, kind, , , pid, place] = line.trim().split(/\s+/);
    const inode = place?.split(':')[2];
    if (kind === '->' || inode === undefined || !inodes.includes(inode)) continue;
    if (Number(pid) > 0) return Number(pid);
  }
  return undefined;
}

/** Looked for only if the journal ends in the middle of an action: waiting for a program that never ends would be in vain. */
async function leftAtWork(probe: Probe, { journal }: Layout, run: string): Promise<AtWork | undefined> {
  const last = readActionLog(await probe.readFile(journal).catch(() => undefined)).runs.at(-1);
  if (last === undefined || last.id === run || last.exitCode !== undefined) return undefined;
  const open = last.actions.at(-1);
  if (open?.state !== 'unknown' || open.do !== 'run') return undefined;
  const pids = (await probe.list('/proc')).filter((name) => /^\d+$/.test(name)).map(Number);
  for (const pid of pids) {
    const environment = await probe.readFile(`/proc/${pid}/environ`).catch(() => undefined);
    if (environment?.split('\0').includes(`${runVariable}=${last.id}`) !== true) continue;
    const name = await nameOf(probe, pid);
    return { pid, name, what: `was started by the run before this one, which was ended: ${open.what}` };
  }
  return undefined;
}

async function nameOf(probe: Probe, pid: number): Promise<string> {
  return (await probe.readFile(`/proc/${pid}/comm`).catch(() => undefined))?.trim() || 'a program';
}

import { readFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';

/** A process that cannot be mistaken for a later one that happens to get the same number. */
export interface ProcessIdentity {
  readonly pid: number;
  /** Clock ticks since boot at which it started: field 22 of /proc/PID/stat, see proc(5). */
  readonly started: string;
}

/** Who has this number now; undefined when nobody does, or only a zombie. */
export function identify(pid: number): ProcessIdentity | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    const started = fields[19];
    return started === undefined || fields[0] === 'Z' ? undefined : { pid, started };
  } catch {
    return undefined;
  }
}

/** Whether that very process is still running. */
export function isAlive(identity: ProcessIdentity): boolean {
  return identify(identity.pid)?.started === identity.started;
}

/** Ends that very process at once; does nothing when it is gone already. */
export function killProcess(identity: ProcessIdentity, signal: NodeJS.Signals = 'SIGKILL'): void {
  if (!isAlive(identity)) return;
  try {
    process.kill(identity.pid, signal);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}

/** The numbers of a process's children. */
export async function childrenOf(pid: number): Promise<number[]> {
  const children = await readFile(`/proc/${pid}/task/${pid}/children`, 'utf8');
  return children.trim().split(' ').filter(Boolean).map(Number);
}

import { mkdir, open, readFile, rm } from 'node:fs/promises';
import { dirname } from 'node:path';

/** A lock that is ours until it is released. */
export interface Lock {
  release(): Promise<void>;
}

/** Takes the lock file, or tells which process holds it. A lock left behind by a process that is gone is taken over. */
export async function acquireLock(path: string): Promise<Lock | { readonly heldBy: number }> {
  await mkdir(dirname(path), { recursive: true, mode: 0o700 });
  for (let attempt = 0; attempt < 3; attempt += 1) {
    if (await create(path)) return { release: async () => await rm(path, { force: true }) };
    const holder = await readHolder(path);
    if (holder !== undefined) return { heldBy: holder };
    await rm(path, { force: true });
  }
  return { heldBy: 0 };
}

async function create(path: string): Promise<boolean> {
  try {
    const file = await open(path, 'wx', 0o600);
    await file.writeFile(`${process.pid} ${await startTime(process.pid)}\n`);
    await file.close();
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  }
}

/** A process id alone may have been given to somebody else since; with its start time it is unmistakable. */
async function readHolder(path: string): Promise<number | undefined> {
  const [pid = '', started] = (await readFile(path, 'utf8').catch(() => '')).trim().split(' ');
  const now = await startTime(Number(pid));
  return now !== undefined && now === started ? Number(pid) : undefined;
}

/** Clock ticks since boot at which a process started. Source: proc(5), field 22 of /proc/PID/stat. */
async function startTime(pid: number): Promise<string | undefined> {
  const stat = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => undefined);
  return stat?.slice(stat.lastIndexOf(')') + 2).split(' ')[19];
}

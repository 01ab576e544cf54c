import { randomBytes } from 'node:crypto';
import { access, link, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { failure, type Result, success } from '../problem.ts';
import { makeFolders, toldOf } from './files/file-writing.ts';

/** A lock that is ours until it is released. */
export interface Lock {
  release(): Promise<void>;
}

/** The process that holds a lock; 0 if it is not known. */
interface LockHeld {
  readonly heldBy: number;
}

/** Takes the lock file, or tells which process holds it. A lock left behind by a process that is gone is taken over. */
export async function acquireLock(path: string): Promise<Result<Lock, LockHeld>> {
  await makeFolders(dirname(path), 0o700);
  for (let attempt = 0; attempt < 3; attempt += 1) {
    if (await create(path)) return success({ release: async () => await rm(path, { force: true }) });
    const holder = await lockHolder(path);
    if (holder !== undefined) return failure({ heldBy: holder });
    await takeAway(path);
  }
  return failure({ heldBy: 0 });
}

/**
 * The process that holds a lock; undefined when nobody does. Takes nothing. A process id alone may have been given to somebody
 * else since; with its start time it is unmistakable.
 */
export async function lockHolder(path: string): Promise<number | undefined> {
  const [pid = '', started] = (await readFile(path, 'utf8').catch(() => '')).trim().split(' ');
  const now = await startTime(Number(pid));
  return now !== undefined && now === started ? Number(pid) : undefined;
}

/** Removes a lock whose process is gone. A held one stays, and so does one that cannot be removed: whoever needs the lock will say so. */
export async function clearLeftLock(path: string): Promise<void> {
  const there = await access(path).then(
    () => true,
    () => false,
  );
  if (there && (await lockHolder(path)) === undefined) await takeAway(path).catch(() => undefined);
}

/** The file appears under its name with its text in it: nobody ever sees an empty lock and takes it for one left behind. */
async function create(path: string): Promise<boolean> {
  const draft = draftOf(path);
  try {
    await writeFile(draft, `${process.pid} ${await startTime(process.pid)}\n`, { mode: 0o600, flag: 'wx' });
    await link(draft, path);
    return true;
  } catch (error) {
    // A draft that is gone was cleared by the run that holds the lock.
    if (['EEXIST', 'ENOENT'].includes((error as NodeJS.ErrnoException).code ?? '')) return false;
    throw toldOf(path, error);
  } finally {
    await rm(draft, { force: true });
  }
}

/** Removes a lock that was left behind; puts it back if somebody else was quicker and it is theirs by now. */
async function takeAway(path: string): Promise<void> {
  const aside = draftOf(path);
  try {
    await rename(path, aside);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return;
    throw toldOf(path, error);
  }
  if ((await lockHolder(aside)) !== undefined) await link(aside, path).catch(() => undefined);
  await rm(aside, { force: true }).catch(async (error: unknown) => {
    // Not a lock at all, perhaps a folder: it stays where it is.
    await rename(aside, path).catch(() => undefined);
    throw toldOf(path, error);
  });
}

function draftOf(path: string): string {
  return `${path}.${randomBytes(4).toString('hex')}`;
}

async function startTime(pid: number): Promise<string | undefined> {
  return startTimeIn(await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => undefined));
}

/** Clock ticks since boot at which a process started, from its /proc/PID/stat. Source: proc(5), field 22. */
export function startTimeIn(stat: string | undefined): string | undefined {
  return stat?.slice(stat.lastIndexOf(')') + 2).split(' ')[19];
}

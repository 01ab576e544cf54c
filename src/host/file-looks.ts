import { constants, type Stats } from 'node:fs';
import { lstat, open, readlink, realpath, stat } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import type { FileStat } from './host.ts';

/** No file that this program reads comes near it, and a string of the runtime holds no more than half a gigabyte. */
const largestBytes = 400_000_000;

/** What stands at a path, through links; undefined where nothing does. */
export async function lookAtPath(path: string): Promise<FileStat | undefined> {
  const found = await lstat(path).catch(noneIfMissing);
  if (found === undefined) return undefined;
  return found.isSymbolicLink() ? await behindLink(path, found) : statOf(found);
}

async function behindLink(path: string, link: Stats): Promise<FileStat> {
  try {
    return { ...statOf(await stat(path)), link: await realpath(path) };
  } catch (error) {
    const reasons = { ENOENT: 'missing', ENOTDIR: 'missing', ELOOP: 'loop', EACCES: 'closed' } as const;
    const broken = reasons[(error as NodeJS.ErrnoException).code as keyof typeof reasons];
    if (broken === undefined) throw error;
    const points = resolve(dirname(path), await readlink(path));
    return { ...statOf(link), mode: 0, link: points, broken };
  }
}

function statOf(found: Stats): FileStat {
  const kinds = [
    ['file', found.isFile()],
    ['directory', found.isDirectory()],
    ['socket', found.isSocket()],
    ['link', found.isSymbolicLink()],
  ] as const;
  const kind = kinds.find(([, matches]) => matches)?.[0] ?? 'other';
  return { kind, mode: found.mode & 0o7777, uid: found.uid, size: found.size, changedAt: found.mtimeMs };
}

/** See `Probe.readFile`. Opened without waiting: whoever opens a pipe waits for its writer, for ever perhaps. */
export async function readPlainFile(path: string): Promise<string | undefined> {
  const flags = constants.O_RDONLY | constants.O_NONBLOCK | constants.O_NOCTTY;
  const file = await open(path, flags).catch(noneIfNoFile);
  if (file === undefined) return undefined;
  try {
    const found = await file.stat();
    if (!found.isFile()) return undefined;
    if (found.size > largestBytes) throw tooLarge(path, found.size);
    return await file.readFile('utf8');
  } finally {
    await file.close();
  }
}

function tooLarge(path: string, bytes: number): NodeJS.ErrnoException {
  const words = `EFBIG: a file of ${Math.round(bytes / 1_000_000)} MB is too large to be read, open '${path}'`;
  return Object.assign(new Error(words), { code: 'EFBIG', path, syscall: 'open' });
}

/** ENXIO is what opening a socket gives. */
function noneIfNoFile(error: NodeJS.ErrnoException): undefined {
  return ['EISDIR', 'ENXIO'].includes(error.code ?? '') ? undefined : noneIfMissing(error);
}

/** Undefined where nothing is, or only a link to itself; every other failure is thrown on. */
export function noneIfMissing(error: NodeJS.ErrnoException): undefined {
  if (['ENOENT', 'ENOTDIR', 'ELOOP'].includes(error.code ?? '')) return undefined;
  throw error;
}

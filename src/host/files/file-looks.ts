import { constants, type Stats } from 'node:fs';
import { access, type FileHandle, lstat, open, readlink, realpath, stat } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import type { FileStat } from '../host.ts';

/** No file that this program reads comes near it, and a string of the runtime holds no more than half a gigabyte. */
const largestBytes = 400_000_000;

/** What stands at a path, through links; undefined where nothing does. */
export async function lookAtPath(path: string): Promise<FileStat | undefined> {
  const found = await lstat(path).catch(noneIfMissing);
  if (found === undefined) return undefined;
  return found.isSymbolicLink() ? await behindLink(path, found) : await withClosed(path, found);
}

async function behindLink(path: string, link: Stats): Promise<FileStat> {
  try {
    // An open descriptor below /dev/fd leads to something that has no path.
    return {
      ...(await withClosed(path, await stat(path))),
      link: await realpath(path).catch(async () => await pointsTo(path)),
    };
  } catch (error) {
    const reasons = { ENOENT: 'missing', ENOTDIR: 'missing', ELOOP: 'loop', EACCES: 'closed' } as const;
    const broken = reasons[(error as NodeJS.ErrnoException).code as keyof typeof reasons];
    if (broken === undefined) throw error;
    return { ...statOf(link), mode: 0, link: await pointsTo(path), broken };
  }
}

async function withClosed(path: string, found: Stats): Promise<FileStat> {
  if (!found.isDirectory()) return statOf(found);
  const reasons = { EACCES: 'permission', EPERM: 'permission', EROFS: 'read-only' } as const;
  const refused = await access(path, constants.W_OK | constants.X_OK).catch((error: NodeJS.ErrnoException) => error);
  const closed = reasons[refused?.code as keyof typeof reasons];
  return { ...statOf(found), ...(closed === undefined ? {} : { closed }) };
}

async function pointsTo(path: string): Promise<string> {
  return resolve(dirname(path), await readlink(path));
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

/** What a shell opened for this program: its standard input, `<(command)`. */
const descriptor = /^\/(?:dev\/stdin|dev\/fd\/\d+|proc\/self\/fd\/\d+)$/;
const largestPipedBytes = 10_000_000;

/** See `Probe.readFile`. Opened without waiting: whoever opens a pipe by its name waits for a writer, for ever perhaps. */
export async function readPlainFile(path: string): Promise<string | undefined> {
  const isOpen = descriptor.test(path);
  const flags = constants.O_RDONLY | constants.O_NOCTTY | (isOpen ? 0 : constants.O_NONBLOCK);
  const file = await open(path, flags).catch(noneIfNoFile);
  if (file === undefined) return undefined;
  try {
    const found = await file.stat();
    if (isOpen && found.isFIFO()) return await readPipe(path, file);
    if (!found.isFile()) return undefined;
    if (found.size > largestBytes) throw tooLarge(path, found.size);
    return await file.readFile('utf8');
  } finally {
    await file.close();
  }
}

async function readPipe(path: string, file: FileHandle): Promise<string> {
  const pieces: Buffer[] = [];
  for (let read = 0; ; ) {
    const { bytesRead, buffer } = await file.read(Buffer.alloc(65_536));
    if (bytesRead === 0) return Buffer.concat(pieces).toString('utf8');
    read += bytesRead;
    if (read > largestPipedBytes) throw tooLarge(path, read);
    pieces.push(buffer.subarray(0, bytesRead));
  }
}

function tooLarge(path: string, bytes: number): NodeJS.ErrnoException {
  const words = `EFBIG: a file of ${Math.round(bytes / 1_000_000)} MB is too large to be read, open '${path}'`;
  return Object.assign(new Error(words), { code: 'EFBIG', path, syscall: 'open' });
}

/** ENXIO is what opening a socket gives. */
export function noneIfNoFile(error: NodeJS.ErrnoException): undefined {
  return ['EISDIR', 'ENXIO'].includes(error.code ?? '') ? undefined : noneIfMissing(error);
}

/** Undefined where nothing is, or only a link to itself; every other failure is thrown on. */
export function noneIfMissing(error: NodeJS.ErrnoException): undefined {
  if (['ENOENT', 'ENOTDIR', 'ELOOP'].includes(error.code ?? '')) return undefined;
  throw error;
}

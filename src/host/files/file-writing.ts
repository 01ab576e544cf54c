import { randomBytes } from 'node:crypto';
import { mkdir, stat } from 'node:fs/promises';
import { dirname } from 'node:path';

/**
 * Makes a folder with this mode, and those above it that are missing. Node's own `recursive` says of a disk that can only be
 * read that the folder does not exist, and of a file in its place that it is there already.
 */
export async function makeFolders(path: string, mode: number): Promise<void> {
  try {
    await mkdir(path, { mode });
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'EEXIST') return await requireFolder(path);
    if (code !== 'ENOENT' || dirname(path) === path) throw error;
    await makeFolders(dirname(path), mode);
    await mkdir(path, { mode }).catch(async (again: NodeJS.ErrnoException) => {
      // Somebody else was quicker.
      if (again.code !== 'EEXIST') throw again;
      await requireFolder(path);
    });
  }
}

async function requireFolder(path: string): Promise<void> {
  if ((await stat(path)).isDirectory()) return;
  const message = `ENOTDIR: not a directory, mkdir '${path}'`;
  throw Object.assign(new Error(message), { code: 'ENOTDIR', syscall: 'mkdir', path });
}

/**
 * What the system refused, told of the name that a person knows: of an open file it names none, and of a draft one that is
 * gone by then.
 */
export function toldOf(path: string, error: unknown): unknown {
  if (!(error instanceof Error) || !('code' in error)) return error;
  const said = error.message.replace(/ '[^']*'( -> '[^']*')?$/, '');
  return Object.assign(error, { path, message: `${said} '${path}'` });
}

/** The name under which a new text is written before it takes its place: beside it, in the same folder. */
export function draftName(path: string): string {
  return `${path}.${draftMark()}.new`;
}

/** What tells one draft from another. */
export function draftMark(): string {
  return randomBytes(4).toString('hex');
}

/** The name that a draft was to get, where `name` is one of a draft. */
export function intendedName(name: string): string | undefined {
  return /^(.+)\.[0-9a-f]{8}\.new$/s.exec(name)?.[1];
}

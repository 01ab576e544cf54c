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

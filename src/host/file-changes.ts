import { randomBytes } from 'node:crypto';
import { constants } from 'node:fs';
import { chmod, copyFile, lstat, mkdir, open, readlink, realpath, rename, rm, stat } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import type { Command, CommandResult, MakeDirectory, Performed, RemoveFile, WriteFile } from './host.ts';
import { revealed } from './secret.ts';

export interface FileChangesOptions {
  readonly uid: number;
  readonly backupFolder: string;
  /** Where a path really is. */
  readonly onDisk: (path: string) => string;
  /** Runs a program as root with a text on its standard input. */
  readonly asRoot: (command: Command, input: string) => Promise<CommandResult>;
}

export interface FileChanges {
  write(effect: WriteFile): Promise<Performed>;
  makeDirectory(effect: MakeDirectory): Promise<Performed>;
  remove(effect: RemoveFile): Promise<Performed>;
}

/** A new file appears under a name of its own and is then renamed: whoever reads sees the old text or the new one, never half. */
const writeAsRoot = 'umask 077; set -e; cat > "$1.new"; chmod "$2" "$1.new"; mv -f "$1.new" "$1"';

/** Writes, makes and removes files; whatever stood there before is kept in the backup folder first. */
export function changeFiles(options: FileChangesOptions): FileChanges {
  const byRoot = (effect: { sudo?: boolean }) => effect.sudo === true && options.uid !== 0;
  return {
    async write(effect) {
      const backup = effect.disposable === true ? {} : await keepBackup(effect.path, options);
      const content = revealed(effect.content);
      const mode = effect.mode.toString(8);
      if (byRoot(effect)) await rootly(options, ['sh', '-c', writeAsRoot, 'sh', effect.path, mode], content);
      else await writeAtomically(await throughLinks(options.onDisk(effect.path)), content, effect.mode);
      return backup;
    },
    async makeDirectory(effect) {
      if (byRoot(effect)) await rootly(options, ['install', '-d', '-m', effect.mode.toString(8), effect.path]);
      else await makeOwnDirectory({ ...effect, path: options.onDisk(effect.path) });
      return {};
    },
    async remove(effect) {
      const backup = effect.disposable === true ? {} : await keepBackup(effect.path, options);
      if (byRoot(effect)) await rootly(options, ['rm', '-f', effect.path]);
      else await rm(options.onDisk(effect.path), { force: true });
      return backup;
    },
  };
}

async function makeOwnDirectory({ path, mode }: MakeDirectory): Promise<void> {
  await mkdir(path, { recursive: true, mode });
  await chmod(path, mode);
}

async function rootly(options: FileChangesOptions, words: readonly string[], input = ''): Promise<void> {
  const [file = '', ...args] = words;
  const result = await options.asRoot({ file, args, sudo: true }, input);
  if (result.exitCode !== 0) throw new Error(result.stderr.trim() || `${file} ended with exit code ${result.exitCode}`);
}

/** A person may keep a dotfile as a link into a repository: the file behind the link is written, the link stays. */
async function throughLinks(path: string): Promise<string> {
  const found = await lstat(path).catch(() => undefined);
  if (found?.isSymbolicLink() !== true) return path;
  return await realpath(path).catch(async () => resolve(dirname(path), await readlink(path)));
}

async function writeAtomically(path: string, content: string, mode: number): Promise<void> {
  const draft = `${path}.${randomBytes(4).toString('hex')}.new`;
  try {
    const file = await open(draft, 'wx', 0o600);
    try {
      await file.writeFile(content);
      await file.chmod(mode);
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(draft, path);
  } catch (error) {
    await rm(draft, { force: true });
    throw error;
  }
}

/** The copy keeps path and mode below the run's folder, which is closed to everybody else because it may hold keys: the copy alone is enough to put the file back. */
async function keepBackup(path: string, { backupFolder, onDisk }: FileChangesOptions): Promise<Performed> {
  const found = await stat(onDisk(path)).catch(() => undefined);
  if (found?.isFile() !== true) return {};
  const backup = `${backupFolder}${path}`;
  await mkdir(onDisk(dirname(backup)), { recursive: true, mode: 0o700 });
  try {
    await copyFile(onDisk(path), onDisk(backup), constants.COPYFILE_EXCL);
    await chmod(onDisk(backup), found.mode & 0o777);
  } catch (error) {
    // Written twice in one run: the first copy is what was there before us, so it stays.
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
  }
  return { backup };
}

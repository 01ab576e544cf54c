import { constants } from 'node:fs';
import { chmod, copyFile, link, open, rename, rm, stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { Command, CommandResult, MakeDirectory, Performed, RemoveFile, WriteFile } from '../host.ts';
import { revealed } from '../secret.ts';
import { lookAtPath, noneIfMissing } from './file-looks.ts';
import { draftMark, draftName, makeFolders, toldOf } from './file-writing.ts';

interface FileChangesOptions {
  readonly uid: number;
  readonly backupFolder: string;
  /** Where a path really is. */
  readonly onDisk: (path: string) => string;
  /** Runs a program with a text on its standard input. */
  readonly run: (command: Command, input?: string) => Promise<CommandResult>;
}

export interface FileChanges {
  write(effect: WriteFile): Promise<Performed>;
  makeDirectory(effect: MakeDirectory): Promise<Performed>;
  remove(effect: RemoveFile): Promise<Performed>;
}

/**
 * A new file appears under a name of its own, is on the disk, and is then renamed: whoever reads sees the old text or the
 * new one, never half. A link keeps its place; owner, ACL and extended attributes of what stood there are the new one's, too.
 * A file with several names would lose them, so its text is replaced where it is.
 */
const writeAsRoot = [
  'umask 077; set -e; to=$(readlink -f -- "$1"); draft=$to.$3.new; trap \'rm -f -- "$draft"\' EXIT',
  ': > "$draft"; if [ -f "$to" ]; then cp --attributes-only --preserve=all -- "$to" "$draft"; fi',
  'chmod "$2" "$draft"; cat > "$draft"; sync -- "$draft"',
  'if [ -f "$to" ] && [ "$(stat -c %h -- "$to")" -gt 1 ]; then cat "$draft" > "$to"; chmod "$2" "$to"; sync -- "$to"',
  'else mv -fT -- "$draft" "$to"; fi',
].join('\n');

/** Writes, makes and removes files; whatever stood there before is kept in the backup folder first. */
export function changeFiles(options: FileChangesOptions): FileChanges {
  const byRoot = (effect: { sudo?: boolean }) => effect.sudo === true && options.uid !== 0;
  return {
    async write(effect) {
      const backup = effect.disposable === true ? {} : await keepBackup(effect.path, options);
      const content = revealed(effect.content);
      const mode = effect.mode.toString(8);
      if (byRoot(effect))
        await asRoot(options, ['sh', '-c', writeAsRoot, 'sh', effect.path, mode, draftMark()], content);
      else await writeWhole(await throughLinks(options.onDisk(effect.path)), content, effect.mode, options);
      return backup;
    },
    async makeDirectory(effect) {
      if (byRoot(effect)) await asRoot(options, ['install', '-d', '-m', effect.mode.toString(8), effect.path]);
      else await makeOwnDirectory({ ...effect, path: options.onDisk(effect.path) });
      return {};
    },
    async remove(effect) {
      const backup = effect.disposable === true ? {} : await keepBackup(effect.path, options);
      const path = options.onDisk(effect.path);
      const found = await lookAtPath(path).catch(() => undefined);
      // What was written through a link is behind it, and would stay there.
      const behind = found?.kind === 'file' && found.link !== undefined ? [found.link] : [];
      if (byRoot(effect)) await asRoot(options, ['rm', '-f', ...behind, effect.path]);
      else for (const place of [...behind, path]) await rm(place, { force: true });
      return backup;
    },
  };
}

async function makeOwnDirectory({ path, mode }: MakeDirectory): Promise<void> {
  await makeFolders(path, mode);
  await chmod(path, mode);
}

async function asRoot(options: FileChangesOptions, words: readonly string[], input = ''): Promise<void> {
  const [file = '', ...args] = words;
  const result = await options.run({ file, args, sudo: true }, input);
  if (result.exitCode !== 0) throw new Error(result.stderr.trim() || `${file} ended with exit code ${result.exitCode}`);
}

/** A person may keep a dotfile as a link into a repository: the file behind the link is written, the link stays. */
async function throughLinks(path: string): Promise<string> {
  const found = await lookAtPath(path);
  if (found?.broken !== undefined) throw new Error(`${path} is a link that leads nowhere: ${found.link}`);
  return found?.link ?? path;
}

/** The same without root. */
async function writeWhole(path: string, content: string, mode: number, options: FileChangesOptions): Promise<void> {
  const draft = draftName(path);
  try {
    const present = await stat(path).catch(noneIfMissing);
    await writeText(draft, 'wx', content, mode, async () => {
      if (present?.isFile() === true) await likeFormer(path, draft, options);
    });
    if (present?.isFile() !== true || present.nlink === 1) await rename(draft, path);
    else await writeText(path, 'r+', content, mode);
    await rm(draft, { force: true });
  } catch (error) {
    await rm(draft, { force: true }).catch(() => undefined);
    throw toldOf(path, error);
  }
}

async function writeText(
  path: string,
  flags: 'wx' | 'r+',
  content: string,
  mode: number,
  prepare: () => Promise<void> = async () => undefined,
): Promise<void> {
  const file = await open(path, flags, 0o600);
  try {
    await prepare();
    // Before the text, which may be secret.
    await file.chmod(mode);
    await file.truncate();
    await file.writeFile(content);
    await file.sync();
  } finally {
    await file.close();
  }
}

/** Owner, ACL and extended attributes; what this account may not give away stays its own. */
async function likeFormer(path: string, draft: string, { run }: FileChangesOptions): Promise<void> {
  const args = ['--attributes-only', '--preserve=all', '--', path, draft];
  const { exitCode, stderr } = await run({ file: 'cp', args });
  // Where there is no such program nothing could have given the file any.
  if (exitCode !== 0 && exitCode !== 127) throw new Error(`${path} would lose its attributes: ${stderr.trim()}`);
}

/** The copy keeps path and mode below the run's folder, which is closed to everybody else because it may hold keys: the copy alone is enough to put the file back. */
async function keepBackup(path: string, { backupFolder, onDisk }: FileChangesOptions): Promise<Performed> {
  const found = await stat(onDisk(path)).catch(() => undefined);
  if (found?.isFile() !== true) return {};
  const backup = `${backupFolder}${path}`;
  await makeFolders(onDisk(dirname(backup)), 0o700);
  await copyWhole(onDisk(path), onDisk(backup), found.mode & 0o777);
  return { backup };
}

/** The copy has its name only once it is whole: half of it would pass for what stood there before. */
async function copyWhole(path: string, copy: string, mode: number): Promise<void> {
  const draft = draftName(copy);
  try {
    await copyFile(path, draft, constants.COPYFILE_EXCL);
    const file = await open(draft, 'r');
    try {
      await file.chmod(mode);
      await file.sync();
    } finally {
      await file.close();
    }
    await link(draft, copy);
  } catch (error) {
    // Written twice in one run: the first copy is what was there before us, so it stays.
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw toldOf(copy, error);
  } finally {
    await rm(draft, { force: true });
  }
}

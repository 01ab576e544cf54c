import type { Step } from '../engine/step.ts';
import type { Probe } from '../host/host.ts';
import { Secret } from '../host/secret.ts';
import type { Layout } from '../layout.ts';
import type { Resource } from '../resources/resource.ts';
import { shellWord } from '../shell/word.ts';
import { type BackupFile, type Original, readBackup } from './backups.ts';
import { copyBack } from './former-file.ts';

/** A backup that was looked at. */
type ReadBackup = BackupFile & Pick<Original, 'text' | 'mode' | 'lost'>;

/** Texts and modes of backups. */
export async function readBackups(probe: Probe, files: readonly BackupFile[]): Promise<readonly ReadBackup[]> {
  const read = files.map(async (file) => ({ text: '', mode: 0o600, ...(await readBackup(probe, file)), ...file }));
  return await Promise.all(read);
}

/** Puts files back as they were kept, text and mode; what stands there now is kept in turn, so that this can be undone. */
export function putBack(files: readonly ReadBackup[], layout: Layout): Step<undefined> {
  return {
    id: 'restore',
    title: 'put back',
    guidePhase: 'phase 8',
    why: 'Files as an earlier run found them.',
    resources: () => files.map((file) => wish(file, layout)),
  };
}

function wish(file: ReadBackup, layout: Layout): Resource {
  const { path, text, mode } = file;
  if (text === undefined) return byHand(file, layout);
  return {
    kind: 'file',
    id: `put-back:${path}`,
    title: path,
    path,
    mode,
    content: path === layout.secretsFile ? new Secret(text) : text,
    ...(isRoots(path, layout) ? { sudo: true } : {}),
  };
}

/** Text is what this program compares and writes; other bytes are better copied, and so is what it may not read. */
function byHand({ path, backup, mode, lost }: ReadBackup, layout: Layout): Resource {
  const { command = `ls -ld ${shellWord(backup)}` } = copyBack(
    path,
    { backup, mode, text: undefined, ...(lost === undefined ? {} : { lost }) },
    isRoots(path, layout),
  );
  const damaged = lost?.copiedBy === 'cp -p';
  return {
    kind: 'script',
    id: `put-back:${path}`,
    title: path,
    inspect: async () => ({
      status: 'blocked',
      code: damaged ? 'not-utf8' : 'file-unreadable',
      problem: damaged ? `${backup} is not UTF-8 text and cannot be shown or compared` : `${path}: ${lost?.why}`,
      fix: lost?.copiedBy === undefined ? `see what it is:  ${command}` : `copy it back:  ${command}`,
    }),
  };
}

function isRoots(path: string, { home }: Layout): boolean {
  return !path.startsWith(`${home}/`);
}

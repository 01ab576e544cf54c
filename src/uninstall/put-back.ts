import type { Step } from '../engine/step.ts';
import type { Probe } from '../host/host.ts';
import { Secret } from '../host/secret.ts';
import type { Layout } from '../layout.ts';
import { isDamaged } from '../resources/file.ts';
import type { Resource } from '../resources/resource.ts';
import type { BackupFile } from './backups.ts';

/** A backup that was read. */
interface ReadBackup extends BackupFile {
  readonly text: string;
  readonly mode: number;
}

/** Texts and modes of backups. */
export async function readBackups(probe: Probe, files: readonly BackupFile[]): Promise<readonly ReadBackup[]> {
  return await Promise.all(
    files.map(async (file) => {
      const [text, stat] = await Promise.all([probe.readFile(file.backup), probe.stat(file.backup)]);
      return { ...file, text: text ?? '', mode: stat?.mode ?? 0o600 };
    }),
  );
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

function wish({ path, backup, text, mode }: ReadBackup, layout: Layout): Resource {
  if (isDamaged(text)) return bytes(path, backup, layout);
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

/** Text is what this program compares and writes; other bytes are better copied. */
function bytes(path: string, backup: string, layout: Layout): Resource {
  return {
    kind: 'script',
    id: `put-back:${path}`,
    title: path,
    inspect: async () => ({
      status: 'blocked',
      code: 'not-utf8',
      problem: `${backup} is not UTF-8 text and cannot be shown or compared`,
      fix: `copy it back:  ${isRoots(path, layout) ? 'sudo ' : ''}cp -p ${backup} ${path}`,
    }),
  };
}

function isRoots(path: string, { home }: Layout): boolean {
  return !path.startsWith(`${home}/`);
}

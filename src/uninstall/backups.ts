import { type ActionLog, type ActionRecord, type PastRun, sha256 } from '../engine/action-log.ts';
import { refusalIn, refusalProblem } from '../engine/errno.ts';
import { intendedName } from '../host/files/file-writing.ts';
import type { Probe } from '../host/host.ts';
import type { Layout } from '../layout.ts';
import { filesBelow, isDamaged } from '../resources/file.ts';

/** A file as it stood before this program wrote to its path. */
export interface Original {
  readonly backup: string;
  /** Undefined where it cannot be had; see `lost`. */
  readonly text: string | undefined;
  readonly mode: number;
  /** Why this program cannot put it back, and how to copy it by hand if that helps. */
  readonly lost?: { readonly why: string; readonly copiedBy?: 'cp -p' | 'sudo cp' };
}

/** A run that kept what it replaced. */
export interface BackupRun {
  /** Name of the run in the journal and of its folder. */
  readonly id: string;
  readonly files: readonly BackupFile[];
}

export interface BackupFile {
  /** Where it stood. */
  readonly path: string;
  readonly backup: string;
}

/** Every run that kept something, oldest first. */
export async function backupRuns(probe: Probe, { backupsDir }: Layout): Promise<readonly BackupRun[]> {
  const ids = [...(await probe.list(backupsDir))].sort();
  const runs = await Promise.all(ids.map(async (id) => ({ id, files: await filesOf(probe, `${backupsDir}/${id}`) })));
  return runs.filter(({ files }) => files.length > 0);
}

async function filesOf(probe: Probe, folder: string): Promise<readonly BackupFile[]> {
  const backups = (await filesBelow(probe, folder)).filter((path) => intendedName(path) === undefined);
  return [...backups].sort().map((backup) => ({ backup, path: backup.slice(folder.length) }));
}

/** Commands that put back what is the person's: what they write is not ours, and what they replace was not there before us. */
const puttingBack = ['restore', 'uninstall'];

/**
 * What stood at each path before us: the earliest backup since the last uninstallation that came to its end, unless an earlier
 * run had written there already. What that one replaced would have a backup of its own, so nothing did stand there.
 */
export async function originalsOf(
  probe: Probe,
  layout: Layout,
  history: ActionLog,
): Promise<ReadonlyMap<string, Original>> {
  const installed = sinceUninstalled(history.runs, history);
  const found = sinceUninstalled(await backupRuns(probe, layout), history);
  const firsts = new Map<string, BackupFile & { readonly run: string }>();
  for (const { id, files } of await withHidden(probe, found, installed))
    for (const file of files) if (!firsts.has(file.path)) firsts.set(file.path, { ...file, run: id });
  const originals = await Promise.all(
    [...firsts.values()].map(async (file) => {
      const written = writtenBefore(installed, file.path, file.run);
      const original = written.some(({ state }) => state === 'done') ? undefined : await readBackup(probe, file);
      // A run that was cut off may have written or not: by its text.
      const isOurs = original !== undefined && written.some((action) => action.sha256 === sha256(original.text ?? ''));
      return original === undefined || isOurs ? [] : [[file.path, original] as const];
    }),
  );
  return new Map(originals.flat());
}

/** What runs before that one wrote, or may have written, to a path, and did not take away again. */
function writtenBefore(runs: readonly PastRun[], path: string, run: string): readonly ActionRecord[] {
  const earlier = runs.filter(({ id }) => id < run).flatMap(({ actions }) => actions);
  const here = earlier.filter((action) => action.path === path && action.state !== 'failed');
  const removed = here.findLastIndex((action) => action.do === 'remove' && action.state === 'done');
  return here.slice(removed + 1).filter((action) => action.do === 'write');
}

/** The runs that installed, of the time since nothing was installed. Folders sort by time, so that this works without a journal. */
export function sinceUninstalled<Run extends { readonly id: string }>(
  runs: readonly Run[],
  history: ActionLog,
): readonly Run[] {
  const others = history.runs.filter(({ command }) => puttingBack.includes(command ?? ''));
  const last = others.findLast(({ command, exitCode }) => command === 'uninstall' && exitCode === 0);
  return runs.filter(({ id }) => !others.some((run) => run.id === id) && (last === undefined || id > last.id));
}

/** What was kept where this account may not look, or where something else stands by now, only the journal tells. */
async function withHidden(
  probe: Probe,
  found: readonly BackupRun[],
  past: readonly PastRun[],
): Promise<readonly BackupRun[]> {
  const seen = new Set(found.flatMap(({ files }) => files.map(({ backup }) => backup)));
  const hidden = past.map(async ({ id, actions }) => {
    const kept = actions.flatMap(({ path = '', backup = '' }) =>
      backup === '' || seen.has(backup) ? [] : [{ path, backup }],
    );
    const there = await Promise.all(
      kept.map(async (file) => ((await readBackup(probe, file)) === undefined ? [] : [file])),
    );
    return { id, files: there.flat() };
  });
  return [...found, ...(await Promise.all(hidden))].sort((a, b) => (a.id < b.id ? -1 : 1));
}

/** A backup with its text, or with the reason why there is none; undefined where nothing is. */
export async function readBackup(probe: Probe, { backup }: BackupFile): Promise<Original | undefined> {
  try {
    const [text, stat] = await Promise.all([probe.readFile(backup), probe.stat(backup)]);
    if (stat === undefined) return undefined;
    const { kind, mode } = stat;
    if (text === undefined || kind !== 'file')
      return {
        backup,
        mode,
        text: undefined,
        lost: { why: `${backup}, which held what was there before, is not a file` },
      };
    if (!isDamaged(text)) return { backup, mode, text };
    const why = 'what was there before is not UTF-8 text';
    return { backup, mode, text: undefined, lost: { why, copiedBy: 'cp -p' } };
  } catch (error) {
    const refusal = refusalIn(error);
    if (refusal === undefined) throw error;
    const why = `what was there before cannot be read: ${refusalProblem({ ...refusal, path: backup }).problem}`;
    // Without -p, the present file's owner and mode stay.
    return { backup, mode: 0o600, text: undefined, lost: { why, copiedBy: 'sudo cp' } };
  }
}

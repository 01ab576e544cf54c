import { type ActionLog, type ActionRecord, type PastRun, sha256 } from '../engine/action-log.ts';
import { intendedName } from '../host/files/file-writing.ts';
import type { Probe } from '../host/host.ts';
import type { Layout } from '../layout.ts';
import { filesBelow } from '../resources/files-below.ts';

/** A file as it stood before this program wrote to its path. */
export interface Original {
  readonly backup: string;
  readonly text: string;
  readonly mode: number;
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
  const firsts = new Map<string, BackupFile & { readonly run: string }>();
  for (const { id, files } of sinceUninstalled(await backupRuns(probe, layout), history))
    for (const file of files) if (!firsts.has(file.path)) firsts.set(file.path, { ...file, run: id });
  const installed = sinceUninstalled(history.runs, history);
  const originals = await Promise.all(
    [...firsts.values()].map(async (file) => {
      const written = writtenBefore(installed, file.path, file.run);
      const original = written.some(({ state }) => state === 'done') ? undefined : await read(probe, file);
      // A run that was cut off may have written or not: by its text.
      const isOurs = original !== undefined && written.some((action) => action.sha256 === sha256(original.text));
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

async function read(probe: Probe, { backup }: BackupFile): Promise<Original | undefined> {
  const [text, stat] = await Promise.all([probe.readFile(backup), probe.stat(backup)]);
  if (text === undefined || stat === undefined) return undefined;
  return { backup, text, mode: stat.mode };
}

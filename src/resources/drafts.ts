import { basename, dirname } from 'node:path';
import { intendedName } from '../host/files/file-writing.ts';
import type { Effect, Probe } from '../host/host.ts';
import { startTimeIn } from '../host/lock.ts';
import { filesBelow } from './file.ts';
import type { ScriptResource } from './resource.ts';

/** Where drafts may have been left. */
interface DraftPlaces {
  /** What is below it is the account's own; the rest is root's. */
  readonly home: string;
  /** Paths at which something is, or was, written: drafts stand beside them. */
  readonly written: readonly string[];
  readonly backupsDir: string;
  readonly lockFile: string;
}

/** Removes the drafts of runs that were killed. */
export function clearedDrafts(places: DraftPlaces): ScriptResource {
  return {
    kind: 'script',
    id: 'drafts-of-a-run-that-was-cut-off',
    title: 'drafts of an interrupted run',
    inspect: async (probe) => {
      const left = await draftsLeft(probe, places);
      if (left.length === 0) return { status: 'ok', note: 'none' };
      return {
        status: 'change',
        summary: `remove ${left.join(', ')}`,
        effects: left.map((path) => removed(path, places.home)),
        destructive: true,
      };
    },
  };
}

function removed(path: string, home: string): Effect {
  return { do: 'remove', path, disposable: true, ...(isOwn(path, home) ? {} : { sudo: true }) };
}

function isOwn(path: string, home: string): boolean {
  return path.startsWith(`${home}/`);
}

/** Every draft that is there: beside what this program writes, among the backups, and of the lock. */
async function draftsLeft(probe: Probe, { home, written, backupsDir, lockFile }: DraftPlaces): Promise<string[]> {
  const places = await Promise.all(written.map(async (path) => await realPlace(probe, path)));
  const [beside, backups, locks] = await Promise.all([
    draftsBeside(probe, home, [...new Set(places)]),
    filesBelow(probe, backupsDir).then((files) => files.filter((path) => intendedName(path) !== undefined)),
    lockDrafts(probe, lockFile),
  ]);
  return [...beside, ...backups, ...locks].sort();
}

/** A linked file is written at the link's target, and so is its draft. */
async function realPlace(probe: Probe, path: string): Promise<string> {
  const found = await probe.stat(path).catch(() => undefined);
  return found?.link ?? path;
}

async function draftsBeside(probe: Probe, home: string, places: readonly string[]): Promise<readonly string[]> {
  const folders = [...new Set(places.map((path) => dirname(path)))];
  const found = folders.map(async (folder) => {
    const wanted = new Set(places.filter((path) => dirname(path) === folder).map((path) => basename(path)));
    const names = await probe.list(folder).catch(() => []);
    const drafts = names.filter((name) => wanted.has(intendedName(name) ?? ''));
    const earlier = isOwn(`${folder}/`, home) ? [] : await formerDrafts(probe, folder, names, wanted);
    return [...drafts, ...earlier].map((name) => `${folder}/${name}`);
  });
  return (await Promise.all(found)).flat();
}

/** Up to 1.1.0 root's drafts were called like this. Closed to everybody, as only a draft is that had no mode yet. */
async function formerDrafts(
  probe: Probe,
  folder: string,
  names: readonly string[],
  wanted: ReadonlySet<string>,
): Promise<readonly string[]> {
  const candidates = names.filter((name) => name.endsWith('.new') && wanted.has(name.slice(0, -'.new'.length)));
  const stats = await Promise.all(candidates.map(async (name) => await probe.stat(`${folder}/${name}`)));
  return candidates.filter((_, index) => stats[index]?.uid === 0 && stats[index]?.mode === 0o600);
}

/** A lock starts under a temporary name, with its process in it; one without was cut off by a power failure or a full disk. */
async function lockDrafts(probe: Probe, lockFile: string): Promise<readonly string[]> {
  const folder = dirname(lockFile);
  const names = (await probe.list(folder).catch(() => [])).filter((name) =>
    new RegExp(`^${basename(lockFile)}\\.(?:\\d+-)?[0-9a-f]{8}$`).test(name),
  );
  const left = names.map(async (name): Promise<readonly string[]> => {
    const text = await probe.readFile(`${folder}/${name}`).catch(() => undefined);
    const [pid = '', started] = (text ?? '').trim().split(' ');
    // After the next boot the process id alone may be somebody else's.
    const now = startTimeIn(await probe.readFile(`/proc/${pid}/stat`).catch(() => undefined));
    return now !== undefined && now === started ? [] : [`${folder}/${name}`];
  });
  return (await Promise.all(left)).flat();
}

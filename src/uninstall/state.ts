import { actionsOf, sha256 } from '../engine/action-log.ts';
import type { Kept } from '../engine/event.ts';
import type { Effect, Probe } from '../host/host.ts';
import { foldersLeftEmpty } from '../resources/file.ts';
import type { Resource, ScriptFound } from '../resources/resource.ts';
import { shellWord } from '../shell/word.ts';
import { counted } from '../text/counted.ts';
import { type BackupFile, backupRuns } from './backups.ts';
import { sharedFolders, sudoMark, systemFolders, wasThere } from './baseline.ts';
import { ourTexts } from './provenance.ts';
import { existing, type Removal, type RemovalStep, removeTree, treesGone } from './removal.ts';

/** What this program wrote down for itself. `others` are the steps whose leavings a later --purge would have to find in the journal. */
export function stateStep(others: readonly RemovalStep[]): RemovalStep {
  return {
    id: 'state',
    title: 'own records',
    guidePhase: 'phase 11',
    why: 'Logs, proofs, and backups of what is back in place; the journal stays while anything it accounts for is kept.',
    undoes: [],
    resources: async (removal, probe) => {
      const { stateDir } = removal.layout;
      const idle = ['requests', 'proven', 'drill', 'sentinel', 'answers-so-far.json', 'newest-release'].map(
        (name) => `${stateDir}/${name}`,
      );
      const accounts = (await needsJournal(others, removal, probe)) || (await ownBackups(removal, probe)) > 0;
      return [
        treesGone('logs-and-proofs', 'logs and proofs', idle),
        spareBackups(removal),
        ...(accounts ? [] : [journalGone(removal)]),
      ];
    },
    kept: async (removal, probe) => await recordsKept(others, removal, probe),
  };
}

async function needsJournal(others: readonly RemovalStep[], removal: Removal, probe: Probe): Promise<boolean> {
  if (removal.purge) return false;
  const kept = await Promise.all(others.map(async (step) => await step.kept?.(removal, probe)));
  return kept.flat().some((one) => one?.purgeable === true);
}

function spareBackups(removal: Removal): Resource {
  const { backupsDir } = removal.layout;
  return {
    kind: 'script',
    id: 'backups',
    inspect: async (probe) => {
      const spare = (await judged(removal, probe)).filter(({ isSpare }) => isSpare).map(({ file }) => file.backup);
      const empty = await foldersLeftEmpty(probe, backupsDir, new Set(spare));
      const command = { file: 'rmdir', args: empty };
      const effects: readonly Effect[] = [
        ...spare.map((path): Effect => ({ do: 'remove', path, disposable: true })),
        ...(empty.length === 0
          ? []
          : [{ do: 'run', why: 'remove the backup folders that are empty', command } as const]),
      ];
      if (spare.length > 0)
        return {
          status: 'change',
          summary: `remove ${counted(spare.length, 'backup')} whose text is back in place or was ours`,
          effects,
          destructive: true,
        };
      // A run that was cut off had taken the backups away and not yet their folders.
      if (empty.length > 0)
        return { status: 'change', summary: 'remove empty backup folders', effects, destructive: true };
      const all = (await probe.list(backupsDir)).length > 0;
      return all ? { status: 'ok', note: 'each holds something of its own' } : { status: 'ok', note: 'none' };
    },
  };
}

/** Backups that stay. Without the journal a later uninstallation would take them for what stood there before us. */
async function ownBackups(removal: Removal, probe: Probe): Promise<number> {
  const all = await judged(removal, probe);
  const listed = new Set(all.map(({ file }) => file.backup));
  const lost = [...removal.originals.values()].filter((one) => one.lost !== undefined && !listed.has(one.backup));
  // In a folder that nobody may look into it is there as far as anybody knows.
  const there = await Promise.all(lost.map(async ({ backup }) => await probe.stat(backup).catch(() => 'closed')));
  const hidden = there.filter((found) => found !== undefined);
  return hidden.length + all.filter(({ isSpare, isWanted }) => !isSpare && !isWanted).length;
}

interface Judged {
  readonly file: BackupFile;
  /** Its text is worth nothing any more: it stands in its place, or was ours. */
  readonly isSpare: boolean;
  /** It is going to be put back. */
  readonly isWanted: boolean;
}

/** Each backup as it can be judged now; with --purge all of them are spare. */
async function judged(removal: Removal, probe: Probe): Promise<readonly Judged[]> {
  const files = (await backupRuns(probe, removal.layout)).flatMap((run) => run.files);
  return await Promise.all(files.map(async (file) => await judge(removal, file, probe)));
}

async function judge({ history, originals, purge }: Removal, file: BackupFile, probe: Probe): Promise<Judged> {
  const [kept, present] = await Promise.all([probe.readFile(file.backup), probe.readFile(file.path)]);
  const ours = ourTexts(history, file.path);
  const isOurs = (text: string | undefined): boolean => text !== undefined && ours.has(sha256(text));
  const original = originals.get(file.path);
  const isFirst = original?.backup === file.backup && original.lost === undefined;
  return {
    file,
    isSpare: purge || (kept !== undefined && (kept === present || isOurs(kept))),
    isWanted: isFirst && (present === undefined || isOurs(present)),
  };
}

/** The lock and the journal are in use until the end; both can be removed meanwhile. */
function journalGone({ layout: { stateDir, journal, lockFile } }: Removal): Resource {
  return {
    kind: 'script',
    id: 'journal',
    inspect: async (probe) =>
      (await existing(probe, [`${stateDir}/before.json`, journal])).length === 0
        ? { status: 'ok', note: 'gone' }
        : { status: 'change', summary: 'remove the journal', destructive: true },
    effects: [`${stateDir}/before.json`, lockFile, journal].map((path) => removeTree(path)),
  };
}

async function recordsKept(others: readonly RemovalStep[], removal: Removal, probe: Probe): Promise<readonly Kept[]> {
  const { backupsDir, journal, stateDir } = removal.layout;
  const edited = await ownBackups(removal, probe);
  const records = await existing(probe, [journal, `${stateDir}/before.json`]);
  const recordsStay = records.length > 0 && (edited > 0 || (await needsJournal(others, removal, probe)));
  const why = 'a later uninstall reads in them what was installed here, and what is back in place';
  return [
    ...(edited === 0
      ? []
      : [{ what: backupsDir, why: 'what is stored nowhere else by now', command: `rm -r ${shellWord(backupsDir)}` }]),
    ...(recordsStay ? [{ what: records.join(', '), why, command: `rm -r ${shellWord(stateDir)}` }] : []),
  ];
}

/** Last of all: what the others left empty. */
export const folders: RemovalStep = {
  id: 'folders',
  title: 'empty folders',
  guidePhase: 'phase 11',
  why: 'Removes folders that are empty and were not there before, and the marker that sudo left at its first use.',
  undoes: [],
  resources: (removal) => [
    {
      kind: 'script',
      id: 'empty-folders',
      inspect: async (probe) => await emptyOnes(removal, probe),
    },
  ],
};

/** Innermost first, so that a folder that holds nothing but empty ones is found in the same look. */
async function emptyOnes(removal: Removal, probe: Probe): Promise<ScriptFound> {
  const { layout, before } = removal;
  const going: string[] = [];
  for (const path of [...sharedFolders(layout), ...systemFolders]) {
    const found = await probe.stat(path);
    if (path === layout.requestLogDir || !isOurs(removal, path)) continue;
    if (found?.kind !== 'directory' || found.link !== undefined) continue;
    const names = await probe.list(path);
    if (names.every((name) => going.includes(`${path}/${name}`))) going.push(path);
  }
  const mark = (await probe.stat(sudoMark(layout)))?.size === 0 && wasThere(before, sudoMark(layout)) === false;
  const effects = [
    ...going.map(emptyFolder),
    ...(mark ? [{ do: 'remove', path: sudoMark(layout), disposable: true } as const] : []),
  ];
  return effects.length === 0
    ? { status: 'ok', note: 'none' }
    : {
        status: 'change',
        summary: `remove ${[...going, ...(mark ? [sudoMark(layout)] : [])].join(', ')}`,
        effects,
        destructive: true,
      };
}

/** `rmdir` refuses a folder that is not empty after all. */
function emptyFolder(path: string): Effect {
  const sudo = path.startsWith('/etc/') ? { sudo: true } : {};
  return { do: 'run', why: `remove ${path}`, command: { file: 'rmdir', args: [path], ...sudo } };
}

/** Not there before, made by us by the journal, or ours by its name. Debian has its keyrings folder anyway, and we make it without looking. */
function isOurs({ before, history, layout }: Removal, path: string): boolean {
  const there = wasThere(before, path);
  if (there !== undefined) return !there;
  if ([layout.configDir, layout.stateDir, layout.requestLogDir].includes(path)) return true;
  if (path === '/etc/apt/keyrings') return false;
  return actionsOf(history).some((action) => action.do === 'make-directory' && action.path === path);
}

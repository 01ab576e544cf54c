import { type ActionLog, actionsOf, sha256 } from '../../engine/action-log.ts';
import type { Probe } from '../../host/host.ts';
import { type Layout, launcherNames } from '../../layout.ts';
import { success } from '../../problem.ts';
import type { EditedText, FileResource, Resource } from '../../resources/resource.ts';
import { hasBlock } from '../../shell/block.ts';
import { isOwnText } from '../../text/template.ts';
import { filesKept, type OwnFile, takenOff } from '../../uninstall/former-file.ts';
import { isNew, ourTexts } from '../../uninstall/provenance.ts';
import type { Removal, RemovalStep } from '../../uninstall/removal.ts';
import { allHandbookFiles } from './handbook-files.ts';
import { releaseRoutedSettings } from './settings.ts';
import { hasDisabledLine, releaseBashrc, restored } from './start-up-files/bashrc.ts';
import { shellBlockName } from './start-up-files/shell-environment.ts';
import { bashFiles, findShells, zshFileNames } from './start-up-files/shells.ts';

export const launchers: RemovalStep = {
  id: 'launchers',
  title: 'launchers',
  guidePhase: 'phase 10',
  why: 'The commands go, and the shell is as it was: our lines are removed, and yours that were commented out work again.',
  undoes: ['launchers', 'proof'],
  resources: async (removal, probe) => [
    ...(await takenOff(removal, ownFiles(removal), probe)),
    ...(await routedSettings(removal, probe)),
    ...(await shellFiles(removal, probe)),
  ],
  kept: async (removal, probe) => await filesKept(removal, ownFiles(removal), probe),
};

function ownFiles({ layout }: Removal): readonly OwnFile[] {
  return [
    ...launcherNames.map(
      (name) => ({ id: `launcher:${name}`, title: name, path: layout.launchers[name], isOurs: isOwnText }) as const,
    ),
    ...allHandbookFiles(layout).map((file) => ({ ...file, isOurs: isOwnText })),
    { id: 'status-line', path: layout.statusLine, isOurs: isOwnText },
    { id: 'shell-environment', path: layout.shellEnvironment, isOurs: isOwnText },
    { id: 'zsh-environment', path: layout.zsh.environment, isOurs: isOwnText },
    { id: 'fish-environment', path: layout.fish.environment, isOurs: isOwnText },
  ];
}

/** Byte for byte what was there, if nobody wrote to it since; else what was there with all that came since. */
async function routedSettings(removal: Removal, probe: Probe): Promise<readonly FileResource[]> {
  const { layout, history, originals } = removal;
  const path = layout.routedSettings;
  const text = await probe.readFile(path);
  if (text === undefined) return [];
  const original = originals.get(path);
  const about = { kind: 'file', id: 'routed-settings', path, mode: original?.mode ?? 0o600, disposable: true } as const;
  const asWritten = ourTexts(history, path).has(sha256(text));
  if (asWritten && original?.text !== undefined)
    return text === original.text ? [] : [{ ...about, content: original.text }];
  if (asWritten && isNew(removal, path)) return [{ ...about, content: undefined }];
  const released = releaseRoutedSettings(text, layout.statusLine, original?.text);
  if (released === undefined) return original === undefined ? [{ ...about, content: undefined }] : [];
  return released === text ? [] : [{ ...about, keepMode: true, content: released }];
}

/** Only our own lines are removed from these files, so there is nothing to back up. */
async function shellFiles(removal: Removal, probe: Probe): Promise<readonly Resource[]> {
  const { layout } = removal;
  const about = { kind: 'file', mode: 0o644, keepMode: true, disposable: true } as const;
  const blocks = await filesWithBlock(removal, probe);
  const others = (await filesWithDisabledLines(removal, probe)).filter(
    (path) => !blocks.some((block) => block.path === path),
  );
  return [
    ...blocks.map(({ path, text }): FileResource => {
      const title = path.replace(`${layout.home}/`, '~/');
      const released = releaseBashrc(text, shellBlockName, title);
      const empty = released.ok && released.value === '' && text !== '' && isNew(removal, path);
      const content = (current = ''): EditedText => withoutBlock(current, title);
      return { ...about, id: `start-up-file:${path}`, title, path, content: empty ? undefined : content };
    }),
    ...others.map(
      (path): FileResource => ({
        ...about,
        id: `start-up-file:${path}`,
        title: path.replace(`${layout.home}/`, '~/'),
        path,
        content: (current = '') => success({ text: restored(current) }),
      }),
    ),
  ];
}

/** ~/.bashrc, whatever it holds, and the start-up files of other shells that hold our block: where they are, the journal knows, or the shells. */
async function filesWithBlock(
  { layout, history }: Removal,
  probe: Probe,
): Promise<readonly { readonly path: string; readonly text: string }[]> {
  const { zsh, fish } = await findShells(probe, layout);
  const usual = [layout.zsh.start, layout.fish.start, ...(zsh?.starts ?? []), fish ?? []].flat();
  const written = writtenAtHome(layout, history).filter((path) => /\/(?:\.zshenv|config\.fish)$/.test(path));
  const paths = [...new Set([layout.bashrc, ...usual, ...written])];
  const texts = await Promise.all(paths.map(async (path) => await probe.readFile(path)));
  return paths.flatMap((path, index) => {
    const text = texts[index];
    if (text === undefined || (path !== layout.bashrc && !hasBlock(text, shellBlockName))) return [];
    return [{ path, text }];
  });
}

function writtenAtHome({ home, backupsDir }: Layout, history: ActionLog): readonly string[] {
  return actionsOf(history).flatMap(({ do: verb, path = '' }) =>
    verb === 'write' && path.startsWith(`${home}/`) && !path.startsWith(backupsDir) ? [path] : [],
  );
}

/** The files in which the person's lines were commented out by the launchers' step, or by the doctor, wherever they were. */
async function filesWithDisabledLines({ layout, history }: Removal, probe: Probe): Promise<readonly string[]> {
  const { home } = layout;
  const usual = [...bashFiles, ...zshFileNames, '.bash_aliases'].map((name) => `${home}/${name}`);
  const own = [...new Set([...usual, ...writtenAtHome(layout, history)])];
  const texts = await Promise.all(own.map(async (path) => await probe.readFile(path)));
  return own.filter((_, index) => hasDisabledLine(texts[index] ?? ''));
}

function withoutBlock(current: string, title: string): EditedText {
  const released = releaseBashrc(current, shellBlockName, title);
  if (!released.ok) return released;
  const notes = ['our block is removed, and lines of yours that were commented out work again'];
  return success({ text: released.value, notes });
}

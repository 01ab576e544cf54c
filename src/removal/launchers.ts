import type { Probe } from '../host/host.ts';
import { launcherNames } from '../layout.ts';
import { findRetired, releaseBashrc, restoreAliases } from '../render/bashrc.ts';
import { releaseRoutedSettings } from '../render/routed-settings.ts';
import { shellBlockName } from '../render/shell-environment.ts';
import type { EditedText, FileResource, Resource } from '../resources/resource.ts';
import { filesKept, type OwnFile, takenOff } from './former-file.ts';
import { isNew, ourTexts, sha256 } from './provenance.ts';
import type { Removal, RemovalStep } from './removal.ts';

/** Stands in every file that a launcher needs, whatever was edited in it. */
const isMarked = (text: string): boolean => text.includes('Kept by claude-routing-install');

export const launchers: RemovalStep = {
  id: 'launchers',
  title: 'launchers',
  guidePhase: 'phase 10',
  why: 'The commands go, and the shell is as it was: our lines out of it, and yours that were put out of use back in it.',
  undoes: ['launchers', 'proof'],
  resources: async (removal, probe) => [
    ...(await Promise.all(ownFiles(removal).map(async (file) => await takenOff(removal, file, probe)))).flat(),
    ...(await routedSettings(removal, probe)),
    ...(await shellFiles(removal, probe)),
  ],
  kept: async (removal, probe) => await filesKept(removal, ownFiles(removal), probe),
};

function ownFiles({ layout }: Removal): readonly OwnFile[] {
  return [
    ...launcherNames.map((name) => ({ title: name, path: layout.launchers[name], isOurs: isMarked })),
    { title: 'status line', path: layout.statusLine, isOurs: isMarked },
    { title: 'shell environment', path: layout.shellEnvironment, isOurs: isMarked },
  ];
}

/** Byte for byte what was there, if nobody wrote to it since; else what was there with all that came since. */
async function routedSettings(removal: Removal, probe: Probe): Promise<readonly FileResource[]> {
  const { layout, history, originals } = removal;
  const path = layout.routedSettings;
  const text = await probe.readFile(path);
  if (text === undefined) return [];
  const original = originals.get(path);
  const about = {
    kind: 'file',
    title: 'routed settings',
    path,
    mode: original?.mode ?? 0o600,
    disposable: true,
  } as const;
  const asWritten = ourTexts(history, path).has(sha256(text));
  if (asWritten && original !== undefined) return text === original.text ? [] : [{ ...about, content: original.text }];
  if (asWritten && isNew(removal, path)) return [{ ...about, content: undefined }];
  const released = releaseRoutedSettings(text, layout.statusLine, original?.text);
  if (released === undefined) return [{ ...about, content: undefined }];
  return released === text ? [] : [{ ...about, keepMode: true, content: released }];
}

/** Only our own lines leave these files, so that there is nothing to keep a backup of. */
async function shellFiles(removal: Removal, probe: Probe): Promise<readonly Resource[]> {
  const { layout } = removal;
  const text = await probe.readFile(layout.bashrc);
  const about = { kind: 'file', mode: 0o644, keepMode: true, disposable: true } as const;
  const bashrc = { ...about, title: '~/.bashrc', path: layout.bashrc };
  const others = ['.bash_aliases', '.profile'].map(
    (name): FileResource => ({
      ...about,
      title: `~/${name}`,
      path: `${layout.home}/${name}`,
      content: (current = '') => ({ text: restoreAliases(current) }),
    }),
  );
  const texts = await Promise.all(others.map(async ({ path }) => await probe.readFile(path)));
  const marked = others.filter((_, index) => findRetired(texts[index] ?? ''));
  if (text === undefined) return marked;
  const released = releaseBashrc(text, shellBlockName);
  const empty = 'text' in released && released.text === '' && text !== '' && isNew(removal, layout.bashrc);
  return [{ ...bashrc, content: empty ? undefined : withoutBlock }, ...marked];
}

function withoutBlock(current = ''): EditedText {
  const released = releaseBashrc(current, shellBlockName);
  if ('problem' in released) return released;
  return { ...released, notes: ['our block leaves it, lines of yours that were put out of use work again'] };
}

import { commandsRun } from '../../engine/action-log.ts';
import type { Kept } from '../../engine/event.ts';
import type { Probe } from '../../host/host.ts';
import type { FileResource, Resource } from '../../resources/resource.ts';
import { shellWord } from '../../shell/word.ts';
import type { Original } from '../../uninstall/backups.ts';
import { copyBack, filesKept, type OwnFile, takenOff } from '../../uninstall/former-file.ts';
import { ourTexts, packagesBrought } from '../../uninstall/provenance.ts';
import { existing, type Removal, type RemovalStep } from '../../uninstall/removal.ts';
import { othersHaveEngines } from '../docker/remove-decision.ts';

const listsFolder = '/etc/apt/sources.list.d';

export const repositories: RemovalStep = {
  id: 'repositories',
  title: 'repositories',
  guidePhase: 'phase 4a',
  why: 'A repository is removed together with its packages. A list that we replaced comes back.',
  undoes: ['docker-engine', 'claude-code'],
  resources: async (removal, probe) => {
    const files = (await goes(removal, probe)) ? await takenOff(removal, ownFiles, probe) : [];
    return [...files, ...replaced(removal).flatMap(putBack), ...rootful(removal)];
  },
  kept: async (removal, probe) =>
    (await goes(removal, probe))
      ? [...(await filesKept(removal, ownFiles, probe)), ...replaced(removal).flatMap(notPutBack)]
      : await repositoriesKept(removal, probe),
};

/** Without a journal nothing tells them from what an administrator wrote. */
const ownFiles: readonly OwnFile[] = ['docker', 'claude-code'].flatMap((name): readonly OwnFile[] => [
  {
    id: `repository:${name}`,
    title: `repository ${name}`,
    path: `${listsFolder}/${name}.sources`,
    isOurs: () => false,
    sudo: true,
  },
  {
    id: `repository-key:${name}`,
    title: `key of ${name}`,
    path: `/etc/apt/keyrings/${name}.asc`,
    isOurs: () => false,
    sudo: true,
  },
]);

/** Packages that were there before get their updates from the list that was there before. */
async function goes(removal: Removal, probe: Probe): Promise<boolean> {
  if (replaced(removal).length > 0) return true;
  return removal.purge && !(await othersHaveEngines(probe, removal.layout));
}

function replaced({ originals }: Removal): readonly (readonly [string, Original])[] {
  const own = ownFiles.map(({ path }) => path);
  return [...originals].filter(([path]) => path.startsWith(`${listsFolder}/`) && !own.includes(path));
}

function putBack([path, { text, mode }]: readonly [string, Original]): readonly FileResource[] {
  if (text === undefined) return [];
  const about = { kind: 'file', id: 'repository-as-before', title: 'repository, as before' } as const;
  return [{ ...about, path, mode, content: text, disposable: true, sudo: true }];
}

function notPutBack([path, original]: readonly [string, Original]): readonly Kept[] {
  if (original.lost === undefined) return [];
  return [{ what: `${path}, not put back`, why: original.lost.why, ...copyBack(path, original, true) }];
}

/** The engine of root was switched off for the installation; it comes back only if it was there before. */
function rootful({ history }: Removal): readonly Resource[] {
  if (packagesBrought(history).includes('docker-ce')) return [];
  return ['docker.service', 'docker.socket'].flatMap((unit): readonly Resource[] => {
    if (commandsRun(history, 'systemctl', 'disable', '--now', unit).length === 0) return [];
    const about = { unit, scope: 'system', wanted: 'running-at-boot', comesWith: 'the package docker-ce' } as const;
    return [{ kind: 'systemd-unit', id: `rootful-unit:${unit}`, title: `rootful ${unit}`, ...about }];
  });
}

async function repositoriesKept({ history }: Removal, probe: Probe): Promise<readonly Kept[]> {
  const ours = ownFiles.map(({ path }) => path).filter((path) => ourTexts(history, path).size > 0);
  const there = await existing(probe, ours);
  if (there.length === 0) return [];
  const why = 'the packages from there stay, and need their updates';
  return [{ what: there.join(', '), why, command: `sudo rm ${there.map(shellWord).join(' ')}`, purgeable: true }];
}

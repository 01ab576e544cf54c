import type { Kept } from '../../engine/event.ts';
import type { Probe } from '../../host/host.ts';
import { type Result, success } from '../../problem.ts';
import { aptGet, installedPackages } from '../../resources/apt-packages.ts';
import { withRepositoryBack } from '../../resources/apt-source.ts';
import type { FileResource, Resource } from '../../resources/resource.ts';
import { shellWord } from '../../shell/word.ts';
import { counted } from '../../text/counted.ts';
import type { Original } from '../../uninstall/backups.ts';
import { copyBack, filesKept, type OwnFile, takenOff } from '../../uninstall/former-file.ts';
import { ourTexts, packagesBrought, packagesDisplaced, unitAsBefore } from '../../uninstall/provenance.ts';
import { existing, type Removal, type RemovalStep } from '../../uninstall/removal.ts';
import { enginesStay } from '../docker/remove-decision.ts';
import { dockerPackages } from '../docker/step.ts';

/** Debian's packages, the last thing that root has to do: everything before it uses their programs. */
export const packages: RemovalStep = {
  id: 'packages',
  title: 'packages',
  guidePhase: 'phase 1',
  why: 'Packages that were missing before and came with us are removed only with --purge: other programs may rely on them by now.',
  undoes: ['base-system', 'docker-engine'],
  resources: (removal) => (removal.purge ? [packagesGone(removal)] : []),
  kept,
};

const enginePackages: readonly string[] = dockerPackages;

/** The time zone is kept, so the package that has the zones stays. */
const staying = ['tzdata'];

/** Packages that came with us and are still installed. */
async function ourPackages(removal: Removal, probe: Probe): Promise<Result<readonly string[]>> {
  const brought = packagesBrought(removal.history).filter((name) => !staying.includes(name));
  if (brought.length === 0) return success([]);
  const needed = (await enginesStay(removal, probe)) ? enginePackages : [];
  const names = brought.filter((name) => !needed.includes(name));
  const installed = await installedPackages(probe);
  return installed.ok ? success(names.filter((name) => installed.value.has(name))) : installed;
}

function packagesGone(removal: Removal): Resource {
  return {
    kind: 'script',
    id: 'packages',
    inspect: async (probe) => {
      const ours = await ourPackages(removal, probe);
      if (!ours.ok) return { status: 'blocked', ...ours.problem };
      const names = ours.value;
      if (names.length === 0) return { status: 'ok', note: 'none of ours is installed' };
      const { removed, strangers, words } = await purging(removal, probe, names);
      if (strangers.length > 0) return { status: 'ok', note: `${strangers.join(', ')} would go with them` };
      const count = `remove ${removed.length} packages`;
      const effects = [aptGet(['purge', '--auto-remove', ...words], `${count} with their settings`)];
      return {
        status: 'change',
        summary: `${count}: ${names.join(' ')}, and what only they needed`,
        effects,
        destructive: true,
      };
    },
  };
}

interface Purging {
  /** What apt would remove. */
  readonly removed: readonly string[];
  /** Those among them that were there before, or that a person installed on purpose. */
  readonly strangers: readonly string[];
  /** apt-get's, with the names that it is told. */
  readonly words: readonly string[];
}

/** Also what some package would merely like to have: most of what came with us is suggested by something. */
const thorough = ['APT::AutoRemove::SuggestsImportant=false', 'APT::AutoRemove::RecommendsImportant=false'];

/**
 * The thorough way if it removes nothing that was there before; otherwise what else it would remove, by name: a package that
 * somebody only would like to have does not keep it. Where not even that leaves strangers alone, apt's usual way.
 */
async function purging(removal: Removal, probe: Probe, names: readonly string[]): Promise<Purging> {
  const usual = async () => await simulated(removal, probe, names, []);
  if (removal.before?.packages === undefined) return await usual();
  const options = thorough.flatMap((option) => ['-o', option]);
  const all = await simulated(removal, probe, names, options);
  if (all.strangers.length === 0) return all;
  const others = all.removed.filter((name) => !names.includes(name) && !all.strangers.includes(name));
  const named = await simulated(removal, probe, [...names, ...others], []);
  return named.strangers.length === 0 ? named : await usual();
}

async function simulated(
  { before }: Removal,
  probe: Probe,
  names: readonly string[],
  options: readonly string[],
): Promise<Purging> {
  const env = { LC_ALL: 'C' };
  const args = ['-s', '-o', 'Debug::NoLocking=true', 'purge', '--auto-remove', ...options, ...names];
  const [apt, marked] = await Promise.all([
    probe.query({ file: 'apt-get', args, env, timeoutMs: 60_000 }),
    probe.query({ file: 'apt-mark', args: ['showmanual'], env, timeoutMs: 60_000 }),
  ]);
  const removed = apt.stdout.split('\n').flatMap((line) => /^(?:Purg|Remv) (\S+)/.exec(line)?.[1] ?? []);
  const others = new Set([...marked.stdout.split('\n'), ...(before?.packages ?? [])]);
  const strangers = removed.filter((name) => others.has(name) && !names.includes(name));
  return { removed, strangers, words: [...options, ...names] };
}

async function kept(removal: Removal, probe: Probe): Promise<readonly Kept[]> {
  const ours = await ourPackages(removal, probe);
  const names = ours.ok ? ours.value : packagesBrought(removal.history);
  const displaced = packagesDisplaced(removal.history);
  const others = await enginesKept(removal, probe);
  const back = [...others, ...(displaced.length === 0 ? [] : [displacedKept(displaced)])];
  if (names.length === 0) return back;
  if (!removal.purge) return [plainlyKept(names), ...back];
  const { strangers } = await purging(removal, probe, names);
  if (strangers.length === 0) return back;
  const why = `${strangers.join(', ')} would go with them`;
  return [{ what: countOf(names), why, command: `sudo apt-get purge --auto-remove ${names.join(' ')}` }, ...back];
}

async function enginesKept(removal: Removal, probe: Probe): Promise<readonly Kept[]> {
  const installed = await installedPackages(probe);
  // An engine of root that was only switched off is back by now: what it never needed is gone.
  const brought = packagesBrought(removal.history).filter(
    (name) => enginePackages.includes(name) && (!installed.ok || installed.value.has(name)),
  );
  if (!removal.purge || brought.length === 0 || !(await enginesStay(removal, probe))) return [];
  const why = 'an engine that stays, or that of another account, needs them';
  return [{ what: countOf(brought), why, command: `sudo apt-get purge --auto-remove ${brought.join(' ')}` }];
}

function plainlyKept(names: readonly string[]): Kept {
  const why = `they came with us, but others may use them by now: ${names.join(' ')}`;
  return { what: countOf(names), why, command: 'claude-routing-install uninstall --purge', purgeable: true };
}

function countOf(names: readonly string[]): string {
  return counted(names.length, 'package');
}

function displacedKept(names: readonly string[]): Kept {
  return {
    what: `not put back: ${names.join(' ')}`,
    why: "Docker's own packages took their place",
    command: `sudo apt-get install ${names.join(' ')}`,
  };
}

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

/** Without a journal they cannot be told from what an administrator wrote. */
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
  return removal.purge && !(await enginesStay(removal, probe));
}

function replaced({ originals }: Removal): readonly (readonly [string, Original])[] {
  const own = ownFiles.map(({ path }) => path);
  return [...originals].filter(([path]) => path.startsWith('/etc/apt/sources.list') && !own.includes(path));
}

function putBack([path, { text, mode }]: readonly [string, Original]): readonly FileResource[] {
  if (text === undefined) return [];
  const about = { kind: 'file', id: 'repository-as-before', title: 'repository, as before' } as const;
  // One that names other repositories, too, was only left without the lines of ours, and may have got others since.
  const content = (current?: string) => success({ text: current === undefined ? text : withRepositoryBack(current) });
  return [{ ...about, path, mode, content, disposable: true, sudo: true }];
}

function notPutBack([path, original]: readonly [string, Original]): readonly Kept[] {
  if (original.lost === undefined) return [];
  return [{ what: `${path}, not put back`, why: original.lost.why, ...copyBack(path, original, true) }];
}

/** The engine of root was switched off for the installation; it comes back only if it was there before. */
function rootful({ history }: Removal): readonly Resource[] {
  if (packagesBrought(history).includes('docker-ce')) return [];
  return ['docker.service', 'docker.socket'].flatMap((unit) =>
    unitAsBefore(history, {
      id: `rootful-unit:${unit}`,
      title: `rootful ${unit}`,
      unit,
      scope: 'system',
      comesWith: 'the package docker-ce',
    }),
  );
}

async function repositoriesKept({ history }: Removal, probe: Probe): Promise<readonly Kept[]> {
  const ours = ownFiles.map(({ path }) => path).filter((path) => ourTexts(history, path).size > 0);
  const there = await existing(probe, ours);
  if (there.length === 0) return [];
  const why = 'the packages from there stay, and need their updates';
  return [{ what: there.join(', '), why, command: `sudo rm ${there.map(shellWord).join(' ')}`, purgeable: true }];
}

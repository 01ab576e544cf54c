import type { Command, CommandResult, Effect, Probe, RunCommand } from '../host/host.ts';
import { failure, type Problem, type Result, success } from '../problem.ts';
import { counted } from '../text/counted.ts';
import type { AptPackagesResource, Plan, Resource } from './resource.ts';

/**
 * Every package that dpkg knows, after a letter each for its wanted and its actual state. One question for everybody:
 * dpkg reads all of them for any, and one look around asks it once. `dpkg --audit` itself wants root. Source: dpkg-query(1).
 */
export const packageStates: Command = {
  file: 'dpkg-query',
  args: ['-W', '-f=${db:Status-Abbrev}\\t${Package}\\n'],
  env: { LC_ALL: 'C' },
};

interface FoundPackages {
  readonly missing: readonly string[];
  readonly conflicting: readonly string[];
}

/** A list that cannot be read is not an empty one: everything would be installed anew, and what is in the way overlooked. */
type LookedForPackages = Result<FoundPackages>;

export async function inspectAptPackages(probe: Probe, wanted: AptPackagesResource): Promise<LookedForPackages> {
  const conflicting = wanted.conflicting?.packages ?? [];
  const installed = await installedPackages(probe);
  if (!installed.ok) return installed;
  return success({
    missing: wanted.packages.filter((name) => !installed.value.has(name)),
    conflicting: conflicting.filter((name) => installed.value.has(name)),
  });
}

/** Every fully installed package, or why they are not known: half a list would be worse than none. */
export async function installedPackages(probe: Probe): Promise<Result<ReadonlySet<string>>> {
  const answer = await probe.query(packageStates);
  const unreadable = packagesUnreadable(answer);
  return unreadable === undefined ? success(installedIn(answer.stdout)) : failure(unreadable);
}

/** Why the answer to `packageStates` is none; undefined where it is one. dpkg keeps yesterday's list beside today's. Source: dpkg(1). */
export function packagesUnreadable({ exitCode, stderr }: CommandResult): Problem | undefined {
  if (exitCode === 0) return undefined;
  const said = stderr
    .trim()
    .replace(/^dpkg-query: error: /, '')
    .replace(/\s+/g, ' ');
  return {
    code: 'packages-unreadable',
    problem: `the packages that are installed here cannot be listed: dpkg-query ended with ${exitCode}${said === '' ? '' : `: ${said}`}`,
    fix: /\/var\/lib\/dpkg\/status\b/.test(said)
      ? 'bring back the list as it was before the last change:  sudo cp --backup=numbered /var/lib/dpkg/status-old /var/lib/dpkg/status  or that of an earlier day, out of  ls -t /var/backups/dpkg.status*'
      : 'see what is wrong with  dpkg-query -W  or  sudo dpkg --audit  and run this again',
  };
}

function installedIn(stdout: string): Set<string> {
  const rows = stdout.split('\n').map((row) => row.split('\t'));
  return new Set(rows.flatMap(([state = '', name]) => (name !== undefined && /^.i/.test(state) ? [name] : [])));
}

export function planAptPackages(wanted: AptPackagesResource, looked: LookedForPackages): Plan {
  if (!looked.ok) return { status: 'blocked', ...looked.problem };
  const found = looked.value;
  if (found.missing.length === 0) return { status: 'ok', note: counted(wanted.packages.length, 'package') };
  const inTheWay = found.conflicting;
  if (inTheWay.length > 0 && wanted.conflicting?.removalAllowed !== true) return conflict(inTheWay);
  const removal = inTheWay.length === 0 ? [] : [aptGet(['remove', ...inTheWay], `remove ${inTheWay.join(', ')}`)];
  const removed = inTheWay.length === 0 ? '' : `remove ${inTheWay.join(', ')}; `;
  const effects: Effect[] = [...removal, aptUpdate, aptInstall(found.missing)];
  const summary = `${removed}${aptInstall(found.missing).why}`;
  return { status: 'change', summary, effects, ...(removal.length > 0 ? { destructive: true } : {}) };
}

function conflict(packages: readonly string[]): Plan {
  const list = packages.join(' ');
  return {
    status: 'blocked',
    code: 'packages-conflict',
    problem: `these packages are installed and conflict with Docker's own: ${list}`,
    fix: `allow their removal with  --set docker.removeConflicting=true  or type  sudo apt-get remove ${list}`,
    agreement: { key: 'docker.removeConflicting', label: `remove ${list}` },
  };
}

/** Package lists first: a fresh machine has none, an old one has stale ones. The lists' lock has no timeout of its own. */
export const aptUpdate: RunCommand = {
  ...aptGet(['update'], 'refresh package lists'),
  retry: { text: 'Could not get lock', forMs: 300_000 },
};

function aptInstall(packages: readonly string[]): RunCommand {
  const what = packages.length === 1 ? packages[0] : `${packages.length} packages`;
  return aptGet(['install', ...packages], `install ${what}: ${packages.join(' ')}`);
}

/** apt-get without questions, keeping configuration files that were edited, and waiting for somebody else's lock for five minutes. */
export function aptGet(words: readonly string[], why: string): RunCommand {
  const [verb = '', ...names] = words;
  const options = ['-y', '-q', '-o', 'DPkg::Lock::Timeout=300', '-o', 'Dpkg::Options::=--force-confold'];
  return {
    do: 'run',
    why,
    command: {
      file: 'apt-get',
      args: [...options, verb, ...names],
      sudo: true,
      env: { DEBIAN_FRONTEND: 'noninteractive', NEEDRESTART_MODE: 'l', LC_ALL: 'C' },
      timeoutMs: 30 * 60_000,
    },
  };
}

/** Packages that were unpacked but not set up, in the output of `packageStates`. */
export function halfInstalled(states: string): readonly string[] {
  const rows = states.split('\n').map((row) => row.split('\t'));
  return rows.flatMap(([state = '', name]) => (name !== undefined && /^.[UFHWt]/.test(state) ? [name] : []));
}

/** Nothing can be installed while an earlier run, or anybody, has left packages half installed: dpkg refuses everything until they are done. */
export const halfInstalledPackages: Resource = {
  kind: 'script',
  id: 'half-installed-packages',
  inspect: async (probe) => {
    const answer = await probe.query(packageStates);
    const unreadable = packagesUnreadable(answer);
    if (unreadable !== undefined) return { status: 'blocked', ...unreadable };
    return halfInstalled(answer.stdout).length === 0
      ? { status: 'ok', note: 'none' }
      : { status: 'change', summary: 'finish what was interrupted' };
  },
  effects: [
    {
      do: 'run',
      why: 'finish what was interrupted',
      command: {
        file: 'dpkg',
        args: ['--configure', '-a', '--force-confold'],
        env: { DEBIAN_FRONTEND: 'noninteractive', LC_ALL: 'C' },
        sudo: true,
      },
    },
    aptGet(['--fix-broken', 'install'], 'install what is missing beside them'),
  ],
};

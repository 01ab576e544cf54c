import type { Command, Effect, Probe, RunCommand } from '../host/host.ts';
import { failure, type Result, success } from '../result.ts';
import { counted } from '../text/counted.ts';
import type { AptPackagesResource, Plan } from './resource.ts';

/**
 * Every package that dpkg knows, behind a letter each for what is wanted and what is. One question for all who want to know of some:
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

export async function inspectAptPackages(probe: Probe, wanted: AptPackagesResource): Promise<FoundPackages> {
  const conflicting = wanted.conflicting?.packages ?? [];
  const installed = await installedPackages(probe, [...wanted.packages, ...conflicting]);
  return {
    missing: wanted.packages.filter((name) => !installed.has(name)),
    conflicting: conflicting.filter((name) => installed.has(name)),
  };
}

/** Those of the named packages that are wholly installed. */
export async function installedPackages(probe: Probe, names: readonly string[]): Promise<Set<string>> {
  const installed = installedIn((await probe.query(packageStates)).stdout);
  return new Set(names.filter((name) => installed.has(name)));
}

/** Every package that is wholly installed. Half a list would be worse than none: what is missing in it would be taken for ours. */
export async function allPackages(probe: Probe): Promise<Result<ReadonlySet<string>>> {
  const { exitCode, stdout, stderr } = await probe.query(packageStates);
  if (exitCode === 0) return success(installedIn(stdout));
  const last = stderr.trim().split('\n').at(-1) ?? '';
  return failure({
    code: 'packages-unreadable',
    problem: `the packages that are installed here cannot be listed: dpkg-query ended with ${exitCode}${last === '' ? '' : `: ${last}`}`,
    fix: "see what is wrong with  dpkg-query -W  or  sudo dpkg --audit  and run this again; without the list an uninstallation could not tell your packages from this program's",
  });
}

function installedIn(stdout: string): Set<string> {
  const rows = stdout.split('\n').map((row) => row.split('\t'));
  return new Set(rows.flatMap(([state = '', name]) => (name !== undefined && /^.i/.test(state) ? [name] : [])));
}

export function planAptPackages(wanted: AptPackagesResource, found: FoundPackages): Plan {
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

import type { Check, CheckFinding, Evidence, InstalledCheckContext } from '../../checks/check.ts';
import type { CommandResult, Probe } from '../../host/host.ts';
import {
  aptUpdate,
  halfInstalled,
  halfInstalledPackages,
  packageStates,
  packagesUnreadable,
} from '../../resources/apt-packages.ts';
import { planResource } from '../../resources/plan-resource.ts';
import type { AptPackagesResource, Resource } from '../../resources/resource.ts';
import { lastLine } from '../../text/said.ts';
import { dockerEngine } from '../docker/step.ts';
import { baseSystem } from './step.ts';

/** What keeps apt from installing anything at all. */
export const packageManager: Check = {
  id: 'apt',
  about: 'package manager: nothing half installed, package lists present',
  on: 'machine',
  look: async ({ probe }) => {
    const [states, lists] = await Promise.all([probe.query(packageStates), probe.list('/var/lib/apt/lists')]);
    return aptTroubles(states, lists);
  },
};

/** What the states of all packages and the folder of lists mean. */
export function aptTroubles(states: CommandResult, lists: readonly string[]): readonly CheckFinding[] {
  const unreadable = packagesUnreadable(states);
  if (unreadable !== undefined)
    return [
      { ...unreadable, symptom: 'apt and dpkg do nothing at all', evidence: [{ text: lastLine(states.stderr) }] },
    ];
  const half = halfInstalled(states.stdout);
  const interrupted: CheckFinding = {
    symptom: 'apt installs nothing: dpkg was interrupted',
    code: 'apt-interrupted',
    problem: 'an earlier installation was interrupted, and packages are only half installed',
    evidence: half.map((name) => ({ path: '/var/lib/dpkg/status', text: `${name} is unpacked but not set up` })),
    fixWith: [halfInstalledPackages],
  };
  const empty: CheckFinding = {
    symptom: 'apt installs nothing: Unable to locate package',
    code: 'apt-package-unknown',
    problem: 'apt has no package lists',
    evidence: [{ path: '/var/lib/apt/lists', text: 'contains no list' }],
    severity: 'note',
    fixWith: [listed],
  };
  return [
    ...(half.length > 0 ? [interrupted] : []),
    ...(lists.some((name) => /_(Packages|InRelease|Release)/.test(name)) ? [] : [empty]),
  ];
}

const listed: Resource = {
  kind: 'script',
  id: 'package-lists',
  inspect: async (probe) =>
    (await probe.list('/var/lib/apt/lists')).some((name) => /_(Packages|InRelease|Release)/.test(name))
      ? { status: 'ok', note: 'there' }
      : { status: 'change', summary: 'fetch the package lists' },
  effects: [aptUpdate],
};

/** Row "apt installed nothing" of the guide: one name that cannot be resolved stops all of them. */
export const packages: Check = {
  id: 'packages',
  about: 'the packages that the later steps need',
  on: 'installation',
  look: async (examination) => {
    const wanted = await wantedPackages(examination);
    const found = await Promise.all(wanted.map(async (resource) => await missingOf(examination.probe, resource)));
    return found.flat();
  },
};

async function wantedPackages({ installed, probe }: InstalledCheckContext): Promise<readonly AptPackagesResource[]> {
  const steps = [baseSystem, dockerEngine];
  const resources = await Promise.all(steps.map(async (step) => await step.resources(installed, probe)));
  return resources.flat().filter((resource) => resource.kind === 'apt-packages');
}

async function missingOf(probe: Probe, resource: AptPackagesResource): Promise<readonly CheckFinding[]> {
  const plan = await planResource(probe, resource);
  if (plan.status !== 'change') return [];
  const install = plan.effects.flatMap((effect) =>
    effect.do === 'run' && effect.command.args.includes('install') ? effect.command.args : [],
  );
  const missing = resource.packages.filter((name) => install.includes(name));
  const args = ['policy', ...missing];
  const { stdout } = await probe.query({ file: 'apt-cache', args, env: { LC_ALL: 'C' } });
  return [packagesMissing(resource, missing, stdout)];
}

/** Packages that are missing, with what apt knows of each of them (`apt-cache policy`). */
export function packagesMissing(resource: Resource, missing: readonly string[], policy: string): CheckFinding {
  const evidence = missing
    .slice(0, 4)
    .map((name): Evidence => ({ text: `dpkg-query: ${name} is not installed${candidate(name, policy)}` }));
  return {
    symptom: 'apt installed nothing, or something has been removed since',
    code: 'packages-missing',
    problem: `${missing.length === 1 ? 'a package is' : `${missing.length} packages are`} missing: ${missing.join(', ')}`,
    evidence,
    fixWith: [resource],
  };
}

function candidate(name: string, policy: string): string {
  const at = policy.split('\n').indexOf(`${name}:`);
  const found = policy
    .split('\n')
    .slice(at + 1, at + 4)
    .find((line) => line.includes('Candidate:'));
  if (at === -1 || found === undefined) return ', and apt does not know it';
  return found.includes('(none)') ? ', and no source offers it' : '';
}

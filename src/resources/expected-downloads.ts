import { counted } from '../text/counted.ts';
import type { Plan, Resource, ResourceId } from './resource.ts';

/**
 * Debian's packages with what they bring along on a fresh Debian 13, in megabytes; what is not listed counts as one. Measured,
 * like everything here: docs/measurements.md, "What a first run fetches".
 */
const packages: Readonly<Record<string, number>> = {
  'build-essential': 84,
  git: 20,
  'unattended-upgrades': 10,
  gnupg: 5,
  'python3-venv': 3,
  'containerd.io': 45,
  'docker-ce': 36,
  'docker-buildx-plugin': 22,
  'docker-compose-plugin': 22,
  'docker-ce-cli': 11,
  'docker-ce-rootless-extras': 7,
  'claude-code': 381,
};

/** What is no Debian package, in megabytes. */
const others: Readonly<Partial<Record<ResourceId, number>>> = {
  'gateway-image': 400,
  'claude-code': 381,
  mise: 56,
  tools: 80,
};

/** Megabytes a second of a line with 50 Mbit/s. */
const perSecond = 6.25;

/** Seconds that a step takes besides downloading, if it changes something: from a whole run in the lab, where downloads take next to nothing. */
const perStep = 7;

/** Less than this is not worth mentioning. */
const worthTelling = 20;

interface Planned {
  readonly resource: Resource;
  readonly plan: Plan;
}

/** What these plans will fetch, in megabytes: an estimate, from the packages, programs and images that are really missing. */
export function expectedMegabytes(planned: readonly Planned[]): number {
  return planned.map(megabytesOf).reduce((sum, one) => sum + one, 0);
}

function megabytesOf({ resource, plan }: Planned): number {
  if (plan.status === 'later') return sizeOf(resource, resource.kind === 'apt-packages' ? resource.packages : []);
  if (plan.status !== 'change') return 0;
  const commands = plan.effects.flatMap((effect) => (effect.do === 'run' ? [effect.command] : []));
  // What is only removed, or is already here and only linked, is not downloaded.
  if (commands.every(({ file }) => ['ln', 'rm'].includes(file))) return 0;
  if (plan.destructive === true && resource.kind !== 'apt-packages') return 0;
  return sizeOf(
    resource,
    commands.flatMap(({ args }) => args),
  );
}

/** `words` may hold more than names of packages. */
function sizeOf(resource: Resource, words: readonly string[]): number {
  if (resource.kind !== 'apt-packages') return others[resource.id] ?? 0;
  const missing = resource.packages.filter((name) => words.includes(name));
  return missing.map((name) => packages[name] ?? 1).reduce((sum, one) => sum + one, 0);
}

/** How much these steps will download and how long they will take, in a sentence; undefined if that is little. */
export function expectedWords(steps: readonly (readonly Planned[])[]): string | undefined {
  const megabytes = expectedMegabytes(steps.flat());
  if (megabytes < worthTelling) return undefined;
  const seconds = megabytes / perSecond + steps.length * perStep;
  return `About ${minutes(seconds)} at 50 Mbit/s, ${size(megabytes)} to fetch.`;
}

function minutes(seconds: number): string {
  return counted(Math.max(1, Math.round(seconds / 60)), 'minute');
}

function size(megabytes: number): string {
  return megabytes < 950 ? `${Math.round(megabytes / 10) * 10} MB` : `${(megabytes / 1000).toFixed(1)} GB`;
}

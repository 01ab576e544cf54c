import type { CheckFinding, Words } from '../checks/check.ts';
import { evidenceOf } from '../checks/finding.ts';
import type { Precedence, VariableSource } from '../checks/variable-source.ts';
import { isRoutingVariable } from '../components/launchers/routing-variables.ts';
import { retireAssignments, retireFish, retireVariables } from '../components/launchers/start-up-files/bashrc.ts';
import { secretVariables } from '../config/secrets.ts';
import type { EditedText, Resource } from '../resources/resource.ts';
import { success } from '../result.ts';

/** Layers that every program started by this account sees, not Claude Code alone. */
const environmentLayers: readonly Precedence[] = [
  'this-shell',
  'shell-file',
  'system-file',
  'user-manager',
  'environment-d',
];
const ours: readonly string[] = Object.values(secretVariables);

/** Variables with a check of their own. */
export const apiKey = 'ANTHROPIC_API_KEY';
export const smallFastModel = 'ANTHROPIC_SMALL_FAST_MODEL';
export const quietTraffic = 'CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC';

/** Whether a variable would lead a plain `claude` somewhere else than to the person's subscription. */
export function isStrayRoute(name: string): boolean {
  return isRoutingVariable(name) && ![apiKey, smallFastModel, quietTraffic, ...ours].includes(name);
}

/** What variables that should stand nowhere do to the person. */
export type StrayWords = Omit<Words, 'evidence'>;

/**
 * What to do about variables that should stand nowhere, where they reach every program: in no settings file, no launcher, and
 * not inside a function. One finding for all places that --fix clears, and one for each that only a person can. `about` says
 * what they do to the person.
 */
export function strayVariables(
  places: readonly VariableSource[],
  unwanted: (name: string) => boolean,
  about: StrayWords,
): readonly CheckFinding[] {
  const found = places.filter(
    ({ name, layer, reach = 'exported' }) =>
      reach === 'exported' && environmentLayers.includes(layer) && unwanted(name) && !ours.includes(name),
  );
  const mendable = found.filter(isFixable);
  const left = found.filter((place) => !isFixable(place));
  const evidence = mendable.map(evidenceOf);
  return [
    ...(mendable.length === 0 ? [] : [{ ...about, evidence, fixWith: clearing(mendable) }]),
    ...left.map((place) => ({ ...about, evidence: [evidenceOf(place)], fix: manualFix(place) })),
  ];
}

function isFixable({ layer, path }: VariableSource): boolean {
  return (
    layer === 'user-manager' ||
    ((layer === 'shell-file' || layer === 'environment-d') && path?.startsWith('/etc/') === false && !isUniversal(path))
  );
}

function manualFix({ name, layer, path = '', line }: VariableSource): string {
  if (layer === 'this-shell') return `unset ${name}`;
  if (isUniversal(path)) return `fish keeps it for all its sessions:  fish -c 'set -Ue ${name}'`;
  const place = line === undefined ? path : `+${line} ${path}`;
  return path.startsWith('/etc/') ? `take ${name} out:  sudo nano ${place}` : `take ${name} out:  nano ${place}`;
}

/** The file is fish's own, which writes it anew. */
function isUniversal(path: string): boolean {
  return path.endsWith('/fish_variables');
}

function clearing(places: readonly VariableSource[]): readonly Resource[] {
  const files = [...new Set(places.flatMap(({ path }) => path ?? []))];
  const inManager = places.filter(({ layer }) => layer === 'user-manager');
  const manager = [...new Set(inManager.map(({ name }) => name))];
  return [
    ...files.map((path) =>
      cleared(
        path,
        places.filter((place) => place.path === path),
      ),
    ),
    ...(manager.length === 0 ? [] : [unsetInManager(manager)]),
  ];
}

/** The lines stay where they are, behind a mark of ours. */
function cleared(path: string, places: readonly VariableSource[]): Resource {
  const names = [...new Set(places.map(({ name }) => name))];
  const plain = places[0]?.layer === 'environment-d';
  return {
    kind: 'file',
    id: `variables:${names.join(',')}:${path}`,
    title: `${names.join(', ')} in ${path}`,
    path,
    mode: 0o644,
    keepMode: true,
    content: (current = ''): EditedText => {
      if (plain) return success(retireAssignments(current, names));
      return path.endsWith('.fish') ? retireFish(current, names, path) : retireVariables(current, names, path);
    },
  };
}

function unsetInManager(names: readonly string[]): Resource {
  return {
    kind: 'script',
    id: 'variables-of-the-service-manager',
    title: `${names.join(', ')} in the service manager`,
    inspect: async (probe) => {
      const { stdout } = await probe.query({ file: 'systemctl', args: ['--user', 'show-environment'] });
      const there = names.some((name) => stdout.split('\n').some((row) => row.startsWith(`${name}=`)));
      return there ? { status: 'change', summary: `unset ${names.join(', ')}` } : { status: 'ok', note: 'not there' };
    },
    effects: [
      {
        do: 'run',
        why: `unset ${names.join(', ')} in the service manager`,
        command: { file: 'systemctl', args: ['--user', 'unset-environment', ...names] },
      },
    ],
  };
}

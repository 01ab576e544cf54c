import {
  byId,
  type Check,
  type CheckFinding,
  evidenceOf,
  type InstalledCheckContext,
  type Words,
} from '../checks/check.ts';
import type { Precedence, VariableSource } from '../checks/variable-source.ts';
import { isRoutingVariable } from '../components/launchers/routing-variables.ts';
import { retireAssignments, retireFish, retireVariables } from '../components/launchers/start-up-files/bashrc.ts';
import { secrets } from '../components/secrets-file/step.ts';
import { secretVariables } from '../config/secrets.ts';
import { success } from '../problem.ts';
import type { EditedText, Resource } from '../resources/resource.ts';
import { editing } from './settings-checks.ts';

const apiKey = 'ANTHROPIC_API_KEY';
const smallFastModel = 'ANTHROPIC_SMALL_FAST_MODEL';
const quietTraffic = 'CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC';

/** What is to be said of what gives variables a value. */
type Judge = (places: readonly VariableSource[]) => readonly CheckFinding[];

/** Row "Subscription mode unexpectedly billing API" of the guide. */
export const strayApiKey: Check = {
  id: 'api-key',
  about: 'no ANTHROPIC_API_KEY in shells, services and the key file',
  on: 'installation',
  look: async (examination) => {
    const places = (await examination.places()).places.filter(({ name }) => name === apiKey);
    return [
      ...(await inSecretsFile(examination, places)),
      ...billed(places.filter(({ path }) => path !== examination.layout.secretsFile)),
    ];
  },
};

const billing: StrayWords = {
  symptom: 'Subscription mode bills the API',
  code: 'api-key-set',
  problem: `${apiKey} is set, and every plain "claude" that sees it is billed by the token`,
};

/** What the places of the key outside the file of keys mean. */
export const billed: Judge = (places) => strayVariables(places, (name) => name === apiKey, billing);

async function inSecretsFile(
  { probe, installed }: InstalledCheckContext,
  places: readonly VariableSource[],
): Promise<readonly CheckFinding[]> {
  const there = places.filter(({ layer }) => layer === 'secrets-file');
  if (there.length === 0) return [];
  const keys = byId(await secrets.resources(installed, probe), 'keys');
  return [{ ...billing, evidence: there.map(evidenceOf), fixWith: keys }];
}

/** Row "Background never hits local" of the guide. */
export const backgroundElsewhere: Judge = (places) =>
  strayVariables(places, (name) => name === smallFastModel, {
    symptom: 'Background work never reaches the local model',
    code: 'route-variable-set',
    problem: `${smallFastModel} is set: Claude Code dropped it for ANTHROPIC_DEFAULT_HAIKU_MODEL, which the launchers set`,
    severity: 'note',
  });
export const deprecatedModel = judging('small-fast-model', `no ${smallFastModel} anywhere`, backgroundElsewhere);

/**
 * Variables in the environment of every program, by which a plain `claude` leaves the subscription. A server, a login or a
 * provider breaks it; a model alone only surprises.
 */
export const routedByAccident: Judge = (places) => {
  const isModel = (name: string) => /MODEL/.test(name);
  return [
    ...strayVariables(places, (name) => isStrayRoute(name) && !isModel(name), {
      symptom: '“The selected model may not exist”; requests go to a different server than you think',
      code: 'route-variable-set',
      problem:
        'a server, a login or a provider is set for every program; the launchers unset it, a plain "claude" obeys it',
    }),
    ...strayVariables(places, (name) => isStrayRoute(name) && isModel(name), {
      symptom: 'A plain "claude" starts with a different model than you chose',
      code: 'route-variable-set',
      problem: 'a model is set for every program; the launchers unset it, a plain "claude" obeys it',
      severity: 'note',
    }),
  ];
};
export const strayRoute = judging(
  'stray-route',
  'no base URL, token, provider or model set for every shell',
  routedByAccident,
);

/** Its mere presence stops Claude Code from asking for the gateway's models. */
export const undiscovered: Judge = (places) =>
  strayVariables(places, (name) => name === quietTraffic, {
    symptom: '/model does not list the models of the gateway; Claude Code is not updated',
    code: 'route-variable-set',
    problem: `${quietTraffic} is set, and any value, even 0, stops both; the launchers unset it`,
    severity: 'note',
  });
export const quieted = judging('no-discovery', `no ${quietTraffic} that stops model discovery`, undiscovered);

function judging(id: string, about: string, judge: Judge): Check {
  return { id, about, on: 'installation', look: async ({ places }) => judge((await places()).places) };
}

/** Layers that every program started by this account sees, not Claude Code alone. */
const environmentLayers: readonly Precedence[] = [
  'this-shell',
  'shell-file',
  'system-file',
  'user-manager',
  'environment-d',
];
const ours: readonly string[] = Object.values(secretVariables);

/** Whether a variable would lead a plain `claude` somewhere else than to the person's subscription. */
function isStrayRoute(name: string): boolean {
  return isRoutingVariable(name) && ![apiKey, smallFastModel, quietTraffic, ...ours].includes(name);
}

/** What variables that should stand nowhere do to the person. */
type StrayWords = Omit<Words, 'evidence'>;

/**
 * What to do about variables that should stand nowhere, where they reach every program: in no settings file, no launcher, and
 * not inside a function. One finding for all places that --fix clears, and one for each that only a person can. `about` says
 * what they do to the person.
 */
function strayVariables(
  places: readonly VariableSource[],
  unwanted: (name: string) => boolean,
  about: StrayWords,
): readonly CheckFinding[] {
  const found = places.filter(
    ({ name, layer, reach = 'exported' }) =>
      reach === 'exported' && environmentLayers.includes(layer) && unwanted(name) && !ours.includes(name),
  );
  const clearable = found.filter(isFixable);
  const left = found.filter((place) => !isFixable(place));
  const evidence = clearable.map(evidenceOf);
  return [
    ...(clearable.length === 0 ? [] : [{ ...about, evidence, fixWith: clearing(clearable) }]),
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
  return `take ${name} out:  ${editing({ path, line })}`;
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

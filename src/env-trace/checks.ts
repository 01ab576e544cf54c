import { byId, type Check, type CheckFinding } from '../checks/check.ts';
import type { InstalledCheckContext } from '../checks/check-context.ts';
import { evidenceOf } from '../checks/finding.ts';
import type { VariableSource } from '../checks/variable-source.ts';
import { secrets } from '../components/secrets-file/step.ts';
import {
  apiKey,
  isStrayRoute,
  quietTraffic,
  type StrayWords,
  smallFastModel,
  strayVariables,
} from './stray-variables.ts';

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

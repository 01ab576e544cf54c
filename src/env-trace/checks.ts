import { byId, type Check, type CheckFinding } from '../checks/check.ts';
import type { InstalledCheckContext } from '../checks/check-context.ts';
import { evidenceOf } from '../checks/finding.ts';
import type { VariableSource } from '../checks/variable-source.ts';
import { secrets } from '../components/secrets-file/step.ts';
import {
  apiKey,
  environmentPlaces,
  isStrayRoute,
  quietTraffic,
  type StrayWords,
  smallFastModel,
  strayVariables,
} from './stray-variables.ts';

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
export function billed(places: readonly VariableSource[]): readonly CheckFinding[] {
  return strayVariables(
    billing,
    environmentPlaces(places, (name) => name === apiKey),
  );
}

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
export const deprecatedModel: Check = {
  id: 'small-fast-model',
  about: `no ${smallFastModel} anywhere`,
  on: 'installation',
  look: async ({ places }) => backgroundElsewhere((await places()).places),
};

export function backgroundElsewhere(places: readonly VariableSource[]): readonly CheckFinding[] {
  const about: StrayWords = {
    symptom: 'Background work never reaches the local model',
    code: 'route-variable-set',
    problem: `${smallFastModel} is set: Claude Code dropped it for ANTHROPIC_DEFAULT_HAIKU_MODEL, which the launchers set`,
    severity: 'note',
  };
  return strayVariables(
    about,
    environmentPlaces(places, (name) => name === smallFastModel),
  );
}

/** Variables in the environment of every program, by which a plain `claude` leaves the subscription. */
export const strayRoute: Check = {
  id: 'stray-route',
  about: 'no base URL, token, provider or model set for every shell',
  on: 'installation',
  look: async ({ places }) => routedByAccident((await places()).places),
};

/** A server, a login or a provider breaks the subscription; a model alone only surprises. */
export function routedByAccident(places: readonly VariableSource[]): readonly CheckFinding[] {
  const found = environmentPlaces(places, isStrayRoute);
  const isModel = ({ name }: VariableSource) => /MODEL/.test(name);
  const strong: StrayWords = {
    symptom: '“The selected model may not exist”; requests go to a different server than you think',
    code: 'route-variable-set',
    problem:
      'a server, a login or a provider is set for every program; the launchers unset it, a plain "claude" obeys it',
  };
  const weak: StrayWords = {
    symptom: 'A plain "claude" starts with a different model than you chose',
    code: 'route-variable-set',
    problem: 'a model is set for every program; the launchers unset it, a plain "claude" obeys it',
    severity: 'note',
  };
  return [
    ...strayVariables(
      strong,
      found.filter((place) => !isModel(place)),
    ),
    ...strayVariables(weak, found.filter(isModel)),
  ];
}

/** Its mere presence stops Claude Code from asking for the gateway's models. */
export const quieted: Check = {
  id: 'no-discovery',
  about: `no ${quietTraffic} that stops model discovery`,
  on: 'installation',
  look: async ({ places }) => undiscovered((await places()).places),
};

export function undiscovered(places: readonly VariableSource[]): readonly CheckFinding[] {
  const about: StrayWords = {
    symptom: '/model does not list the models of the gateway; Claude Code is not updated',
    code: 'route-variable-set',
    problem: `${quietTraffic} is set, and any value, even 0, stops both; the launchers unset it`,
    severity: 'note',
  };
  return strayVariables(
    about,
    environmentPlaces(places, (name) => name === quietTraffic),
  );
}

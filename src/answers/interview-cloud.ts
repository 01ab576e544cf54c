import type { Problem } from '../engine/finding.ts';
import { Secret } from '../host/secret.ts';
import { type CloudModel, familyOf, listModels, proposeModels } from '../services/anthropic.ts';
import { probeDeployment } from '../services/foundry.ts';
import { foundryBaseUrl, normaliseResource, resourceProblem } from '../services/foundry-resource.ts';
import { problemLines } from '../ui/wording.ts';
import type { Interview } from './interview.ts';
import { type AnswersInput, type ModelFamily, modelFamilies } from './schema.ts';
import { typedSecret } from './secret-source.ts';
import type { SecretName, Secrets } from './secrets.ts';

type CloudAnswers = NonNullable<AnswersInput['cloud']>;

export interface CloudInterviewed {
  readonly cloud: CloudAnswers;
  readonly secrets: Partial<Secrets>;
}

type Backend = 'anthropic' | 'foundry' | 'both' | 'none';

/** Which cloud stands behind, its key, and its models. */
export async function askCloud(about: Interview): Promise<CloudInterviewed> {
  const { ui, earlier } = about;
  ui.say('');
  ui.say('3/6  Which cloud stands behind it?', 'strong');
  const backend = await ui.choose<Backend>({
    message: 'Cloud',
    choices: [
      { value: 'anthropic', label: 'Claude API' },
      { value: 'foundry', label: 'Azure AI Foundry' },
      { value: 'both', label: 'both' },
      { value: 'none', label: 'none, local only' },
    ],
    default: earlierBackend(earlier?.cloud),
  });
  const anthropic = backend === 'anthropic' || backend === 'both' ? await askAnthropic(about) : undefined;
  const foundry = backend === 'foundry' || backend === 'both' ? await askFoundry(about) : undefined;
  const main = anthropic?.main ?? foundry?.main;
  return {
    cloud: {
      ...(anthropic === undefined ? {} : { anthropic: { models: anthropic.models } }),
      ...(foundry === undefined ? {} : { foundry: { resource: foundry.resource, deployments: foundry.deployments } }),
      ...(main === undefined ? {} : { main }),
    },
    secrets: { ...anthropic?.secrets, ...foundry?.secrets },
  };
}

function earlierBackend(cloud: { readonly anthropic?: unknown; readonly foundry?: unknown } | undefined): Backend {
  if (cloud?.anthropic !== undefined) return cloud.foundry === undefined ? 'anthropic' : 'both';
  return cloud?.foundry === undefined ? (cloud === undefined ? 'anthropic' : 'none') : 'foundry';
}

/** Asks until `accept` takes the key; the known one is offered first. Gives back what `accept` found. */
async function askKey<Found>(
  about: Interview,
  name: Exclude<SecretName, 'gatewayKey'>,
  label: string,
  accept: (key: Secret) => Promise<Found | Problem>,
): Promise<{ readonly key: Secret; readonly found: Found }> {
  const { ui, known } = about;
  let offered = known[name];
  for (;;) {
    const key = offered ?? (await typedKey(about, name, label));
    if (offered !== undefined) ui.say(`     Using the key that is known already (fingerprint ${offered.fingerprint()}).`);
    const found = await ui.busy('trying the key', accept(key));
    if (!isProblem(found)) return { key, found };
    for (const line of problemLines(found, 'warning')) ui.say(line.text, line.tone);
    offered = undefined;
  }
}

async function typedKey({ ui }: Interview, name: SecretName, label: string): Promise<Secret> {
  const typed = await ui.askSecret({
    message: label,
    problem: (text) => {
      const read = typedSecret(text, name);
      if (text.trim() === '') return 'Paste the key; Ctrl-C leaves without changing anything.';
      return read instanceof Secret ? undefined : `${read.problem}: ${read.fix}`;
    },
  });
  return new Secret(typed.trim());
}

function isProblem(value: unknown): value is Problem {
  return typeof value === 'object' && value !== null && 'problem' in value;
}

interface AnthropicInterviewed {
  readonly models: NonNullable<NonNullable<CloudAnswers['anthropic']>['models']>;
  readonly main: string | undefined;
  readonly secrets: Partial<Secrets>;
}

async function askAnthropic(about: Interview): Promise<AnthropicInterviewed> {
  const { ui } = about;
  ui.say('');
  ui.say('4/6  Claude API key   begins with sk-ant-; hidden as you type', 'strong');
  const { key, found } = await askKey(about, 'anthropicKey', 'Key', async (secret) => await listModels(about.probe, secret));
  const proposal = proposeModels(found.models);
  ui.say(`     The key works. ${found.models.length} models; in front ${proposal.main ?? 'none'}, small ${proposal.haiku ?? 'none'}.`);
  const main = await askMain(about, found.models, proposal.main);
  const { opus, sonnet, haiku, fable } = proposal;
  const models = Object.fromEntries(Object.entries({ opus, sonnet, haiku, fable, ...familySlot(main) }).filter(([, id]) => id !== undefined));
  return { models, main, secrets: { anthropicKey: key } };
}

/** The chosen foreground model takes the place of the proposed one of its family, so that the gateway offers it. */
function familySlot(id: string | undefined): Partial<Record<ModelFamily, string>> {
  const family = id === undefined ? undefined : familyOf(id);
  return family === undefined || id === undefined ? {} : { [family]: id };
}

async function askMain({ ui, earlier }: Interview, models: readonly CloudModel[], proposed: string | undefined): Promise<string | undefined> {
  const ids = models.filter(({ family }) => family !== undefined).map(({ id }) => id);
  if (ids.length === 0) return undefined;
  const before = earlier?.cloud.main;
  const first = before !== undefined && ids.includes(before) ? before : proposed;
  return await ui.choose({
    message: 'Model in front',
    choices: ids.map((id) => ({ value: id, label: id })),
    ...(first === undefined ? {} : { default: first }),
  });
}

interface FoundryInterviewed {
  readonly resource: string;
  readonly deployments: NonNullable<CloudAnswers['foundry']>['deployments'];
  readonly main: string | undefined;
  readonly secrets: Partial<Secrets>;
}

async function askFoundry(about: Interview): Promise<FoundryInterviewed> {
  const { ui, earlier } = about;
  ui.say('');
  ui.say('4/6  Azure AI Foundry: the resource   e.g. myfoundry, or its whole address', 'strong');
  const before = earlier?.cloud.foundry;
  const typed = await ui.askText({
    message: 'Resource',
    problem: (text) => resourceProblem(text),
    ...(before === undefined ? {} : { default: before.resource }),
  });
  const resource = normaliseResource(typed);
  ui.say(`     ${foundryBaseUrl(resource)}`);
  ui.say('     The names of your deployments; each is tried with one token. Empty for none.');
  for (;;) {
    const names = await askDeployments(about);
    const first = Object.values(names)[0];
    if (first === undefined) {
      ui.say('     At least one deployment is needed.', 'warning');
      continue;
    }
    const { key, found } = await askKey(about, 'foundryKey', 'Foundry key', async (secret) => await tryAll(about, resource, names, secret));
    ui.say(`     ${found.length} deployment${found.length === 1 ? '' : 's'} answered.`);
    const main = `foundry/${names.sonnet ?? first}`;
    return { resource, deployments: names, main, secrets: { foundryKey: key } };
  }
}

async function askDeployments({ ui, earlier }: Interview): Promise<Partial<Record<ModelFamily, string>>> {
  const names: Partial<Record<ModelFamily, string>> = {};
  for (const family of modelFamilies) {
    const before = earlier?.cloud.foundry?.deployments[family]?.deployment;
    const typed = await ui.askText({
      message: `${family} deployment`,
      problem: (text) => (text.trim() === '' || /^[A-Za-z0-9][A-Za-z0-9._-]*$/.test(text.trim()) ? undefined : 'A name has letters, digits and . _ - only.'),
      ...(before === undefined ? {} : { default: before }),
    });
    if (typed.trim() !== '') names[family] = typed.trim();
  }
  return names;
}

async function tryAll({ probe }: Interview, resource: string, names: Partial<Record<ModelFamily, string>>, key: Secret): Promise<readonly string[] | Problem> {
  const tried = await Promise.all(Object.values(names).map(async (name) => await probeDeployment(probe, resource, name, key)));
  return tried.find(isProblem) ?? Object.values(names);
}

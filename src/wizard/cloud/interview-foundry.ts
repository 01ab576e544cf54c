import { familyOf } from '../../components/cloud/anthropic.ts';
import { type DeploymentFound, dialResource, probeDeployment } from '../../components/cloud/foundry.ts';
import { foundryBaseUrl, normaliseResource, resourceProblem } from '../../config/foundry-resource.ts';
import { cloudModelIdProblem } from '../../config/model-id.ts';
import { type CloudAnswers, type ModelFamily, modelFamilies } from '../../config/schema.ts';
import type { Secret } from '../../host/secret.ts';
import type { Result } from '../../problem.ts';
import { given } from '../../text/json.ts';
import { tellProblem } from '../../ui/wording.ts';
import type { Asked, Asking } from '../questions.ts';
import { askKey, keptHint } from './interview-key.ts';

type FoundryAnswers = NonNullable<CloudAnswers['foundry']>;

/** Everything that was typed about Foundry so far; a wrong part is typed again, the others stay. */
interface Typed {
  readonly resource: string;
  readonly names: readonly string[];
  readonly key: Secret;
}

/** The resource, its deployments and its key; one token from each deployment proves all three. */
export async function askFoundry(about: Asking): Promise<Asked<{ readonly foundry: FoundryAnswers }>> {
  const { questions } = about;
  questions.begin('Azure AI Foundry resource', 'e.g. myfoundry; its address or its long resource ID will also do');
  const resource = await askResource(about);
  if (resource === undefined) return 'back';
  questions.begin('Which deployments of Claude models does it have?');
  const names = await askNames(about);
  questions.begin('Azure AI Foundry key', ...keptHint(about.known.foundryKey));
  const key = await askFoundryKey(about, about.known.foundryKey);
  const proven = await prove(about, { resource, names, key });
  if (proven === 'back') return proven;
  const deployments = await withModels(about, proven.found);
  const prices = about.earlier?.cloud.foundry?.prices;
  const foundry = { resource: proven.resource, deployments, ...given({ prices }) };
  return { foundry, secrets: { foundryKey: proven.key } };
}

/** Asks until there is a resource of that name; undefined when the person would rather choose another cloud. */
async function askResource(about: Asking, before?: string): Promise<string | undefined> {
  const { ui, probe, earlier } = about;
  const known = earlier?.cloud.foundry?.resource;
  let start = before;
  for (;;) {
    const typed = await ui.askText({
      id: 'foundry-resource',
      message: 'Resource',
      problem: resourceProblem,
      ...given({ default: known, start }),
    });
    const resource = normaliseResource(typed);
    const problem = await ui.busy(`looking for ${resource}`, dialResource(probe, resource));
    if (problem === undefined) {
      ui.say(`     ${new URL(foundryBaseUrl(resource)).host} exists.`);
      return resource;
    }
    tellProblem(ui, problem, 'warning');
    start = typed;
    const answer = await ui.choose({
      message: 'What now?',
      choices: [
        { value: 'again', label: 'type the resource again' },
        { value: 'keep', label: 'use it anyway' },
        { value: 'back', label: 'choose another cloud, or none' },
      ],
    });
    if (answer !== 'again') return answer === 'keep' ? resource : undefined;
  }
}

async function askFoundryKey(about: Asking, kept: Secret | undefined): Promise<Secret> {
  return await askKey(about, { name: 'foundryKey', message: 'Foundry key' }, kept);
}

interface Proven extends Typed {
  readonly found: readonly DeploymentFound[];
}

/** Tries what was typed until every deployment answers, or until the person decides otherwise. */
async function prove(about: Asking, first: Typed): Promise<Proven | 'back'> {
  let typed = first;
  for (;;) {
    const found = await tryAll(about, typed);
    const answered = found.flatMap((one) => (one.ok ? [one.value] : []));
    if (answered.length === found.length) return { ...typed, found: answered };
    const answer = await whatToTypeAgain(about, answered.length > 0);
    if (answer === 'back') return answer;
    if (answer === 'keep') return { ...typed, found: typed.names.map((name, index) => foundOr(name, found[index])) };
    if (answer === 'key') typed = { ...typed, key: await askFoundryKey(about, undefined) };
    if (answer === 'names') typed = { ...typed, names: await askNames(about, typed.names) };
    if (answer === 'resource') {
      const resource = await askResource(about, typed.resource);
      if (resource === undefined) return 'back';
      typed = { ...typed, resource };
    }
  }
}

function foundOr(name: string, found: Result<DeploymentFound> | undefined): DeploymentFound {
  return found?.ok === true ? found.value : { deployment: name, model: name, ms: 0 };
}

async function tryAll(
  { ui, probe }: Asking,
  { resource, names, key }: Typed,
): Promise<readonly Result<DeploymentFound>[]> {
  const tries = Promise.all(names.map(async (name) => await probeDeployment(probe, resource, name, key)));
  const found = await ui.busy(
    `asking ${names.length === 1 ? 'the deployment' : 'each deployment'} for one token`,
    tries,
  );
  const told = new Set<string>();
  for (const [index, one] of found.entries()) {
    if (one.ok) ui.say(`     ${names[index]} answers (${Math.round(one.value.ms)} ms).`);
    else if (!told.has(one.problem.problem)) tellProblem(ui, one.problem, 'warning');
    if (!one.ok) told.add(one.problem.problem);
  }
  return found;
}

type Again = 'key' | 'names' | 'resource' | 'again' | 'keep' | 'back';

async function whatToTypeAgain({ ui }: Asking, someAnswer: boolean): Promise<Again> {
  return await ui.choose<Again>({
    message: 'What now?',
    choices: [
      { value: 'key', label: 'type the key again' },
      { value: 'names', label: 'correct the deployments' },
      { value: 'resource', label: 'correct the resource' },
      { value: 'again', label: 'try the same again' },
      { value: 'keep', label: 'use them anyway' },
      { value: 'back', label: 'choose another cloud, or none' },
    ],
    default: someAnswer ? 'names' : 'key',
  });
}

export type Deployments = Partial<Record<ModelFamily, { readonly deployment: string; readonly model: string }>>;

/** The names of the deployments; `before` is what was typed already and has to be corrected. */
async function askNames({ ui, earlier }: Asking, before?: readonly string[]): Promise<readonly string[]> {
  const known = Object.values(earlier?.cloud.foundry?.deployments ?? {}).flatMap((entry) =>
    entry === undefined ? [] : [entry.deployment],
  );
  ui.say(
    '     One of each family; the portal lists them under Build > Models, e.g. claude-sonnet-4-6, claude-haiku-4-5',
    'dim',
  );
  const typed = await ui.askText({
    id: 'foundry-deployments',
    message: 'Deployments',
    problem: namesProblem,
    ...(known.length === 0 ? {} : { default: known.join(', ') }),
    ...(before === undefined ? {} : { start: before.join(', ') }),
  });
  return namesIn(typed);
}

function namesIn(typed: string): readonly string[] {
  return [...new Set(typed.split(/[\s,;]+/).filter((name) => name !== ''))];
}

function namesProblem(typed: string): string | undefined {
  const names = namesIn(typed);
  const wrong = names.find((name) => !/^[A-Za-z0-9][A-Za-z0-9._-]*$/.test(name));
  if (names.length === 0) return 'Name at least one deployment.';
  if (wrong !== undefined) return `"${wrong}" is not a deployment name: those contain only letters, digits and . _ -`;
  return twiceProblem(names.flatMap((name) => familyOf(name) ?? []));
}

function twiceProblem(families: readonly ModelFamily[]): string | undefined {
  const twice = families.find((family, index) => families.indexOf(family) !== index);
  return twice === undefined
    ? undefined
    : `Only one deployment of each family can be used, and two of these are of the ${twice} family. Leave one out.`;
}

/** Claude Code has to know the model behind a name of the owner's own: it decides what it sends by the model's id. */
async function withModels(about: Asking, found: readonly DeploymentFound[]): Promise<Deployments> {
  const entries: (readonly [ModelFamily, { readonly deployment: string; readonly model: string }])[] = [];
  for (const one of found) {
    const taken = entries.map(([family]) => family);
    const model =
      claudeId(one.deployment) ?? claudeId(one.model) ?? (await askModelBehind(about, one.deployment, taken));
    if (model !== one.deployment) about.ui.say(`     ${one.deployment} is ${model}.`);
    const family = familyOf(model);
    if (family !== undefined && !taken.includes(family)) entries.push([family, { deployment: one.deployment, model }]);
    else about.ui.say(`     ${one.deployment} is left out: there is already one of its family.`, 'warning');
  }
  return Object.fromEntries(entries.sort(([a], [b]) => modelFamilies.indexOf(a) - modelFamilies.indexOf(b)));
}

function claudeId(name: string): string | undefined {
  return /^claude-(opus|sonnet|haiku|fable)-\d[\w.-]*$/.test(name) ? name : undefined;
}

async function askModelBehind({ ui, earlier }: Asking, name: string, taken: readonly ModelFamily[]): Promise<string> {
  const before = Object.values(earlier?.cloud.foundry?.deployments ?? {}).find(
    (entry) => entry?.deployment === name,
  )?.model;
  ui.say(`     ${name} is a custom name. Which Claude model is it? The portal shows it, e.g. claude-sonnet-4-6`, 'dim');
  const typed = await ui.askText({
    id: `foundry-model:${name}`,
    message: `Model behind ${name}`,
    problem: (text) => behindProblem(text.trim(), taken),
    ...(before === undefined || before === name ? {} : { default: before }),
  });
  return typed.trim();
}

function behindProblem(model: string, taken: readonly ModelFamily[]): string | undefined {
  const family = familyOf(model);
  const fits = cloudModelIdProblem(model) === undefined && claudeId(model) !== undefined;
  if (!fits || family === undefined)
    return 'Type the id of the model, e.g. claude-opus-4-8, claude-sonnet-4-6 or claude-haiku-4-5.';
  return taken.includes(family)
    ? `There is already a deployment of the ${family} family; only one of each can be used.`
    : undefined;
}

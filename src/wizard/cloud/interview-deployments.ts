import { familyOf } from '../../components/cloud/anthropic.ts';
import type { DeploymentFound } from '../../components/cloud/foundry.ts';
import { type ModelFamily, modelFamilies } from '../../config/schema.ts';
import { cloudModelIdProblem } from '../../config/values/model-id.ts';
import type { Asking } from '../asking.ts';

export type Deployments = Partial<Record<ModelFamily, { readonly deployment: string; readonly model: string }>>;

/** The names of the deployments; `before` is what was typed already and has to be corrected. */
export async function askNames({ ui, earlier }: Asking, before?: readonly string[]): Promise<readonly string[]> {
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
export async function withModels(about: Asking, found: readonly DeploymentFound[]): Promise<Deployments> {
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

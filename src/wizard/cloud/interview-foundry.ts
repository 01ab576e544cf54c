import { type DeploymentFound, dialResource, probeDeployment } from '../../components/cloud/foundry.ts';
import type { CloudAnswers } from '../../config/schema.ts';
import { foundryBaseUrl, normaliseResource, resourceProblem } from '../../config/values/foundry-resource.ts';
import type { Secret } from '../../host/secret.ts';
import type { Result } from '../../result.ts';
import { given } from '../../text/json.ts';
import { tellProblem } from '../../ui/tell-problem.ts';
import type { Asked, Asking } from '../asking.ts';
import { askNames, withModels } from './interview-deployments.ts';
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

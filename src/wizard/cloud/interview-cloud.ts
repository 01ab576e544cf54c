import type { CloudModel, Models } from '../../components/cloud/anthropic.ts';
import { type CloudAnswers, type ModelFamily, modelFamilies } from '../../config/schema.ts';
import type { Secrets } from '../../config/secrets.ts';
import { failure, type Result, success } from '../../problem.ts';
import { given } from '../../text/json.ts';
import type { Choice } from '../../ui/ui.ts';
import { type Asking, type Backend, backendOf, questionsAbout } from '../questions.ts';
import { askAnthropic } from './interview-anthropic.ts';
import { askFoundry } from './interview-foundry.ts';

export interface CloudInterviewed {
  readonly cloud: CloudAnswers;
  readonly secrets: Partial<Secrets>;
  readonly found: BackendsAsked;
}

const backends: readonly Choice<Backend>[] = [
  { value: 'anthropic', label: 'Claude API', detail: 'a key of platform.claude.com' },
  { value: 'foundry', label: 'Azure AI Foundry', detail: 'Claude models deployed in your Azure resource' },
  { value: 'both', label: 'both' },
  { value: 'none', label: 'none', detail: 'local only; nothing ever leaves your network' },
];

/** Which cloud stands behind, its key, and its models. Keys and names that were typed are kept when another cloud is chosen after all. */
export async function askCloud(start: Asking): Promise<CloudInterviewed> {
  let about = start;
  let offered = backendOf(about.earlier?.cloud);
  for (;;) {
    const backend = await askBackend(about, offered);
    offered = backend;
    const asked = await askBackends(about, backend);
    if (asked.ok) {
      const { value: found } = asked;
      return { cloud: cloudWith(found, offeredMain(about, found)), secrets: found.secrets, found };
    }
    about = { ...about, known: { ...about.known, ...asked.problem.secrets } };
    about.questions.returnTo(asked.problem.back);
  }
}

async function askBackend({ ui, questions }: Asking, offered: Backend): Promise<Backend> {
  questions.begin('Which cloud do you want to use?');
  const backend = await ui.choose<Backend>({ id: 'cloud', message: 'Cloud', choices: backends, default: offered });
  const some = {
    anthropic: backend === 'anthropic' || backend === 'both' ? {} : undefined,
    foundry: backend === 'foundry' || backend === 'both' ? {} : undefined,
  };
  questions.expect(questionsAbout(some));
  return backend;
}

/** What the clouds were found to have. */
export interface BackendsAsked {
  readonly anthropic: { readonly models: Models; readonly listed: readonly CloudModel[] } | undefined;
  readonly foundry: NonNullable<CloudAnswers['foundry']> | undefined;
  readonly secrets: Partial<Secrets>;
}

interface WentBack {
  /** The number of the question about the cloud. */
  readonly back: number;
  readonly secrets: Partial<Secrets>;
}

async function askBackends(about: Asking, backend: Backend): Promise<Result<BackendsAsked, WentBack>> {
  const back = about.questions.number();
  const anthropic = backend === 'anthropic' || backend === 'both' ? await askAnthropic(about) : undefined;
  if (anthropic === 'back') return failure({ back, secrets: {} });
  const foundry = backend === 'foundry' || backend === 'both' ? await askFoundry(about) : undefined;
  if (foundry === 'back') return failure({ back, secrets: anthropic?.secrets ?? {} });
  return success({ anthropic, foundry: foundry?.foundry, secrets: { ...anthropic?.secrets, ...foundry?.secrets } });
}

/** The answers with that model in front: it takes its family's place, so that the gateway offers it. */
function cloudWith({ anthropic, foundry }: BackendsAsked, main: string | undefined): CloudAnswers {
  const chosen = anthropic?.listed.find(({ id }) => id === main);
  const slot = chosen?.family === undefined ? {} : { [chosen.family]: chosen.id };
  return {
    ...(anthropic === undefined ? {} : { anthropic: { models: { ...anthropic.models, ...slot } } }),
    ...given({ foundry, main }),
  };
}

/** What may be in front: any model that the account has, or any deployment. */
function mainChoices({ anthropic, foundry }: BackendsAsked): readonly MainChoice[] {
  return [...anthropicChoices(anthropic), ...foundryChoices(foundry, anthropic !== undefined)];
}

/** The former one while it exists, otherwise the newest of the all-round family. */
function offeredMain(about: Asking, found: BackendsAsked): string | undefined {
  const choices = mainChoices(found);
  const offered = [
    ...Object.values(found.anthropic?.models ?? {}),
    ...choices.flatMap(({ value }) => (value.startsWith('foundry/') ? [value] : [])),
  ];
  const before = about.earlier?.cloud.main;
  return before !== undefined && offered.includes(before) ? before : choices[0]?.value;
}

type MainChoice = Choice<string>;

function anthropicChoices(asked: BackendsAsked['anthropic']): readonly MainChoice[] {
  if (asked === undefined) return [];
  const proposed = Object.values(asked.models);
  const known = asked.listed.filter(({ family }) => family !== undefined).map(({ id }) => id);
  const ids = [...mainFirst(asked.models), ...known.filter((id) => !proposed.includes(id))];
  return ids.map((id) => ({ value: id, label: id, detail: 'Claude API' }));
}

function foundryChoices(foundry: BackendsAsked['foundry'], beside: boolean): readonly MainChoice[] {
  const models = Object.fromEntries(
    Object.entries(foundry?.deployments ?? {}).map(([family, entry]) => [
      family,
      typeof entry === 'object' ? entry.model : entry,
    ]),
  );
  const choices = mainFirst(models).map((model) => ({
    value: `foundry/${model}`,
    label: beside ? `foundry/${model}` : model,
    detail: 'Azure AI Foundry',
  }));
  return choices;
}

/** The all-round family comes first, because it is the default. */
function mainFirst(models: Models): readonly string[] {
  const order: readonly ModelFamily[] = ['sonnet', ...modelFamilies.filter((family) => family !== 'sonnet')];
  return order.flatMap((family) => models[family] ?? []);
}

/** How many models there are to choose the one in front from. */
export function countMain(found: BackendsAsked): number {
  return mainChoices(found).length;
}

/** Which model is in front; the answers with it. */
export async function askMain(about: Asking, found: BackendsAsked): Promise<CloudAnswers> {
  const { ui, questions } = about;
  const choices = mainChoices(found);
  const oneCloud = new Set(choices.map(({ detail }) => detail)).size === 1;
  questions.begin('Which cloud model is the main one?', 'claude-routed starts with it; /model changes it at any time.');
  const main = await ui.choose({
    id: 'main-model',
    message: 'Main model',
    choices: oneCloud ? choices.map(({ value, label }) => ({ value, label })) : choices,
    default: offeredMain(about, found) ?? '',
  });
  return cloudWith(found, main);
}

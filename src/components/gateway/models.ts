import { type Answers, type ModelFamily, modelFamilies } from '../../config/schema.ts';

/** What stands behind a name at the gateway. */
export type Backend =
  | { readonly kind: 'local'; readonly model: string | undefined }
  | { readonly kind: 'anthropic'; readonly model: string }
  | { readonly kind: 'foundry'; readonly model: string; readonly deployment: string };

export type BackendKind = Backend['kind'];

/** One name that clients can ask the gateway for. */
export interface GatewayModel {
  readonly name: string;
  readonly backend: Backend;
  /** Never changes for a name; the gateway sends it back as `x-litellm-model-id`, so it tells who answered. */
  readonly id: string;
  /** Set when the name is only a short form of another one. */
  readonly aliasOf?: string;
  /** The names that take over, in this order, when this one cannot answer. */
  readonly fallbacks: readonly string[];
}

/** The local model; fails over to the cloud when that was agreed to. */
export const LOCAL = 'local';
/** The same model without failover. */
export const LOCAL_ONLY = 'local-only';
/** Its name up to 1.1, which reads like a cloud model's: people type it, and rules name it. */
const FORMER_LOCAL_ONLY = 'anthropic-local';
export const localOnlyNames: readonly string[] = [LOCAL_ONLY, FORMER_LOCAL_ONLY];
/** A request for one of these is meant for the local model. */
export const localNames: readonly string[] = [LOCAL, ...localOnlyNames];

const idPrefix: Readonly<Record<BackendKind, string>> = {
  local: 'lm-studio',
  anthropic: 'claude-api',
  foundry: 'foundry',
};
/** Which family is in the foreground if nobody chose: the all-round one first. */
const foregroundOrder: readonly ModelFamily[] = ['sonnet', 'opus', 'fable', 'haiku'];
/** Which family takes over from the local model if nobody chose: the cheapest first. */
const failoverOrder: readonly ModelFamily[] = ['haiku', 'sonnet', 'opus', 'fable'];

/** Every name the gateway offers, local ones first, short forms last, each name once. */
export function gatewayModels(answers: Answers): readonly GatewayModel[] {
  const target = failoverTarget(answers);
  const cloud = cloudModels(answers).map((one) => ({
    ...one,
    model: { ...one.model, fallbacks: standInsFor(answers, one) },
  }));
  const models = [
    { ...localModel(answers, LOCAL), fallbacks: target === undefined ? [] : [target] },
    localModel(answers, LOCAL_ONLY),
    ...cloud.map(({ model }) => model),
    ...cloud.map(shortForm),
    { ...localModel(answers, FORMER_LOCAL_ONLY), aliasOf: LOCAL_ONLY },
  ];
  return models.filter((model, index) => models.findIndex(({ name }) => name === model.name) === index);
}

/** The foreground model: the chosen one by its full name, else a cloud model, else the local one. */
export function mainModel(answers: Answers): string {
  const chosen = answers.cloud.main;
  if (chosen !== undefined) return fullName(answers, chosen);
  return firstOf(foregroundOrder, cloudModels(answers))?.name ?? LOCAL;
}

/** The name that takes over from `local`; undefined when failover was not agreed to or there is no cloud. */
export function failoverTarget(answers: Answers): string | undefined {
  const cloud = cloudModels(answers);
  if (!answers.failover.allowed || cloud.length === 0) return undefined;
  const chosen = answers.failover.target;
  if (chosen !== undefined) return fullName(answers, chosen);
  return firstOf(failoverOrder, besideMain(answers, cloud))?.name;
}

/**
 * The cloud models that the local one replaces, by deployment id: in claude-routed the one that would do the background work
 * if the conversation is in a cloud; everywhere else the one that would be in the foreground. Undefined without a cloud.
 */
export function replacedByLocal(answers: Answers): {
  readonly routed: string | undefined;
  readonly elsewhere: string | undefined;
} {
  const cloud = cloudModels(answers);
  const front = cloud.find(({ model }) => model.name === mainModel(answers))?.model ?? firstOf(foregroundOrder, cloud);
  const behind = firstOf(failoverOrder, besideMain(answers, cloud));
  const { profile = 'cloud-foreground' } = answers.routing;
  const inFront = profile === 'cloud-foreground' || profile === 'local-subagents';
  return { routed: (inFront ? behind : front)?.id, elsewhere: front?.id };
}

/** The names that answer in place of a cloud model, in the order that was agreed to. The local one has no fallback of its own. */
function standInsFor(answers: Answers, { family, model }: CloudModel): readonly string[] {
  const others = cloudModels(answers).filter((other) => other.model.backend.kind !== model.backend.kind);
  const taker = firstOf([family, ...(family === 'haiku' ? failoverOrder : foregroundOrder)], others);
  const names = { 'other-cloud': taker === undefined ? [] : [taker.name], local: [LOCAL_ONLY] };
  return answers.failover.whenCloudFails.flatMap((kind) => names[kind]);
}

/**
 * What Claude Code's four model families stand for in `claude-routed`. The haiku slot is the local model: that is what routes
 * background work there. A family without a model of its own gets the foreground model.
 */
export function slotModels(answers: Answers): Readonly<Record<ModelFamily, string>> {
  const main = mainModel(answers);
  const cloud = besideMain(answers, cloudModels(answers));
  const slot = (family: ModelFamily): string => firstOf([family], cloud)?.name ?? main;
  return { opus: slot('opus'), sonnet: slot('sonnet'), haiku: LOCAL, fable: slot('fable') };
}

/**
 * The names that Claude Code does not recognise. It sends them turns that only its newest models understand, so the gateway's hook
 * simplifies their requests.
 */
export function foldedNames(answers: Answers): readonly string[] {
  const unrecognised = gatewayModels(answers).filter(
    ({ backend, aliasOf }) => backend.kind === 'local' || aliasOf !== undefined,
  );
  return unrecognised.map(({ name }) => name);
}

/** Names that work when typed and mean the same as another: /model lists each model once. */
export function unlistedNames(answers: Answers): readonly string[] {
  return gatewayModels(answers).flatMap(({ name, aliasOf }) => (aliasOf === undefined ? [] : [name]));
}

/** Which backend a deployment id (`x-litellm-model-id`) belongs to. */
export function backendOfId(id: string | undefined): BackendKind | undefined {
  const kinds: readonly BackendKind[] = ['local', 'anthropic', 'foundry'];
  return kinds.find((kind) => id?.startsWith(`${idPrefix[kind]}:`));
}

/** A deployment's id for people: since 1.0 the local model's has been marked as LM Studio's, whatever its server is. */
export function shownId(id: string): string {
  return id.startsWith(`${idPrefix.local}:`) ? id.slice(idPrefix.local.length + 1) : id;
}

/** A cloud model with its family. */
export interface CloudModel {
  readonly family: ModelFamily;
  readonly model: GatewayModel;
}

function localModel(answers: Answers, name: string): GatewayModel {
  const backend = { kind: 'local', model: answers.localModel.model } as const;
  return { name, backend, id: `${idPrefix.local}:${name}`, fallbacks: [] };
}

/** Every cloud model by its full name, those of the Claude API first. */
export function cloudModels({ cloud }: Answers): readonly CloudModel[] {
  const anthropic = modelFamilies.flatMap((family) => {
    const model = cloud.anthropic?.models[family];
    return model === undefined ? [] : [cloudModel(family, model, { kind: 'anthropic', model })];
  });
  const foundry = modelFamilies.flatMap((family) => {
    const entry = cloud.foundry?.deployments[family];
    return entry === undefined ? [] : [cloudModel(family, `foundry/${entry.model}`, { kind: 'foundry', ...entry })];
  });
  return [...anthropic, ...foundry];
}

function cloudModel(family: ModelFamily, name: string, backend: Exclude<Backend, { kind: 'local' }>): CloudModel {
  return { family, model: { name, backend, id: `${idPrefix[backend.kind]}:${backend.model}`, fallbacks: [] } };
}

/** The names that hand-made set-ups use: claude-sonnet, foundry-haiku … */
function shortForm({ family, model }: CloudModel): GatewayModel {
  const prefix = model.backend.kind === 'foundry' ? 'foundry' : 'claude';
  const name = `${prefix}-${family}`;
  return { ...model, name, id: `${idPrefix[model.backend.kind]}:${name}`, aliasOf: model.name };
}

/** The full name behind a short form; any other name as it is. */
export function fullName(answers: Answers, name: string): string {
  const cloud = cloudModels(answers);
  if (cloud.some(({ model }) => model.name === name)) return name;
  return cloud.map(shortForm).find((alias) => alias.name === name)?.aliasOf ?? name;
}

function firstOf(order: readonly ModelFamily[], cloud: readonly CloudModel[]): GatewayModel | undefined {
  const found = order.map((family) => cloud.find((candidate) => candidate.family === family));
  return found.find((candidate) => candidate !== undefined)?.model;
}

/** The cloud models with those first that share the foreground model's backend. */
function besideMain(answers: Answers, cloud: readonly CloudModel[]): readonly CloudModel[] {
  const main = mainModel(answers);
  const kind = cloud.find(({ model }) => model.name === main)?.model.backend.kind;
  const same = cloud.filter(({ model }) => model.backend.kind === kind);
  return [...same, ...cloud.filter((candidate) => !same.includes(candidate))];
}

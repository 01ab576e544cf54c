import { type Answers, hasCloud, type ModelFamily, modelFamilies, type Profile } from '../../../config/schema.ts';
import type { Problem } from '../../../problem.ts';
import {
  type Backend,
  cloudModels,
  failoverTarget,
  fullName,
  gatewayModels,
  LOCAL,
  LOCAL_ONLY,
  localNames,
  mainModel,
  slotModels,
} from '../models.ts';
import { rulesProblem } from './rules.ts';

/** What claude-routed asks the gateway for; every name is one of the gateway's own. */
export interface Route {
  readonly main: string;
  /** What Claude Code's four model families stand for; the haiku slot does the background work. */
  readonly slots: Readonly<Record<ModelFamily, string>>;
  /** For every subagent, whichever model it names; undefined leaves them as they are. */
  readonly subagents: string | undefined;
  /** The gateway refuses these sessions every other model. */
  readonly localOnly: boolean;
}

/** Each profile in a few words, on one line of a terminal. */
export const profileWords: Readonly<Record<Profile, { readonly label: string; readonly goes: string }>> = {
  'cloud-foreground': {
    label: 'cloud first',
    goes: 'conversation and subagents in the cloud, titles and Haiku subagents local',
  },
  'local-subagents': { label: 'local subagents', goes: 'conversation in the cloud, all subagents and titles local' },
  'local-first': {
    label: 'local first',
    goes: 'everything local, the cloud only when that fails or the prompt is too long',
  },
  offline: { label: 'offline', goes: 'everything local, nothing ever in the cloud' },
};

/** The chosen profile; without a choice the cloud is in front where there is one. */
export function profileOf(answers: Answers): Profile {
  return answers.routing.profile ?? (hasCloud(answers) ? 'cloud-foreground' : 'offline');
}

/** Where the requests of claude-routed go. */
export function routedRoute(answers: Answers): Route {
  const inFront = { main: mainModel(answers), slots: slotModels(answers), localOnly: false };
  switch (profileOf(answers)) {
    case 'cloud-foreground':
      return { ...inFront, subagents: undefined };
    case 'local-subagents':
      return { ...inFront, subagents: LOCAL };
    case 'local-first':
      return everythingTo(LOCAL, false);
    case 'offline':
      return everythingTo(LOCAL_ONLY, true);
  }
}

/** Where the requests of claude-local go: past the local model only when that was agreed to for whole conversations. */
export function localRoute({ failover }: Answers): Route {
  return failover.allowed === true ? everythingTo(LOCAL, false) : everythingTo(LOCAL_ONLY, true);
}

/** Where the requests of claude-offline go. */
export const offlineRoute: Route = everythingTo(LOCAL_ONLY, true);

/** Whether a prompt that does not fit the local window goes to the cloud; otherwise the client is told to compact. */
export function overflowGoesToCloud(answers: Answers): boolean {
  if (answers.failover.overflow !== undefined) return answers.failover.overflow === 'cloud';
  return profileOf(answers) === 'local-first';
}

/** Whether a turn with an image that the local model cannot see goes to the cloud; otherwise the model is told in words. */
export function imagesGoToCloud(answers: Answers): boolean {
  return answers.failover.images === 'cloud' && failoverTarget(answers) !== undefined;
}

/** Seconds after which a request that waits for the local model goes to the cloud; undefined where it never does. */
export function busyGoesToCloudAfter(answers: Answers): number | undefined {
  return failoverTarget(answers) === undefined ? undefined : answers.failover.afterWaiting;
}

/** Whether anybody answers in place of a cloud that fails. */
export function cloudMayBeReplaced(answers: Answers): boolean {
  return gatewayModels(answers).some(({ backend, fallbacks }) => backend.kind !== 'local' && fallbacks.length > 0);
}

/** The first reason why these answers give no working routes; undefined if they do. */
export function routingProblem(answers: Answers): Problem | undefined {
  return gatewayModelProblem(answers) ?? profileProblem(answers) ?? rulesProblem(answers);
}

function profileProblem(answers: Answers): Problem | undefined {
  const profile = profileOf(answers);
  const wanted = `the profile ${profile}`;
  if (profile === 'offline') return undefined;
  if (!hasCloud(answers)) {
    return {
      code: 'cloud-not-described',
      problem: `${wanted} needs a cloud, and none is described`,
      fix: 'set routing.profile to offline, or describe a cloud under cloud.anthropic or cloud.foundry',
    };
  }
  if (profile !== 'local-first' || answers.failover.allowed === true) return undefined;
  return {
    code: 'failover-not-agreed',
    problem: `${wanted} sends conversations to the cloud when the local model cannot answer, and you have not agreed to that`,
    fix: 'set failover.allowed to true, or routing.profile to offline',
  };
}

/** The same model for everything that a session does. */
export function everythingTo(model: string, localOnly: boolean): Route {
  const slots = Object.fromEntries(modelFamilies.map((family) => [family, model])) as Record<ModelFamily, string>;
  return { main: model, slots, subagents: model, localOnly };
}

/** The first reason why the gateway's names would not work out; undefined when they do. */
export function gatewayModelProblem(answers: Answers): Problem | undefined {
  return (
    localModelProblem(answers) ??
    emptyCloudProblem(answers) ??
    nameClashProblem(answers) ??
    mainProblem(answers) ??
    failoverProblem(answers)
  );
}

function localModelProblem({ localModel: { model } }: Answers): Problem | undefined {
  if (model !== undefined) return undefined;
  return {
    code: 'local-model-not-chosen',
    problem: 'no local model is chosen',
    fix: 'set localModel.model to an id that the local server lists',
  };
}

function emptyCloudProblem({ cloud }: Answers): Problem | undefined {
  if (cloud.anthropic !== undefined && isEmpty(cloud.anthropic.models)) {
    return {
      code: 'cloud-models-not-chosen',
      problem: 'the Claude API is chosen but none of its models',
      fix: 'set cloud.anthropic.models.sonnet (or another family) to an id of your account, or remove cloud.anthropic',
    };
  }
  if (cloud.foundry !== undefined && isEmpty(cloud.foundry.deployments)) {
    return {
      code: 'cloud-models-not-chosen',
      problem: 'Foundry is chosen but none of its deployments',
      fix: 'set cloud.foundry.deployments.sonnet (or another family) to a deployment name, or remove cloud.foundry',
    };
  }
  return undefined;
}

function isEmpty(families: Readonly<Partial<Record<ModelFamily, unknown>>>): boolean {
  return modelFamilies.every((family) => families[family] === undefined);
}

/** Two backends under one name would be mixed at random by the gateway. */
function nameClashProblem(answers: Answers): Problem | undefined {
  const names = new Map<string, string>(localNames.map((name) => [name, 'the local model']));
  for (const { model } of cloudModels(answers)) {
    const backend = backendText(model.backend);
    const other = names.get(model.name);
    if (other !== undefined && other !== backend) {
      return {
        code: 'model-names-clash',
        problem: `${model.name} would stand for ${other} and for ${backend}`,
        fix: 'give one of them a different model id',
      };
    }
    names.set(model.name, backend);
  }
  return undefined;
}

function backendText(backend: Backend): string {
  switch (backend.kind) {
    case 'local':
      return 'the local model';
    case 'anthropic':
      return `the Claude API's ${backend.model}`;
    case 'foundry':
      return `the Foundry deployment ${backend.deployment}`;
  }
}

function mainProblem(answers: Answers): Problem | undefined {
  const main = mainModel(answers);
  const names = [...cloudModels(answers).map(({ model }) => model.name), ...localNames];
  if (names.includes(main)) return undefined;
  return {
    code: 'model-not-at-gateway',
    problem: `the foreground model ${main} does not exist at the gateway`,
    fix: `set cloud.main to one of: ${names.join(', ')}`,
  };
}

function failoverProblem(answers: Answers): Problem | undefined {
  if (!answers.failover.allowed) return undefined;
  const chosen = answers.failover.target;
  const names = cloudModels(answers).map(({ model }) => model.name);
  if (chosen === undefined || names.includes(fullName(answers, chosen))) return undefined;
  if (names.length === 0) {
    return {
      code: 'cloud-not-described',
      problem: `failover to ${chosen} is asked for, but there is no cloud to fail over to`,
      fix: 'describe a cloud under cloud.anthropic or cloud.foundry, or set failover.allowed to false',
    };
  }
  return {
    code: 'model-not-at-gateway',
    problem: `the failover target ${chosen} is not a cloud model of the gateway`,
    fix: `set failover.target to one of: ${names.join(', ')}`,
  };
}

import { type Answers, type ModelFamily, modelFamilies } from '../../config/schema.ts';
import type { Problem } from '../../problem.ts';
import { type Backend, cloudModels, fullName, localNames, mainModel } from './models.ts';

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
    fix: 'set localModel.model to an id that LM Studio lists',
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
        fix: 'give one of them another model id',
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
    problem: `the failover target ${chosen} is no cloud model of the gateway`,
    fix: `set failover.target to one of: ${names.join(', ')}`,
  };
}

import { readSavedAnswers } from '../../config/saved.ts';
import { hasCloud, type ModelFamily, modelFamilies } from '../../config/schema.ts';
import type { Context, InstallerStep } from '../../context.ts';
import type { CheckResult, Requirement } from '../../engine/step.ts';
import type { Probe } from '../../host/host.ts';
import type { Secret } from '../../host/secret.ts';
import { type Problem, problemOf } from '../../problem.ts';
import { shellWord } from '../../shell/word.ts';
import { counted } from '../../text/counted.ts';
import { routingProblem } from '../gateway/routing/profiles.ts';
import { readSecrets } from '../secrets-file/secrets-env.ts';
import { type CloudModel, isSameModel, listModels, proposeModels } from './anthropic.ts';
import { probeDeployment } from './foundry.ts';

export const cloudBackend: InstallerStep = {
  id: 'cloud-backend',
  title: 'cloud backend',
  guidePhase: 'phase 7',
  why: 'The key has to be accepted and the models have to exist before anything relies on them. Checking costs nothing.',
  notNeeded: ({ answers }) => (hasCloud(answers) ? undefined : 'local only'),
  requires: [
    {
      name: 'models of the gateway',
      run: async (_probe, { answers }) => asFinding(routingProblem(answers), 'names fit together'),
    },
    anthropicKey(),
    foundryKey(),
  ],
  resources: () => [],
};

function asFinding(problem: Problem | undefined, note: string): CheckResult {
  return problem === undefined ? { status: 'ok', note } : { status: 'stop', ...problem };
}

/**
 * The list of models is free; it also tells whether a chosen one exists and has not been retired. An unreachable cloud is
 * a warning: the machine may be offline today. A key that is refused will be refused tomorrow, too.
 */
function anthropicKey(): Requirement<Context> {
  return {
    name: 'Claude API',
    run: async (probe, { answers, secrets }) => {
      const chosen = answers.cloud.anthropic?.models;
      if (chosen === undefined) return { status: 'ok', note: 'not chosen' };
      if (secrets.anthropicKey === undefined)
        return missing('Claude API', 'ANTHROPIC_DIRECT_KEY', 'cloud.anthropic.key');
      const found = await listModels(probe, secrets.anthropicKey);
      if (found.ok) return absentModel(chosen, found.value);
      return { status: found.problem.code === 'cloud-key-refused' ? 'stop' : 'warning', ...found.problem };
    },
  };
}

function absentModel(
  chosen: Readonly<Partial<Record<ModelFamily, string | undefined>>>,
  models: readonly CloudModel[],
): CheckResult {
  const gone = modelFamilies.find(
    (family) => chosen[family] !== undefined && !models.some(({ id }) => isSameModel(id, chosen[family] ?? '')),
  );
  if (gone === undefined) return { status: 'ok', note: counted(models.length, 'model') };
  const instead = proposeModels(models)[gone] ?? models[0]?.id ?? 'ID';
  return {
    status: 'stop',
    code: 'cloud-model-missing',
    problem: `the Claude API does not list ${chosen[gone]} for this key`,
    fix: `choose one that it lists:  --set ${shellWord(`cloud.anthropic.models.${gone}=${instead}`)}`,
  };
}

/** Foundry cannot be asked for free: each deployment is tried with one token when it, or the key, is not the one that is kept here. */
function foundryKey(): Requirement<Context> {
  return {
    name: 'Azure AI Foundry',
    run: async (probe, context) => {
      const { foundry } = context.answers.cloud;
      const key = context.secrets.foundryKey;
      if (foundry === undefined) return { status: 'ok', note: 'not chosen' };
      if (key === undefined) return missing('Azure AI Foundry', 'AZURE_API_KEY', 'cloud.foundry.key');
      if (await isKept(probe, context, key)) return { status: 'ok', note: foundry.resource };
      const names = modelFamilies.flatMap((family) => foundry.deployments[family]?.deployment ?? []);
      const tried = await Promise.all(
        names.map(async (name) => await probeDeployment(probe, foundry.resource, name, key)),
      );
      const [refused] = tried.flatMap((result) => (result.ok ? [] : [result.problem]));
      if (refused === undefined) return { status: 'ok', note: counted(names.length, 'deployment') };
      return { status: 'stop', ...problemOf(refused) };
    },
  };
}

async function isKept(probe: Probe, { answers, layout }: Context, key: Secret): Promise<boolean> {
  const [text, earlier] = await Promise.all([probe.readFile(layout.secretsFile), probe.readFile(layout.savedAnswers)]);
  const before = readSavedAnswers(earlier)?.cloud.foundry;
  const { resource, deployments } = answers.cloud.foundry ?? {};
  const same = JSON.stringify([before?.resource, before?.deployments]) === JSON.stringify([resource, deployments]);
  return same && key.equals(readSecrets(text ?? '').foundryKey);
}

function missing(what: string, variable: string, key: string): CheckResult {
  return {
    status: 'stop',
    code: 'key-missing',
    problem: `there is no key for ${what}: ${variable} is not in the secrets file and ${key} is not in the answers`,
    fix: `set ${key} to env:${variable} or file:/path, or run  claude-routing-install  and type the key`,
  };
}

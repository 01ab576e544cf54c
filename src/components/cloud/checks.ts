import type { Check, CheckFinding } from '../../checks/check.ts';
import { modelFamilies } from '../../config/schema.ts';
import { secretVariables } from '../../config/secrets.ts';
import type { Layout } from '../../layout.ts';
import type { Problem } from '../../problem.ts';
import { localNames } from '../gateway/models.ts';
import { type LoggedRequest, monthFiles, requestsBetween } from '../gateway/request-log.ts';
import { type CloudModel, isSameModel, listModels, proposeModels } from './anthropic.ts';
import { probeDeployment } from './foundry.ts';

/** The list of models is free: it proves the key, and that no chosen model was retired. */
export const claudeApi: Check = {
  id: 'cloud-key',
  about: 'the Claude API accepts the key and has the chosen models (costs nothing)',
  on: 'installation',
  look: async ({ probe, installed, layout }) => {
    const chosen = installed.answers.cloud.anthropic?.models;
    const key = installed.secrets.anthropicKey;
    if (chosen === undefined) return [];
    if (key === undefined) return [keyTrouble(layout, noKey)];
    const found = await listModels(probe, key);
    if (!found.ok) return [keyTrouble(layout, found.problem)];
    return retired(
      Object.values(chosen).flatMap((id) => id ?? []),
      found.value,
      layout.savedAnswers,
    );
  },
};

const noKey: Problem = { code: 'key-missing', problem: 'there is no key for the Claude API', fix: '' };

/** What the Claude API said instead of listing its models. */
export function keyTrouble(
  { secretsFile }: Pick<Layout, 'secretsFile'>,
  { code, problem, fix }: Problem,
): CheckFinding {
  const refused = code === 'cloud-key-refused' || code === 'key-missing';
  return {
    code,
    symptom: refused ? 'invalid x-api-key, from every model of the cloud' : 'The cloud does not answer',
    problem: problem.replace(/\.$/, ''),
    evidence: [{ path: secretsFile, text: `${secretVariables.anthropicKey}, tried at api.anthropic.com` }],
    fix: refused ? `claude-routing-install secrets set ${secretVariables.anthropicKey}` : fix,
  };
}

/** Chosen models that the account no longer has. */
export function retired(
  chosen: readonly string[],
  listed: readonly CloudModel[],
  path: string,
): readonly CheckFinding[] {
  const has = (id: string) => listed.some((model) => isSameModel(model.id, id));
  return chosen
    .filter((id) => !has(id))
    .map((id) => {
      const family = modelFamilies.find((name) => id.includes(name));
      const instead = (family === undefined ? undefined : proposeModels(listed)[family]) ?? listed[0]?.id ?? 'ID';
      return {
        symptom: 'not_found_error from the Claude API',
        code: 'cloud-model-missing',
        problem: `the Claude API no longer has ${id}`,
        evidence: [{ path, text: `cloud.anthropic.models.${family ?? 'FAMILY'}: ${id}` }],
        fix: `claude-routing-install --set cloud.anthropic.models.${family ?? 'FAMILY'}=${instead}`,
      };
    });
}

/** Foundry has no list; one token is the cheapest question. */
export const foundry: Check = {
  id: 'foundry',
  about: 'Azure AI Foundry accepts the key and has each deployment (asks each for one token)',
  on: 'installation',
  look: async ({ probe, installed, layout }) => {
    const { foundry: chosen } = installed.answers.cloud;
    const key = installed.secrets.foundryKey;
    if (chosen === undefined || key === undefined) return [];
    const names = [...new Set(modelFamilies.flatMap((family) => chosen.deployments[family]?.deployment ?? []))];
    const tried = await Promise.all(
      names.map(async (name) => await probeDeployment(probe, chosen.resource, name, key)),
    );
    const problems = tried.flatMap((result) => (result.ok ? [] : [result.problem]));
    return [...new Map(problems.map((problem) => [problem.problem, problem])).values()].map((problem) =>
      foundryTrouble(layout, problem),
    );
  },
};

function foundryTrouble({ savedAnswers, secretsFile }: Layout, { code, problem, fix }: Problem): CheckFinding {
  const refused = code === 'cloud-key-refused';
  return {
    code,
    symptom: 'The foundry/ models answer with an error',
    problem: problem.replace(/\.$/, ''),
    evidence: [
      refused ? { path: secretsFile, text: secretVariables.foundryKey } : { path: savedAnswers, text: 'cloud.foundry' },
    ],
    fix: refused ? `claude-routing-install secrets set ${secretVariables.foundryKey}` : fix,
  };
}

/** A day of requests that ended badly tells of what no free question can: an account without credit. */
export const recentRefusals: Check = {
  id: 'cloud-refusals',
  about: 'the cloud refused no request in the last day because of key, credit or limits',
  on: 'installation',
  look: async ({ probe, layout, now }) => {
    const from = now - 24 * 3_600_000;
    const requests = await requestsBetween(probe, layout.requestLogDir, from, now);
    return refusals(requests, `${layout.requestLogDir}/${monthFiles(now, now)[0] ?? ''}`);
  },
};

/** Causes that say nothing about the cloud. */
const turnedAway: readonly LoggedRequest['cause'][] = ['cancelled', 'refused', 'ceiling', 'turned-away'];

/**
 * Judges the last request that asked for a cloud model: one that succeeded since makes up for earlier ones. What the
 * gateway itself turned away never reached a cloud, and the drill provokes refusals on purpose.
 */
export function refusals(requests: readonly LoggedRequest[], path: string): readonly CheckFinding[] {
  const cloud = requests.filter(
    ({ asked, cause, launcher }) =>
      asked !== null && !localNames.includes(asked) && launcher !== 'drill' && !turnedAway.includes(cause),
  );
  const last = cloud.at(-1);
  if (last === undefined || last.from !== null || ![400, 401, 402, 403, 429].includes(last.status)) return [];
  return [
    {
      symptom: 'Requests to the cloud fail',
      code: 'cloud-refused-request',
      problem: `the last request to ${last.asked} was refused with status ${last.status}, which also happens when credit or a limit is used up`,
      evidence: [
        {
          path,
          text: `${new Date(last.at).toISOString()} ${last.asked} status ${last.status} ${last.cause ?? ''}`.trim(),
        },
      ],
      severity: 'note',
      fix: 'check credit and limits:  https://platform.claude.com/settings/billing',
    },
  ];
}

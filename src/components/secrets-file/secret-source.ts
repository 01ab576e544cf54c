import { randomBytes } from 'node:crypto';
import { secretValueProblem } from '../../config/env-file.ts';
import type { Answers } from '../../config/schema.ts';
import { type SecretName, type Secrets, secretVariables } from '../../config/secrets.ts';
import type { Probe } from '../../host/host.ts';
import { Secret } from '../../host/secret.ts';
import { failure, type Problem, type Result, success } from '../../problem.ts';
import { shellWord } from '../../shell/word.ts';
import { readSecrets, unlikeProblems, withApiKeyRenamed } from './secrets-env.ts';

interface SecretSources {
  readonly probe: Pick<Probe, 'readFile'>;
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly secretsFile: string;
}

/** Environment variables that are looked at for each key besides the one of the secrets file. */
const environmentNames: Readonly<Record<Exclude<SecretName, 'gatewayKey'>, readonly string[]>> = {
  anthropicKey: ['ANTHROPIC_DIRECT_KEY'],
  foundryKey: ['AZURE_API_KEY'],
  localModelToken: ['LM_STUDIO_API_KEY', 'LM_API_TOKEN'],
};

/** Keys that are known without asking: named by reference, in the environment, or in the secrets file of an earlier run. */
export async function knownSecrets(answers: Partial<Answers>, sources: SecretSources): Promise<Result<Secrets>> {
  const text = await sources.probe.readFile(sources.secretsFile);
  const [unlike] = text === undefined ? [] : unlikeProblems(text, sources.secretsFile);
  if (unlike !== undefined) return failure(unlike);
  // A hand-made file may call the Claude key by its other name; the secrets step renames it.
  const kept = text === undefined ? {} : readSecrets(withApiKeyRenamed(text));
  const references = {
    anthropicKey: answers.cloud?.anthropic?.key,
    foundryKey: answers.cloud?.foundry?.key,
    localModelToken: answers.localModel?.token,
  };
  const found: { -readonly [Name in SecretName]?: Secret } = { gatewayKey: kept.gatewayKey ?? newGatewayKey() };
  for (const name of ['anthropicKey', 'foundryKey', 'localModelToken'] as const) {
    const secret = await lookUp(references[name], environmentNames[name], kept[name], sources);
    if (secret?.ok === false) return secret;
    if (secret !== undefined) found[name] = secret.value;
  }
  return success({ ...found, gatewayKey: found.gatewayKey ?? newGatewayKey() });
}

/** A key of the gateway's own that nobody knows yet. LiteLLM wants its keys to begin with sk-. */
export function newGatewayKey(): Secret {
  return new Secret(`sk-${randomBytes(32).toString('hex')}`);
}

async function lookUp(
  reference: string | undefined,
  names: readonly string[],
  kept: Secret | undefined,
  sources: SecretSources,
): Promise<Result<Secret> | undefined> {
  if (reference !== undefined) return await referenced(reference, kept, sources);
  const name = names.find((candidate) => (sources.environment[candidate] ?? '') !== '');
  if (name !== undefined) return checked(sources.environment[name] ?? '', name);
  return kept === undefined ? undefined : success(kept);
}

/** A reference that leads nowhere is no problem if the key of an earlier run is there. */
async function referenced(
  reference: string,
  kept: Secret | undefined,
  sources: SecretSources,
): Promise<Result<Secret>> {
  const [kind, ...rest] = reference.split(':');
  const target = rest.join(':');
  const value =
    kind === 'env' ? sources.environment[target] : await sources.probe.readFile(target).catch(() => undefined);
  if (value !== undefined && value.trim() !== '') return checked(value.trim(), target);
  if (kept !== undefined) return success(kept);
  return failure(noSuchKey(reference, kind, target));
}

function noSuchKey(reference: string, kind: string | undefined, target: string): Problem {
  return kind === 'env'
    ? {
        code: 'key-source-empty',
        problem: `${reference}: the environment variable ${target} is empty or not set`,
        fix: `set it for this command only:  read -rs ${target} && export ${target}`,
      }
    : {
        code: 'key-source-empty',
        problem: `${reference}: the file ${target} is missing, empty or not readable for you`,
        fix: `put the key into it, alone on a line, and make it private:  chmod 600 ${shellWord(target)}`,
      };
}

function checked(value: string, name: string): Result<Secret> {
  const problem = secretValueProblem(name, value);
  return problem === undefined ? success(new Secret(value)) : failure(problem);
}

/** A key that was typed; or why it cannot be one. */
export function typedSecret(value: string, name: SecretName): Result<Secret> {
  return checked(value.trim(), secretVariables[name]);
}

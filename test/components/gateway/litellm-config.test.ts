import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { litellmConfig } from '../../../src/components/gateway/litellm-config.ts';
import { offlineRoute } from '../../../src/components/gateway/routing/profiles.ts';
import { launcherEnvironment } from '../../../src/components/launchers/environment.ts';
import type { AnswersInput } from '../../../src/config/schema.ts';
import { Secret } from '../../../src/host/secret.ts';
import { layoutFor } from '../../../src/layout.ts';
import { answersWith } from '../../answers.ts';

/** Milliseconds after which the launchers' client gives up. */
const clientPatience = Number(
  launcherEnvironment('claude-offline', layoutFor({ user: 'ada', uid: 1001, home: '/home/ada' }), {
    routed: offlineRoute,
    local: offlineRoute,
    contextWindow: undefined,
  }).API_TIMEOUT_MS,
);

interface Deployment {
  readonly model_name: string;
  readonly litellm_params: Readonly<Record<string, unknown>>;
  readonly model_info: Readonly<Record<string, unknown>>;
}

interface Config {
  readonly model_list: readonly Deployment[];
  readonly router_settings: Readonly<Record<string, unknown>>;
  readonly general_settings: Readonly<Record<string, unknown>>;
}

const cloud: AnswersInput['cloud'] = {
  anthropic: { models: { sonnet: 'claude-sonnet-4-6', haiku: 'claude-haiku-4-5' } },
  foundry: {
    resource: 'my-resource',
    deployments: { sonnet: 'claude-sonnet-4-6', haiku: { deployment: 'cheap', model: 'claude-haiku-4-5' } },
  },
};

function config(input: Partial<AnswersInput> = {}, secrets = {}): Config {
  return parse(litellmConfig(answersWith(input), secrets)) as Config;
}

function deployment({ model_list }: Config, name: string): Deployment {
  const found = model_list.filter(({ model_name }) => model_name === name);
  expect(found).toHaveLength(1);
  return found[0] as Deployment;
}

describe('the gateway configuration', () => {
  it('waits less for a cloud in whose place somebody else may answer, and names who', () => {
    const agreed = config({ cloud, failover: { whenCloudFails: ['other-cloud', 'local'] } });
    const patience = { timeout: 600, stream_timeout: 90 };
    for (const name of ['claude-sonnet-4-6', 'claude-haiku', 'foundry/claude-haiku-4-5', 'foundry-sonnet'])
      expect(deployment(agreed, name).litellm_params).toMatchObject(patience);
    expect(deployment(agreed, 'local').litellm_params).not.toMatchObject(patience);
    expect(agreed.router_settings['fallbacks']).toContainEqual({
      'claude-haiku-4-5': ['foundry/claude-haiku-4-5', 'local-only'],
    });
    expect(agreed.router_settings['fallbacks']).not.toContainEqual(
      expect.objectContaining({ local: expect.anything() }),
    );
    for (const { litellm_params } of config({ cloud, failover: { allowed: true } }).model_list.slice(2, -1))
      expect(litellm_params).not.toHaveProperty('timeout');
  });

  it('says who wrote it and uses no anchors', () => {
    const failover = { allowed: true, whenCloudFails: ['other-cloud' as const, 'local' as const] };
    const text = litellmConfig(answersWith({ cloud, failover }), {});
    expect(text).toMatch(/^# Written by claude-routing-install/);
    expect(text).not.toMatch(/[&*][a-z]\d/);
  });

  it('reaches LM Studio by its own id over its own Messages API', () => {
    const { litellm_params, model_info } = deployment(config(), 'local');
    expect(litellm_params).toMatchObject({
      model: 'lm_studio/qwen/qwen3.6-35b-a3b',
      api_base: 'http://192.0.2.20:1234/v1',
      api_key: 'lm-studio',
    });
    expect(model_info).toMatchObject({
      supported_endpoints: ['/v1/chat/completions', '/v1/messages'],
      max_input_tokens: 65_536,
    });
  });

  it('waits longer than any honest reading of a prompt, and not as long as the client does', () => {
    const { timeout, stream_timeout } = deployment(config(), 'local').litellm_params;
    for (const seconds of [timeout, stream_timeout]) {
      expect(seconds).toBeGreaterThan(20 * 60);
      expect(Number(seconds) * 1000).toBeLessThan(clientPatience);
    }
  });

  it('names a token by its variable and shows no secret', () => {
    const secrets = { gatewayKey: new Secret('canary-1'), localModelToken: new Secret('canary-2') };
    const text = litellmConfig(answersWith({ cloud }), secrets);
    expect(deployment(parse(text) as Config, 'local').litellm_params.api_key).toBe('os.environ/LM_STUDIO_API_KEY');
    expect(text).not.toContain('canary');
  });

  it('reads every key from the environment', () => {
    const { model_list, general_settings } = config({ cloud });
    expect(general_settings.master_key).toBe('os.environ/LITELLM_MASTER_KEY');
    const keys = model_list
      .filter(({ model_name }) => !/local/.test(model_name))
      .map(({ litellm_params }) => litellm_params.api_key);
    expect(new Set(keys)).toEqual(new Set(['os.environ/ANTHROPIC_DIRECT_KEY', 'os.environ/AZURE_API_KEY']));
  });

  it('calls a Foundry deployment by its name and says which model it is', () => {
    const foundry = deployment(config({ cloud }), 'foundry/claude-haiku-4-5');
    expect(foundry.litellm_params).toMatchObject({
      model: 'anthropic/cheap',
      api_base: 'https://my-resource.services.ai.azure.com/anthropic',
    });
    expect(foundry.model_info).toMatchObject({ base_model: 'azure_ai/claude-haiku-4-5' });
    const named = deployment(config({ cloud }), 'foundry/claude-sonnet-4-6');
    expect(named.litellm_params.model).toBe('azure_ai/claude-sonnet-4-6');
    expect(named.model_info).not.toHaveProperty('base_model');
  });

  it('gives a deployment its own prices, in dollars for one token, and no other one', () => {
    const prices = { haiku: { input: 1.1, output: 5.5, cacheRead: 0.11, cacheWrite: 1.375 } };
    const { foundry } = cloud ?? {};
    const priced = config({ cloud: foundry === undefined ? {} : { ...cloud, foundry: { ...foundry, prices } } });
    const info = {
      input_cost_per_token: 0.0000011,
      output_cost_per_token: 0.0000055,
      cache_read_input_token_cost: 0.00000011,
      cache_creation_input_token_cost: 0.000001375,
      cache_creation_input_token_cost_above_1hr: 0.0000022,
    };
    for (const name of ['foundry/claude-haiku-4-5', 'foundry-haiku'])
      expect(deployment(priced, name).model_info).toMatchObject(info);
    expect(deployment(priced, 'foundry/claude-sonnet-4-6').model_info).not.toHaveProperty('input_cost_per_token');
  });

  it('lets `local` alone fail over, and only to a name that exists', () => {
    const { router_settings, model_list } = config({ cloud, failover: { allowed: true } });
    expect(router_settings.fallbacks).toEqual([{ local: ['claude-haiku-4-5'] }]);
    expect(model_list.map(({ model_name }) => model_name)).toContain('claude-haiku-4-5');
  });

  it.each([
    ['no consent', { cloud, failover: { allowed: false } }],
    ['no cloud', { failover: { allowed: true } }],
  ])('has no way to the cloud with %s', (_, input) => {
    expect(JSON.stringify(config(input).router_settings)).not.toContain('fallback');
  });

  it('is not written before a local model is chosen', () => {
    expect(() => litellmConfig(answersWith({ localModel: { address: '192.0.2.20' } }), {})).toThrow('local model');
  });

  it('keeps ids that YAML 1.1 would read as something else', () => {
    const text = litellmConfig(
      answersWith({ cloud: { anthropic: { models: { opus: 'no', sonnet: '1.10', haiku: '0x10' } } } }),
      {},
    );
    const read = parse(text, { version: '1.1' }) as Config;
    expect(read.model_list.map(({ model_name }) => model_name)).toEqual(expect.arrayContaining(['no', '1.10', '0x10']));
  });
});

import { describe, expect, it } from 'vitest';
import { dollarsFor, modelPrices } from '../../../../src/components/gateway/requests/prices.ts';
import type { HttpReply } from '../../../../src/host/host.ts';
import { Secret } from '../../../../src/host/secret.ts';

const url = 'http://127.0.0.1:4000';
const key = new Secret('sk-nobody');

describe('the price list', () => {
  const basic = { input_cost_per_token: 0.1, output_cost_per_token: 0.2 };
  it.each([
    ['known', { id: 'a', ...basic, mode: 'chat', max_tokens: 8192 }, [['a', basic]]],
    ['null', { id: 'a', input_cost_per_token: null, output_cost_per_token: null }, []],
    ['absent', { id: 'a' }, []],
  ])('%s', async (_, model_info, expected) => {
    const http = async (): Promise<HttpReply> => {
      return { reached: true, status: 200, headers: {}, body: JSON.stringify({ data: [{ model_info }] }), ms: 1 };
    };
    expect([...(await modelPrices({ http }, url, key))]).toEqual(expected);
  });

  it('is empty where the gateway tells none', async () => {
    const http = async (): Promise<HttpReply> => ({ reached: true, status: 500, headers: {}, body: 'oh', ms: 1 });
    expect((await modelPrices({ http }, url, key)).size).toBe(0);
  });
});

describe('dollars', () => {
  // As LiteLLM 1.108.14 and 1.109.3 list claude-haiku-5-5, for a million tokens.
  const list = {
    input_cost_per_token: 0.1,
    cache_read_input_token_cost: 0.01,
    cache_creation_input_token_cost: 0.125,
    cache_creation_input_token_cost_above_1hr: 0.2,
    output_cost_per_token: 0.5,
    input_cost_per_token_above_100k_tokens: 0.5,
    cache_creation_input_token_cost_above_100k_tokens: 0.625,
    input_cost_per_token_batches: 0.05,
  };
  it.each([
    [{}, 0],
    [{ input: 1000, output: 100 }, 1000 * 0.1 + 100 * 0.5],
    [{ input: 10, cacheRead: 8000, cacheWrite: 2000, output: 100 }, 1 + 80 + 250 + 50],
    [{ cacheWrite: 1000, cacheWriteForAnHour: 1000 }, 125 + 200],
    [{ input: 100_000 }, 10_000],
    [{ input: 100_000, cacheWrite: 1 }, 50_000 + 0.625],
  ])('for %j', (tokens, dollars) => {
    expect(dollarsFor(list, tokens)).toBeCloseTo(dollars, 9);
  });

  it('are not known where something has no price', () => {
    expect(dollarsFor({ input_cost_per_token: 1 }, { input: 1, output: 0 })).toBe(1);
    expect(dollarsFor({ input_cost_per_token: 1 }, { input: 1, cacheWrite: 1 })).toBeUndefined();
  });
});

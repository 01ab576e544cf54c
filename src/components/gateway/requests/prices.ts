import * as z from 'zod';
import type { Probe } from '../../../host/host.ts';
import type { Secret } from '../../../host/secret.ts';
import { bearer, readBody } from '../../../http/reply-body.ts';

/** The names under which LiteLLM's price list has the price of each kind of token. */
const names = {
  /** Read, and neither from a cache nor into one. */
  input: 'input_cost_per_token',
  cacheRead: 'cache_read_input_token_cost',
  cacheWrite: 'cache_creation_input_token_cost',
  cacheWriteForAnHour: 'cache_creation_input_token_cost_above_1hr',
  output: 'output_cost_per_token',
} as const;
type Sort = keyof typeof names;

/** A deployment's part of the gateway's price list, in US dollars for a token. */
export type PriceList = Readonly<Record<string, number>>;
/** How many tokens of each kind a request had. */
export type TokensOfSorts = Readonly<Partial<Record<Sort, number>>>;

/** What a request costs; undefined if part of it has no price in the list. In a larger prompt each token may cost more. */
export function dollarsFor(list: PriceList, tokens: TokensOfSorts): number | undefined {
  const prompt = sorts.reduce((sum, sort) => sum + (sort === 'output' ? 0 : (tokens[sort] ?? 0)), 0);
  const costs = sorts
    .filter((sort) => tokens[sort])
    .map((sort) => (tokens[sort] ?? 0) * (priceAt(list, names[sort], prompt) ?? Number.NaN));
  const sum = costs.reduce((total, cost) => total + cost, 0);
  return Number.isNaN(sum) ? undefined : sum;
}

const sorts = Object.keys(names) as readonly Sort[];

/** A price above a size is called as the price itself, with `_above_200k_tokens` behind it. */
function priceAt(list: PriceList, name: string, promptTokens: number): number | undefined {
  const sizes = Object.keys(list).flatMap((key) => {
    const size = key.startsWith(name) ? /^_above_(\d+)k_tokens$/.exec(key.slice(name.length))?.[1] : undefined;
    return size === undefined ? [] : [Number(size)];
  });
  const passed = sizes.filter((size) => promptTokens > size * 1000);
  return list[passed.length === 0 ? name : `${name}_above_${Math.max(...passed)}k_tokens`];
}

const listed = z.object({ data: z.array(z.object({ model_info: z.looseObject({ id: z.string() }) })) });

/** The gateway's own price list by deployment id; a deployment that has no prices there is absent. */
export async function modelPrices(
  probe: Pick<Probe, 'http'>,
  url: string,
  key: Secret,
): Promise<ReadonlyMap<string, PriceList>> {
  const reply = await probe.http({ url: `${url}/model/info`, headers: bearer(key), timeoutMs: 10_000 });
  const read = reply.reached && reply.status === 200 ? readBody(listed, reply.body)?.data : undefined;
  return new Map(
    (read ?? []).flatMap(({ model_info: { id, ...info } }) => {
      const prices = Object.entries(info).filter(
        (entry): entry is [string, number] => entry[0].includes('_cost') && typeof entry[1] === 'number',
      );
      return prices.length === 0 ? [] : [[id, Object.fromEntries(prices)] as const];
    }),
  );
}

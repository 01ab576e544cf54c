import { describe, expect, it } from 'vitest';
import type { GatewayExchange } from '../../src/components/gateway/requests/exchange.ts';
import type { DrillCase } from '../../src/failover-test/drill-case.ts';
import { causeOf, type Hints } from '../../src/failover-test/verdict.ts';
import type { Problem } from '../../src/problem.ts';

const none: Hints = {
  drift: [],
  fallbacks: { local: ['claude-haiku-5-5'], strict: [] },
  configPath: '/config.yaml',
  containerName: 'litellm',
  local: undefined,
};
const off: Problem = { code: 'port-taken', problem: 'LM Studio is off.', fix: 'start it' };
const refusedKey: Problem = { code: 'port-taken', problem: 'The key is refused.', fix: 'give it anew' };

function cause(drilled: Partial<DrillCase>, clues: Partial<Hints>, came: Partial<GatewayExchange> = {}, late?: true) {
  const whole: DrillCase = {
    id: 'x',
    title: 'x',
    part: 'gateway',
    key: 'ours',
    promised: { kind: 'answer', by: 'lm-studio:local' },
    request: { body: { model: 'local' }, timeoutMs: 1, aim: 'answer' },
    ...drilled,
  };
  const exchange = { whole: false, ms: 1, ...came } as GatewayExchange;
  const verdict = { held: false, happened: 'no', problem: 'It does not hold', ...(late === undefined ? {} : { late }) };
  return causeOf(whole, verdict, exchange, { ...none, ...clues });
}

const request = (model: string) => ({ body: { model }, timeoutMs: 1, aim: 'answer' });
const thrownAway = { part: 'throw-away' } as const;
const failover = { ...thrownAway, promised: { kind: 'failover', to: 'x', added: 1 } } as const;
const drifted = { drift: ['gateway hook'] };

describe('the cause of a promise that does not hold', () => {
  it.each([
    ['LM Studio is off', cause({}, { local: off }), /It does not hold\. LM Studio is off\./, /^start it$/],
    ['LM Studio is off, but that is no matter here', cause(thrownAway, { local: off }), /^It does not hold$/, /report/],
    ['the cloud refuses', cause({ request: request('claude-x') }, drifted, { problem: refusedKey }), /refused/, /anew/],
    ['no fallback', cause(failover, { fallbacks: { local: [], strict: [] } }), /hold/, /gives local no fallback/],
    [
      'a fallback for the strict name',
      cause({ ...thrownAway, request: request('local-only') }, { fallbacks: { local: [], strict: ['x'] } }),
      /hold/,
      /gives local-only the fallback x; correct it/,
    ],
    [
      'a model without tools',
      cause({ promised: { kind: 'answer', by: 'x', toolCalls: 1 } }, drifted, { whole: true }),
      /hold/,
      /trained for tool use/,
    ],
    ['an edited hook', cause(failover, drifted), /hold/, /not what your answers say: gateway hook\..*plan --verbose/],
    ['late', cause(failover, {}, { whole: true }, true), /hold/, /Try again/],
    ['an image that is tried', cause(failover, { candidate: 'v1.108.12' }), /hold/, /running one\?.*v1\.108\.12 is at/],
    ['unknown, through the gateway', cause({}, {}), /hold/, /docker logs --tail 20 litellm/],
    ['unknown, in the throw-away one', cause(failover, {}), /hold/, /send what .* drill --yes --json/],
  ])('%s', (_, found, problem, fix) => {
    expect(found.problem).toMatch(problem);
    expect(found.fix).toMatch(fix);
  });
});

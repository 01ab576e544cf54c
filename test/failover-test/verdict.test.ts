import { describe, expect, it } from 'vitest';
import type { GatewayExchange } from '../../src/components/gateway/requests/exchange.ts';
import type { DrillCase, Promised } from '../../src/failover-test/drill-case.ts';
import { causeOf, type Hints, verdictOn } from '../../src/failover-test/verdict.ts';
import type { Problem } from '../../src/problem.ts';

const cloudId = 'claude-api:claude-haiku-5-5';
const strictId = 'lm-studio:local-only';

function exchange(more: Partial<GatewayExchange> = {}): GatewayExchange {
  return {
    status: 200,
    whole: true,
    modelId: 'lm-studio:local',
    attemptedFallbacks: 0,
    toolCalls: 0,
    error: undefined,
    errorType: undefined,
    retryAfter: undefined,
    atCeiling: false,
    usage: undefined,
    ms: 100,
    problem: undefined,
    ...more,
  };
}

const failed = (status: number | undefined, error?: string, more: Partial<GatewayExchange> = {}) =>
  exchange({ status, whole: false, error, ...more });
const silence = failed(undefined, undefined, { modelId: undefined, ms: 20_000 });

function judged(promised: Promised, came: GatewayExchange, baselineMs = 0) {
  const request = { body: { model: 'local' }, timeoutMs: 1, aim: 'answer' };
  const drilled: DrillCase = {
    id: 'x',
    title: 'x',
    part: 'throw-away',
    key: 'ours',
    promised,
    request,
    when: 'it rains',
  };
  return verdictOn(drilled, came, baselineMs);
}

const answer: Promised = { kind: 'answer', by: 'lm-studio:local' };
const failover: Promised = { kind: 'failover', to: cloudId, added: 500 };
const error: Promised = { kind: 'error', within: 2500 };
const compact: Promised = { kind: 'error', within: 2500, compact: true };
const never: Promised = { kind: 'never-cloud', within: 2500 };
const brokenOff: Promised = { kind: 'broken-off' };
const turnedAway: Promised = { kind: 'turned-away', statuses: [401] };
const cloudError: Promised = { kind: 'cloud-error', status: 429, type: 'rate_limit_error', retryAfter: '10' };
const limited = { errorType: 'rate_limit_error', retryAfter: '10', modelId: cloudId } as const;
const byCloud = exchange({ modelId: cloudId, attemptedFallbacks: 1 });

describe('what holds', () => {
  it.each([
    ['the right one answers', answer, exchange()],
    ['it calls the tool', { ...answer, toolCalls: 1 }, exchange({ toolCalls: 1 })],
    ['it is back in time', { ...answer, within: 5000 }, exchange({ ms: 4900 })],
    ['what the cloud says reaches the client', cloudError, failed(429, 'a limit is reached', limited)],
    ['an error without failover', error, failed(500, 'LM Studio at x cannot be reached')],
    ['the words that make it compact', compact, failed(400, 'prompt is too long: 7 tokens > 6 maximum')],
    ['the strict name is refused', never, failed(500, 'no', { modelId: strictId })],
    ['the strict name is refused without evidence', never, failed(500, 'no', { modelId: undefined })],
    ['the strict name is answered at home', never, exchange({ modelId: strictId, ms: 60_000 })],
    ['an error says that it broke off', brokenOff, failed(200, 'broke off')],
    ['a stranger is turned away', turnedAway, failed(401, 'no', { modelId: undefined })],
  ] as const)('%s', (_, promised, came) => {
    expect(judged(promised, came)).toMatchObject({ held: true });
  });

  it.each([
    [600, 200, 400],
    [700, 200, 500],
    [150, 200, 0],
  ])('a failover after %i ms, where %i are usual, adds %i', (ms, usual, addedMs) => {
    expect(judged(failover, exchange({ modelId: cloudId, ms }), usual)).toMatchObject({ held: true, addedMs });
  });
});

describe('what does not hold', () => {
  it.each([
    ['the cloud answers instead', answer, byCloud, /^local was answered by claude-api:\S+ instead of local$/],
    ['somebody without a name answers', answer, exchange({ modelId: undefined }), /an unnamed deployment/],
    ['an error', answer, failed(500, 'litellm.InternalServerError: oh'), /^local gave no answer: 500, "oh"$/],
    ['silence', answer, silence, /no answer in 20\.0 s/],
    ['no tool call', { ...answer, toolCalls: 2 }, exchange({ toolCalls: 1 }), /1 of 2 tool calls/],
    ['back too late', { ...answer, within: 5000 }, exchange({ ms: 5100 }), /took 5\.1 s instead of 5\.0 s/],
    ['nobody takes over', failover, failed(500, 'oh'), /did not take over from local when it rains: 500/],
    ['the wrong one takes over', failover, exchange({ modelId: 'foundry:x' }), /did not take over/],
    ['the local model itself answers', failover, exchange(), /did not take over/],
    ['a cloud without consent', error, byCloud, /^LEAK: a request to local when it rains left for claude-api/],
    [
      'a cloud that was not to be asked now',
      { ...compact, consented: true },
      byCloud,
      /^local went to claude-api.* compact instead$/,
    ],
    ['an answer out of nowhere', error, exchange(), /where nothing could answer/],
    ['somebody stands in without consent', cloudError, exchange(), /^local was answered by local when it rains/],
    [
      'another status',
      cloudError,
      failed(500, 'no', limited),
      /is changed on its way to the client: status 500, rate_limit_error/,
    ],
    ['another type', cloudError, failed(429, 'no', { ...limited, errorType: 'api_error' }), /status 429, api_error/],
    [
      'no word when to ask again',
      cloudError,
      failed(429, 'no', { ...limited, retryAfter: undefined }),
      /retry-after none/,
    ],
    ['no error of the cloud', cloudError, silence, /status none, no type/],
    ['an error too late', error, failed(500, 'oh', { ms: 2600 }), /^local was not refused within 2\.5 s when it rains/],
    ['no error at all', error, silence, /was not refused/],
    ['other words for an overflow', compact, failed(400, 'n_keep'), /words that Claude Code does not understand/],
    ['a leak of the strict name', never, byCloud, /^LEAK/],
    ['a leak to a cloud that refused', never, failed(401, 'no', { modelId: cloudId }), /^LEAK/],
    ['an answer of nobody known', never, exchange({ modelId: undefined }), /^LEAK/],
    ['the strict name hangs', never, silence, /was not refused/],
    ['half an answer for a whole one', brokenOff, exchange(), /half an answer/],
    ['nothing says that it broke off', brokenOff, failed(200), /no error says so/],
    ['somebody takes over in the middle', brokenOff, byCloud, /where an answer from local had begun/],
    ['a stranger is answered', turnedAway, exchange(), /was not turned away/],
    [
      'a stranger’s request reached a model',
      turnedAway,
      failed(401, 'no', { modelId: cloudId }),
      /was not turned away/,
    ],
    ['nobody is there to turn away', turnedAway, silence, /was not turned away/],
  ] as const)('%s', (_, promised, came, words) => {
    const verdict = judged(promised, came);
    expect(verdict.held).toBe(false);
    expect(verdict.problem).toMatch(words);
  });

  it('a late failover is worth another look, one that did not happen is not', () => {
    expect(judged(failover, exchange({ modelId: cloudId, ms: 701 }), 200)).toMatchObject({ held: false, late: true });
    expect(judged(failover, failed(500, 'oh')).late).toBeUndefined();
  });
});

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
const failedOver = { ...thrownAway, promised: { kind: 'failover', to: 'x', added: 1 } } as const;
const drifted = { drift: ['gateway hook'] };

describe('the cause of a promise that does not hold', () => {
  it.each([
    ['LM Studio is off', cause({}, { local: off }), /It does not hold\. LM Studio is off\./, /^start it$/],
    ['LM Studio is off, but that is no matter here', cause(thrownAway, { local: off }), /^It does not hold$/, /report/],
    ['the cloud refuses', cause({ request: request('claude-x') }, drifted, { problem: refusedKey }), /refused/, /anew/],
    ['no fallback', cause(failedOver, { fallbacks: { local: [], strict: [] } }), /hold/, /gives local no fallback/],
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
    ['an edited hook', cause(failedOver, drifted), /hold/, /not what your answers say: gateway hook\..*plan --verbose/],
    ['late', cause(failedOver, {}, { whole: true }, true), /hold/, /Try again/],
    [
      'an image that is tried',
      cause(failedOver, { candidate: 'v1.108.12' }),
      /hold/,
      /running one\?.*v1\.108\.12 is at/,
    ],
    ['unknown, through the gateway', cause({}, {}), /hold/, /docker logs --tail 20 litellm/],
    ['unknown, in the throw-away one', cause(failedOver, {}), /hold/, /send what .* drill --yes --json/],
  ])('%s', (_, found, problem, fix) => {
    expect(found.problem).toMatch(problem);
    expect(found.fix).toMatch(fix);
  });
});

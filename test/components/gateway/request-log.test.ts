import { describe, expect, it } from 'vitest';
import { causes, type LoggedRequest, monthFiles } from '../../../src/components/gateway/request-log.ts';
import { mostTold, slowPrefillMs } from '../../../src/usage/request-usage.ts';
import type { Day } from '../../../src/usage/usage.ts';
import { loggedLine, loggedRequest, readRequestLog, usageOf } from './read-request-log.ts';

const local = 'lm-studio:local';
const haiku = 'claude-api:claude-haiku-4-5';
const request = ({ time, ...more }: Partial<LoggedRequest> & { readonly time?: string } = {}): LoggedRequest =>
  loggedRequest({ cachedTokens: 11, ...(time === undefined ? {} : { at: time }), ...more });

describe('a line of the request log', () => {
  it('is read whole', () => {
    const at = '2026-11-23T03:10:11.123Z';
    const said = { launcher: 'claude-local', session: '0b1c2d3e-1234-4abc-8def-0123456789ab', asked: 'local' };
    const answer = { answered: local, from: null, cause: null, status: 200, streamed: true, firstMs: 812, ms: 1903 };
    const counted = { tools: 6, promptTokens: 4711, cachedTokens: 11, outputTokens: 57, cost: 0 };
    const nothing = { queuedMs: 0, wokeMs: 0, writtenTokens: 0, hourTokens: 0, rule: null, kinds: [], agent: null };
    const neither = { directories: [], size: null, replaced: null, saved: null };
    const line = { v: 1, ...said, ...answer, ...counted };
    expect(readRequestLog(`${JSON.stringify({ ...line, at })}\n`)).toEqual({
      requests: [{ ...line, at: Date.parse(at), ...nothing, ...neither }],
      broken: 0,
      unknown: 0,
    });
  });

  it.each<[name: string, text: string, requests: number, broken: number, unknown: number]>([
    ['nothing', '', 0, 0, 0],
    ['half a line at the end', `${loggedLine()}${loggedLine().slice(0, 90)}`, 1, 1, 0],
    ['half a line between two', `${loggedLine()}${loggedLine().slice(0, 90)}\n${loggedLine()}`, 2, 1, 0],
    ['no JSON', 'hello\n', 0, 1, 0],
    ['JSON of another kind', '7\nnull\n[]\n', 0, 3, 0],
    ['a later version', loggedLine({ v: 2 }), 0, 0, 1],
    ['no time', loggedLine({ at: 'yesterday' }), 0, 1, 0],
    ['negative tokens', loggedLine({ promptTokens: -1 }), 0, 1, 0],
    ['a key too many', loggedLine({ region: 'eu' }), 1, 0, 0],
    ['a price that is not known', loggedLine({ cost: null }), 1, 0, 0],
    [
      'that a cloud is asked',
      `{"v":1,"at":"2026-11-23T12:00:00.000Z","held":"a-1","most":0.84}\n${loggedLine()}`,
      1,
      0,
      0,
    ],
    ['empty lines', `\n\n${loggedLine()}\n`, 1, 0, 0],
  ])('%s', (_, text, requests, broken, unknown) => {
    const read = readRequestLog(text);
    expect([read.requests.length, read.broken, read.unknown]).toEqual([requests, broken, unknown]);
  });

  it('with a cause that has no word yet is told as another one', () => {
    expect(readRequestLog(loggedLine({ cause: 'struck by lightning' })).requests[0]?.cause).toBe('other');
    for (const cause of causes) expect(readRequestLog(loggedLine({ cause })).requests[0]?.cause).toBe(cause);
  });

  it('older than wanted is passed by without a closer look', () => {
    const from = Date.parse('2026-11-23T00:00:00.000Z');
    const text = loggedLine({ at: '2026-11-22T23:59:59.999Z' }) + loggedLine({ at: '2026-11-23T00:00:00.000Z' });
    expect(readRequestLog(text, from).requests).toHaveLength(1);
    expect(readRequestLog(text).requests).toHaveLength(2);
  });
});

it.each([
  ['2026-11-17T00:00:00Z', '2026-11-23T12:00:00Z', ['2026-11.jsonl']],
  ['2026-10-31T23:59:59Z', '2026-11-01T00:00:00Z', ['2026-10.jsonl', '2026-11.jsonl']],
  ['2026-12-31T12:00:00Z', '2027-01-01T12:00:00Z', ['2026-12.jsonl', '2027-01.jsonl']],
  ['2026-01-31T12:00:00Z', '2026-03-01T12:00:00Z', ['2026-01.jsonl', '2026-02.jsonl', '2026-03.jsonl']],
])('from %s to %s: %j', (from, to, names) => {
  expect(monthFiles(Date.parse(from), Date.parse(to))).toEqual(names);
});

const day = (name: string, from: string, to: string): Day => ({ name, from: Date.parse(from), to: Date.parse(to) });
/** Two days in Berlin: the night between them has 25 hours. */
const days = [
  day('2026-10-24', '2026-10-23T22:00:00Z', '2026-10-24T22:00:00Z'),
  day('2026-10-25', '2026-10-24T22:00:00Z', '2026-10-25T23:00:00Z'),
];
const at = {
  night: '2026-10-24T21:59:59.999Z',
  midnight: '2026-10-24T22:00:00.000Z',
  late: '2026-10-25T22:59:59.000Z',
};

describe('what a number of requests came to', () => {
  const requests = [
    request({ time: '2026-10-23T21:59:59.999Z' }),
    request({ time: at.late, answered: haiku, from: local, cause: 'unreachable', cost: 0.25 }),
    request({ time: at.night }),
    request({ time: at.midnight, launcher: 'claude-routed', answered: haiku, asked: 'claude-haiku-4-5', cost: null }),
    request({ time: at.midnight, answered: null, cause: 'too-long', promptTokens: 0, outputTokens: 0, firstMs: null }),
    request({ time: at.midnight, cause: 'broken-off', outputTokens: 7 }),
    request({ time: at.midnight, cause: 'cancelled', launcher: null }),
    request({ time: at.midnight, answered: 'foundry:claude-sonnet-4-6', cost: 1.5 }),
    request({ time: '2026-10-25T23:00:00.000Z' }),
  ];
  const usage = usageOf(requests, days);

  it('is counted within the days alone', () => {
    expect(usage.total).toEqual({
      requests: 7,
      promptTokens: 6 * 4711,
      cachedTokens: 7 * 11,
      outputTokens: 5 * 57 + 7,
      cost: 1.75,
      unpriced: 1,
      local: 3,
      cloud: 3,
      failovers: 1,
      failoversFromCloud: 0,
      failed: 2,
      cancelled: 1,
    });
  });

  it('is told by day, from midnight to midnight', () => {
    expect(usage.days.map(({ day: name, requests: number, failovers }) => [name, number, failovers])).toEqual([
      ['2026-10-24', 1, 0],
      ['2026-10-25', 6, 1],
    ]);
  });

  it('is told by launcher, the busiest first', () => {
    expect(usage.launchers.map(({ launcher, requests: number }) => [launcher, number])).toEqual([
      ['claude-local', 5],
      ['claude-routed', 1],
      [null, 1],
    ]);
  });

  it('is shared out among those that answered', () => {
    expect(usage.backends.map((row) => [row.backend, row.requests, row.requestShare, row.cost, row.unpriced])).toEqual([
      ['local', 3, 0.5, 0, 0],
      ['anthropic', 2, 0.3333, 0.25, 1],
      ['foundry', 1, 0.1667, 1.5, 0],
    ]);
    expect(usage.backends.reduce((all, { tokenShare }) => all + tokenShare, 0)).toBeCloseTo(1, 3);
  });

  it('names each failover and each failure', () => {
    expect(usage.failovers).toEqual([
      { at: at.late, launcher: 'claude-local', asked: 'local', from: local, to: haiku, cause: 'unreachable' },
    ]);
    expect(usage.failures.map(({ to, cause }) => [to, cause])).toEqual([
      [null, 'too-long'],
      [local, 'broken-off'],
    ]);
    expect(usage.causes).toEqual([
      { cause: 'unreachable', failovers: 1, failed: 0 },
      { cause: 'too-long', failovers: 0, failed: 1 },
      { cause: 'broken-off', failovers: 0, failed: 1 },
    ]);
  });

  it('names the latest alone where there are very many, in the order of time, and counts them all', () => {
    const late = Date.parse(at.night);
    const minutes = Array.from({ length: 3 * mostTold }, (_, index) => (index * 7) % (3 * mostTold));
    const many = minutes.map((ago) =>
      request({ time: new Date(late - ago * 10).toISOString(), answered: null, cause: 'timeout' }),
    );
    const { total, failures } = usageOf(many, days);
    expect([total.failed, failures.length]).toEqual([3 * mostTold, mostTold]);
    expect(failures.map((one) => one.at)).toEqual(
      Array.from({ length: mostTold }, (_, index) => new Date(late - (mostTold - 1 - index) * 10).toISOString()),
    );
  });

  it('is nothing when there was nothing', () => {
    const none = usageOf([], days);
    expect([none.total.requests, none.backends, none.launchers, none.days.length]).toEqual([0, [], [], 2]);
  });
});

it.each([
  ['just within the threshold', { firstMs: slowPrefillMs }, 0],
  ['beyond it', { firstMs: slowPrefillMs + 1 }, 1],
  ['on a cloud', { firstMs: slowPrefillMs + 1, answered: haiku }, 0],
  ['not streamed', { firstMs: null, ms: 100_000 }, 0],
] as const)('slow prefills: %s', (_, more, slow) => {
  const usage = usageOf([request({ time: at.night, ...more })], days);
  expect(usage.slowPrefills).toHaveLength(slow);
});

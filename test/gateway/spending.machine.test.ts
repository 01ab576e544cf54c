import { rmSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { put, scratchDirectory } from '../render/scratch.ts';
import { python } from './hook-python.ts';

const session = '0b1c2d3e-1234-4abc-8def-0123456789ab';

function line(at: string, cost: number | null, more: Record<string, unknown> = {}): string {
  return `${JSON.stringify({ v: 1, at, session: null, answered: 'claude-api:x', from: null, cause: null, cost, ...more })}\n`;
}

/** The sums at some moments, by a ledger that looks at each of them. */
function sums(directory: string, moments: readonly string[], zone = 'UTC0'): readonly Record<string, number>[] {
  const look = `
ledger = request_log.spending.Ledger(request_log.spending.DIRECTORY)
print(json.dumps([ledger.totals(request_log.spending.seconds_of(at), "${session}") for at in given]))`;
  return python(look, moments, { REQUEST_LOG_DIR: directory, SPENDING_TIME_ZONE: zone });
}

describe('what was spent', () => {
  const log = (): string => {
    const directory = scratchDirectory('requests');
    put(`${directory}/2026-10.jsonl`, line('2026-10-31T23:30:00.000Z', 4) + line('2026-10-31T22:30:00.000Z', 8));
    put(
      `${directory}/2026-11.jsonl`,
      [
        line('2026-11-01T00:30:00.000Z', 1),
        line('2026-11-29T23:30:00.000Z', 16, { session }),
        line('2026-11-30T10:00:00.000Z', 0.1),
        line('2026-11-30T10:00:01.000Z', 0.2, { session }),
        line('2026-11-30T10:00:02.000Z', null, { session }),
        line('2026-11-30T10:00:03.000Z', 0.4, { session, cause: 'cancelled' }),
        line('2026-11-30T10:00:04.000Z', 0, { session, cause: 'cancelled' }),
        'rubbish\n{"v":2,"cost":9}\n{"v":1,"cost":7}\n{"v":1,"at":"x","cost":7}\n',
        line('2026-11-30T10:00:05.000Z', 100).slice(0, -1),
      ].join(''),
    );
    return directory;
  };

  it.each([
    ['UTC0', '2026-11-30T12:00:00Z', { dayCost: 0.7, dayUnpriced: 2, monthCost: 17.7 }],
    ['CET-1CEST,M3.5.0,M10.5.0/3', '2026-11-30T12:00:00Z', { dayCost: 16.7, dayUnpriced: 2, monthCost: 21.7 }],
    ['<-05>5', '2026-11-30T12:00:00Z', { dayCost: 0.7, dayUnpriced: 2, monthCost: 16.7 }],
    ['UTC0', '2026-12-01T00:00:00Z', { dayCost: 0, dayUnpriced: 0, monthCost: 0 }],
    ['CET-1', '2026-11-30T23:00:00Z', { dayCost: 0, dayUnpriced: 0, monthCost: 0 }],
    // A clock that was put back: what was logged later than now is of today.
    ['UTC0', '2026-11-28T12:00:00Z', { dayCost: 16.7, dayUnpriced: 2, monthCost: 17.7 }],
    ['UTC0', '2026-10-05T12:00:00Z', { dayCost: 29.7, dayUnpriced: 2, monthCost: 29.7 }],
  ])('where it is %s, at %s: %j', (zone, at, expected) => {
    expect(sums(log(), [at], zone)).toMatchObject([expected]);
  });

  it('is added up for a session, too', () => {
    expect(sums(log(), ['2026-11-30T12:00:00Z'])[0]).toMatchObject({ sessionCost: 16.6, sessionUnpriced: 2 });
  });

  it('has what anybody adds meanwhile, once, and half a line when it is whole', () => {
    const directory = scratchDirectory('requests');
    put(`${directory}/2026-11.jsonl`, line('2026-11-30T10:00:00.000Z', 1));
    const look = `
spending = request_log.spending
ledger, now = spending.Ledger(given), spending.seconds_of("2026-11-30T12:00:00Z")
def add(text, mode="a"):
    with open(given + "/2026-11.jsonl", mode) as file: file.write(text)
    return ledger.totals(now)["monthCost"]
text = open(given + "/2026-11.jsonl").read()
told = [add(""), add(text), add(text[:30]), add(text[30:]), add(""), add(text, "w")]
import os
os.remove(given + "/2026-11.jsonl")
told += [ledger.totals(now)["monthCost"], add(text + text)]
os.remove(given + "/2026-11.jsonl")
told += [add(text + text + text)]
print(json.dumps(told))`;
    expect(python(look, directory)).toEqual([1, 2, 2, 3, 3, 1, 0, 2, 3]);
  });

  it.each([
    ...['-100', 'NaN', 'Infinity', '1e400', '"1"', 'true', '[]', '9'.repeat(400)].map((cost) => `"cost":${cost}`),
    ...[
      '"held":"a","most":"x"',
      '"held":"a","most":NaN',
      '"held":"a","most":-9',
      '"held":[],"cost":0',
      '"session":[],"cost":0',
    ],
    ...['5', 'null', '[]', '"9999-12-31T23:59:59-23:59"', '"0001-01-01T00:00:00+14:00"'].map(
      (at) => `"at":${at},"cost":9`,
    ),
    `"x":${'['.repeat(100_000)}`,
  ])('is what stands beside %s', (fields) => {
    const directory = scratchDirectory('requests');
    const paid = line('2026-11-30T10:00:00.000Z', 1);
    put(`${directory}/2026-11.jsonl`, `${paid}{"v":1,"at":"2026-11-30T10:00:00.000Z",${fields}}\n${paid}`);
    const look = `
ledger, now = request_log.spending.ledger, request_log.spending.seconds_of("2026-11-30T12:00:00Z")
print(json.dumps([ledger.totals(now)["dayCost"], *ledger.charged(now)]))`;
    expect(python(look, null, { REQUEST_LOG_DIR: directory })).toEqual([2, 2, 2]);
  });

  it.each([
    [
      {
        input_tokens: 1,
        output_tokens: 2,
        cache_creation: null,
        service_tier: 'standard',
        server_tool_use: { web_search_requests: 1 },
      },
      true,
    ],
    [{ input_tokens: 1, iterations: [{ type: 'message', input_tokens: 1 }] }, true],
    [{ input_tokens: 1, iterations: [{ type: 'message', input_tokens: -1 }] }, false],
    [{ input_tokens: -1 }, false],
    [{ input_tokens: 1e300 }, false],
    [{ input_tokens: 'many' }, false],
    [{ cache_creation: { ephemeral_1h_input_tokens: -5 } }, false],
    ['much', false],
  ])('is counted by a usage that can be: %j', (usage, is) => {
    expect(python('print(json.dumps(request_log.cache_writes.believed(given) is not None))', usage)).toBe(is);
  });

  it('is nothing where there is no log', () => {
    const directory = scratchDirectory('requests');
    const none = { sessionCost: 0, sessionUnpriced: 0, dayCost: 0, dayUnpriced: 0, monthCost: 0 };
    expect(sums(directory, ['2026-11-30T12:00:00Z'])).toEqual([none]);
    rmSync(directory, { recursive: true });
    expect(sums(directory, ['2026-11-30T12:00:00Z'])).toEqual([none]);
  });
});

describe('what counts for a ceiling', () => {
  const began = (held: string, most: number, at = '2026-11-30T09:59:00.000Z'): string =>
    `${JSON.stringify({ v: 1, at, held, most })}\n`;
  const ended = (held: string, cost: number | null, at = '2026-11-30T10:00:00.000Z'): string =>
    line(at, cost, { held });
  const now = '2026-11-30T12:00:00Z';

  it.each<[what: string, november: string, december: string, at: string, charged: readonly [number, number]]>([
    ['an end takes back what was held', began('a', 8) + ended('a', 1), '', now, [1, 1]],
    ['what never ended counts with its most', began('a', 8) + began('b', 2) + ended('b', 1), '', now, [9, 9]],
    [
      'the larger one, when somebody else was asked then',
      began('a', 2) + began('a', 8) + began('a', 4),
      '',
      now,
      [8, 8],
    ],
    ['nor does it end by failing twice', began('a', 2) + ended('a', 0) + began('b', 8), '', now, [8, 8]],
    ['with its most when the price is not known', began('a', 8) + ended('a', null), '', now, [8, 8]],
    ['what was begun by this process is under way', began('mine', 8), '', now, [0, 0]],
    ['on its own day', began('a', 8, '2026-11-29T10:00:00.000Z') + ended('b', 1), '', now, [1, 9]],
    [
      'the end of the next month',
      began('a', 8),
      ended('a', 1, '2026-12-01T00:00:01.000Z'),
      '2026-12-01T01:00:00Z',
      [1, 1],
    ],
    [
      'an end before its beginning: the clock went back',
      ended('a', 1),
      began('a', 8, '2026-12-01T00:00:01.000Z'),
      now,
      [1, 1],
    ],
    ['a new month has nothing', began('a', 8) + ended('b', 4), '', '2026-12-01T00:00:00Z', [0, 0]],
    ['a new day has what the month has', ended('b', 4), '', '2026-11-30T23:59:59Z', [4, 4]],
    ['later than now is today', '', ended('b', 4, '2026-12-24T00:00:00.000Z'), now, [4, 4]],
  ])('%s', (_, november, december, at, charged) => {
    const directory = scratchDirectory('requests');
    put(`${directory}/2026-11.jsonl`, november);
    put(`${directory}/2026-12.jsonl`, december);
    const look = `
ledger = request_log.spending.Ledger(given[0])
print(json.dumps(ledger.charged(request_log.spending.seconds_of(given[1]), {"mine": None})))`;
    expect(python(look, [directory, at], { SPENDING_TIME_ZONE: 'UTC0' })).toEqual(charged);
  });

  it.each([
    [4.99, 49.99, 5, 50, null],
    [5, 5, 5, 50, 'the ceiling of $5.00 a day is reached ($5.00 are spent), and no cloud is asked until tomorrow'],
    [
      5.129,
      50,
      5,
      50,
      'the ceiling of $50.00 a month is reached ($50.00 are spent), and no cloud is asked until next month',
    ],
    [1000, 1000, null, null, null],
    [1, 50, null, 50, 'the ceiling of $50.00 a month is reached'],
    [5, 1000, 5, null, 'the ceiling of $5.00 a day is reached'],
  ])('%d today and %d this month of %s and %s', (day, month, perDay, perMonth, words) => {
    const said = python<string | null>('print(json.dumps(request_log.ceiling.words_for(*given)))', [
      day,
      month,
      perDay,
      perMonth,
    ]);
    if (words === null) expect(said).toBeNull();
    else expect(said).toContain(words);
  });

  it.each([
    [0, 5, 0],
    [3.9999, 5, 79],
    [4, 5, 80],
    [0.7, 1, 70],
    [12, 5, 240],
    [1, null, null],
  ])('%d of %s is %s percent', (spent, most, percent) => {
    expect(python('print(json.dumps(request_log.ceiling.percent_of(*given)))', [spent, most])).toBe(percent);
  });
});

describe('what a cloud may do by itself', () => {
  const web = { type: 'web_search_20250305', name: 'web_search' };
  const advisor = { type: 'advisor_20260301', name: 'advisor', model: 'claude-opus-4-8' };

  it.each([
    [[], 0, []],
    [null, 0, []],
    [['x', { name: 'Read', input_schema: {} }], 0, []],
    [[web], 40, []],
    [[{ ...web, max_uses: 8 }], 8, []],
    [
      [
        { ...web, max_uses: 1e6 },
        { ...web, max_uses: 0 },
      ],
      40,
      [],
    ],
    [[{ ...web, max_uses: -1 }], 40, []],
    [[{ ...web, max_uses: 'many' }], 40, []],
    [[advisor], 0, [['claude-opus-4-8', 5]]],
    [[{ ...advisor, max_uses: 2 }], 0, [['claude-opus-4-8', 2]]],
  ])('with %j in 1,000 tokens is %d searches and %j', (tools, searches, advisors) => {
    const code =
      'import server_tools\nprint(json.dumps([server_tools.searches_in(given, 1000), server_tools.advisors_in(given, 1000)]))';
    expect(python(code, tools)).toEqual([searches, advisors]);
  });
});

describe('who sent a request', () => {
  it.each([
    ['claude-routed', 'claude-routed'],
    ['claude-offline; local-only', 'claude-offline'],
    ['claude-routed; proof', 'proof'],
    ['claude-offline; local-only; proof', 'proof'],
    ['drill', 'drill'],
    ['', null],
    ['Some Words', null],
  ])('%j is %s', (header, launcher) => {
    expect(python('print(json.dumps(request_log.launcher_of(given)))', header)).toBe(launcher);
  });
});

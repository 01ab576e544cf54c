import { describe, expect, it } from 'vitest';
import type { UsageDay } from '../../../src/usage/usage.ts';
import { HistoryReader } from '../../../src/watch/page/page-watcher.ts';
import {
  axis,
  dollarTick,
  durationStep,
  durationTick,
  numberTick,
  type Plot,
  plotsOf,
} from '../../../src/watch/page/plots.ts';
import { loggedLine, readRequestLog, usageOf } from '../../components/gateway/read-request-log.ts';
import { FakeHost } from '../../machine/doubles/fake-host.ts';

const noon = new Date(2026, 10, 23, 12, 0, 0);
const hour = 3_600_000;
const sonnet = { answered: 'claude-api:claude-sonnet-5-5' };
const haiku = { answered: 'foundry:claude-haiku-4-5' };
const line = (more: Readonly<Record<string, unknown>>, at = noon) => loggedLine({ at: at.toISOString(), ...more });

describe('an axis', () => {
  it.each<[most: number, words: string]>([
    [0, '0 1'],
    [1, '0 1'],
    [3, '0 1 2 3'],
    [7, '0 2 4 6 8'],
    [40, '0 10 20 30 40'],
    [41, '0 20 40 60'],
    [99, '0 50 100'],
    [1200, '0 500 1k 1.5k'],
    [3_100_000, '0 1M 2M 3M 4M'],
    [4_100_000, '0 2M 4M 6M'],
  ])('of numbers up to %i', (most, words) => {
    const { ticks, top } = axis(most, numberTick);
    expect(ticks.map((tick) => tick.words).join(' ')).toBe(words);
    expect(top).toBeGreaterThanOrEqual(most);
  });

  it.each<[most: number, words: string]>([
    [0, '$0 $0.01'],
    [0.004, '$0 $0.01'],
    [0.033, '$0 $0.01 $0.02 $0.03 $0.04'],
    [0.3, '$0 $0.10 $0.20 $0.30'],
    [2.73, '$0 $1 $2 $3'],
    [60, '$0 $20 $40 $60'],
  ])('of dollars up to %d', (most, words) => {
    const { ticks } = axis(most, dollarTick, { least: 0.01 });
    expect(ticks.map((tick) => tick.words).join(' ')).toBe(words);
  });

  it.each<[most: number, words: string]>([
    [0, '0 s, 0.1 s'],
    [390, '0 s, 0.1 s, 0.2 s, 0.3 s, 0.4 s'],
    [1900, '0 s, 0.5 s, 1 s, 1.5 s, 2 s'],
    [51_000, '0 s, 20 s, 40 s, 1 min'],
    [103_400, '0 s, 30 s, 1 min, 90 s, 2 min'],
    [1_500_000, '0 s, 10 min, 20 min, 30 min'],
  ])('of durations up to %i ms', (most, words) => {
    const { ticks } = axis(most, durationTick, { steps: durationStep, least: 100 });
    expect(ticks.map((tick) => tick.words).join(', ')).toBe(words);
  });
});

/** Two days, yesterday with these requests and today with those. */
function daysOf(yesterday: readonly object[], today: readonly object[]): readonly UsageDay[] {
  const midnight = new Date(2026, 10, 23).getTime();
  const days = [
    { name: '2026-11-22', from: midnight - 24 * hour, to: midnight },
    { name: '2026-11-23', from: midnight, to: midnight + 24 * hour },
  ];
  const text = [
    ...yesterday.map((more) => line({ ...more }, new Date(noon.getTime() - 24 * hour))),
    ...today.map((more) => line({ ...more })),
  ];
  return usageOf(readRequestLog(text.join('')).requests, days).days;
}

function plot(days: readonly UsageDay[], id: string, perDay: number | null = null): Plot {
  const found = plotsOf(days, perDay).find((one) => one.id === id);
  if (found === undefined) throw new Error(`there is no plot ${id}`);
  return found;
}

describe('a plot', () => {
  it('of requests has who answered in one order, and who did not', () => {
    const { series, days, top } = plot(
      daysOf([{ ...haiku }, {}], [{}, {}, sonnet, { answered: null, cause: 'timeout' }, { launcher: 'drill' }]),
      'requests',
    );
    expect(series.map(({ look }) => look)).toEqual(['local', 'anthropic', 'foundry', 'nobody']);
    expect(days).toMatchObject([
      { day: '2026-11-22', label: 'Nov 22', values: [1, 0, 1, 0], total: '2' },
      { day: '2026-11-23', label: 'Nov 23', values: [2, 1, 0, 1], total: '4' },
    ]);
    expect(top).toBe(4);
  });

  it('of dollars has the clouds alone, what is not known of them, and the ceiling', () => {
    const days = daysOf([{ ...sonnet, cost: 1.25 }], [{ ...haiku, cost: 0.5 }, { ...sonnet, cost: null }, {}]);
    const { series, days: plotted, limit, top } = plot(days, 'dollars', 5);
    expect(series.map(({ name }) => name)).toEqual(['Claude API', 'Foundry']);
    expect(plotted).toMatchObject([
      { values: [1.25, 0], words: ['$1.25', '$0.00'], total: '$1.25', atLeast: false },
      { values: [0, 0.5], total: 'at least $0.50, 1 of unknown price', atLeast: true },
    ]);
    expect([limit, top]).toEqual([{ at: 5, words: 'ceiling $5.00' }, 6]);
  });

  it('shows a ceiling that is far away, and yet what there is', () => {
    const { limit, top } = plot(daysOf([{ ...sonnet, cost: 0.5 }], []), 'dollars', 50);
    expect([limit?.at, top]).toEqual([50, 0.6]);
  });

  it('of tokens has what came from a cache', () => {
    const days = daysOf([], [{ promptTokens: 5000, cachedTokens: 4000, outputTokens: 70 }]);
    expect(plot(days, 'tokens-in').days.at(-1)).toMatchObject({ values: [1000, 4000], total: '5,000' });
    expect(plot(days, 'tokens-out').days.at(-1)).toMatchObject({ values: [70], words: ['70'], total: null });
  });

  it('of the first word tells the local model and clouds apart, and days without any', () => {
    const days = daysOf([{ firstMs: 4000 }, { ...sonnet, firstMs: 1000 }], [{ ...sonnet, firstMs: null }]);
    const local = plot(days, 'first-word-local');
    const [yesterday, today] = local.days;
    expect(yesterday?.values.map((value) => Math.round((value ?? 0) / 200) * 200)).toEqual([4000, 4000]);
    expect(today).toMatchObject({ values: [null, null], words: ['', ''] });
    expect(plot(days, 'first-word-cloud').top).toBeLessThan(2000);
  });

  it.each([
    ['requests', 'No request has gone through the gateway in these days.'],
    ['dollars', 'Nothing was paid for: no cloud has answered in these days.'],
    ['tokens-in', 'No request has gone through the gateway in these days.'],
    ['tokens-out', 'No request has gone through the gateway in these days.'],
    ['first-word-local', 'No local model has streamed an answer in these days.'],
    ['first-word-cloud', 'No cloud has streamed an answer in these days.'],
  ])('of %s says plainly that there is nothing', (id, words) => {
    expect(plot(daysOf([], []), id)).toMatchObject({ empty: words });
    expect(plot(daysOf([], [{}, sonnet]), id).empty === null || id === 'dollars').toBe(true);
  });
});

describe('the history', () => {
  const directory = '/log';
  const path = (month: string) => `${directory}/${month}.jsonl`;

  it('is thirty days, goes on where it ended, and begins anew at midnight', async () => {
    const old = new Date(2026, 9, 20, 12);
    const host = new FakeHost({
      [`${path('2026-10')}.gz`]: line({}, old) + line({}, new Date(2026, 9, 30, 12)),
      [path('2026-11')]: line({}),
    });
    const reader = new HistoryReader(host, directory);
    const first = await reader.look(noon);
    expect([first.days.length, first.days[0]?.day, first.days.at(-1)?.day]).toEqual([30, '2026-10-25', '2026-11-23']);
    const requests = (days: readonly UsageDay[]) => days.reduce((sum, day) => sum + day.requests, 0);
    expect(requests(first.days)).toBe(2);
    expect((await reader.look(noon)).version).toBe(first.version);
    host.put(path('2026-11'), line({}) + line({}));
    const second = await reader.look(noon);
    expect([requests(second.days), second.version === first.version]).toEqual([3, false]);
    // A month that is compressed meanwhile is not read twice.
    host.put(`${path('2026-11')}.gz`, line({}) + line({}));
    expect(requests((await reader.look(noon)).days)).toBe(3);
    host.files.delete(`${path('2026-11')}.gz`);
    const next = await reader.look(new Date(2026, 10, 24, 0, 0, 1));
    expect([requests(next.days), next.days.at(-1)?.day]).toEqual([3, '2026-11-24']);
  });

  it('counts nothing twice after a file that could not be read', async () => {
    const host = new FakeHost({ [path('2026-10')]: line({}, new Date(2026, 9, 30, 12)), [path('2026-11')]: line({}) });
    let isBroken = true;
    const probe = {
      readLines: async (file: string, each: (line: string) => void, from?: number) => {
        if (isBroken && file === path('2026-11')) throw new Error('EIO');
        return await host.readLines(file, each, from);
      },
    };
    const reader = new HistoryReader(probe, directory);
    await expect(reader.look(noon)).rejects.toThrow('EIO');
    isBroken = false;
    expect((await reader.look(noon)).days.reduce((sum, day) => sum + day.requests, 0)).toBe(2);
  });
});

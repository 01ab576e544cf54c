import { describe, expect, it } from 'vitest';
import type { LoggedRequest } from '../../../src/components/gateway/request-log.ts';
import { PageWatcher } from '../../../src/watch/page/page-watcher.ts';
import { type PageState, pageRow, pageState } from '../../../src/watch/page/state.ts';
import type { Moment } from '../../../src/watch/watcher.ts';
import { loggedLine, readRequestLog, usageOf } from '../../components/gateway/read-request-log.ts';

const noon = new Date(2026, 10, 23, 12, 0, 0);
const sonnet = 'claude-api:claude-sonnet-5-5';

function request(more: Readonly<Record<string, unknown>> = {}): LoggedRequest {
  const [read] = readRequestLog(loggedLine({ at: noon.toISOString(), ...more })).requests;
  if (read === undefined) throw new Error('the example is no request');
  return read;
}

function moment(latest: readonly LoggedRequest[], more: Partial<Moment> = {}): Moment {
  const day = { name: '2026-11-23', from: noon.getTime() - 43_200_000, to: noon.getTime() + 43_200_000 };
  const today = usageOf(latest, [day]);
  return {
    now: noon,
    gateway: { ready: true, connections: 2 },
    today,
    waiting: { servers: [] },
    spending: null,
    latest,
    ...more,
  };
}

describe('a row of the page', () => {
  it.each<[what: string, more: Readonly<Record<string, unknown>>, expected: Partial<ReturnType<typeof pageRow>>]>([
    [
      'local',
      {},
      {
        ...{ time: '12:00:00', end: 'answered', isTrial: false, launcher: 'claude-local', asked: 'local', rule: '' },
        ...{ backend: 'local', backendName: 'local', model: 'local', tokensIn: '4,711', cached: '' },
        ...{ tokensOut: '57', firstWord: '0.8 s', took: '1.9 s', cost: '', status: '200', why: '' },
      },
    ],
    [
      'a cloud’s by a rule, most of it read from the cache',
      { answered: sonnet, cost: 0.0123, cachedTokens: 4000, launcher: null, rule: 'searches' },
      {
        ...{ backend: 'anthropic', backendName: 'Claude API', model: 'claude-sonnet-5-5', cost: '$0.0123' },
        ...{ cached: '4,000', launcher: '', rule: 'searches' },
      },
    ],
    ['that waited for its turn', { queuedMs: 12_000 }, { waited: 'waited 12 s' }],
    ['that was held', { wokeMs: 70_000, queuedMs: 2000 }, { waited: '70 s for a box to wake, waited 2.0 s' }],
    ['of one of several servers', { server: '10.0.0.5:8080' }, { server: 'at 10.0.0.5:8080' }],
    ['that hardly waited', { queuedMs: 99 }, { waited: '' }],
    ['not streamed', { firstMs: null }, { firstWord: '' }],
    ['of an unknown price', { answered: sonnet, cost: null }, { cost: 'price unknown' }],
    [
      'answered by another one',
      { answered: sonnet, from: 'lm-studio:local', cause: 'unreachable' },
      { end: 'instead', why: 'local could not be reached' },
    ],
    [
      'failed',
      { answered: null, cause: 'timeout', status: 504 },
      { end: 'failed', backend: 'nobody', model: '', status: '504', why: 'local did not answer in time' },
    ],
    ['left', { cause: 'cancelled' }, { end: 'left', why: 'left by the client' }],
    ['by somebody unknown', { answered: 'new:thing', asked: null }, { backend: 'other', asked: 'an unknown name' }],
    ['of a drill', { launcher: 'drill' }, { isTrial: true }],
  ])('%s', (_what, more, expected) => {
    expect(pageRow(request(more))).toMatchObject(expected);
  });
});

describe('the state of the page', () => {
  it('says what today came to, and how much of the ceilings is spent', () => {
    const one = request({ answered: sonnet, cost: 1.509 });
    const unknown = request({ answered: sonnet, cost: null });
    const spending = { perDay: 5, perMonth: 50, atCeiling: 'refuse', dayPercent: 30, monthPercent: null } as const;
    expect(pageState(moment([one, unknown], { spending }), [one], '1')).toMatchObject({
      ...{ seen: '1', at: '12:00:00', gateway: { ready: true, words: 'gateway answers, 2 connections open' } },
      today: {
        ...{ words: expect.stringMatching(/^Today: 2 requests/), requests: '2', dollars: '$1.50' },
        ...{ dollarsNote: 'at least: 1 of unknown price', tokensIn: '9,422', tokensOut: '114' },
      },
      ceilings: [
        { period: 'day', most: '$5.00', percent: 30 },
        { period: 'month', most: '$50.00', percent: 0 },
      ],
      fresh: [{ cost: '$1.5090' }],
    });
  });

  it('says who waits', () => {
    const waiting = [{ kind: 'subagent', agent: 'Explore', seconds: 7 } as const];
    const servers = [{ server: '10.0.0.5:8080', slots: 2, running: 2, waiting }];
    const waking = { server: '10.0.0.4:1234', waiting };
    expect(pageState(moment([], { waiting: { servers, waking } }), [], '0').waiting).toEqual([
      'Queued at 10.0.0.5:8080, which answers 2 at once: 1st Explore 7 s',
      'Waking 10.0.0.4:1234, held for it: Explore 7 s',
    ]);
  });

  it('says why the gateway does not answer', () => {
    const gateway = { ready: false, code: 'connection-refused', problem: 'nothing answers', fix: 'start it' } as const;
    expect(pageState(moment([], { gateway }), [], '0').gateway).toEqual({ ready: false, words: 'nothing answers' });
  });
});

describe('what a page has not seen', () => {
  const later = (seconds: number) => new Date(noon.getTime() + seconds * 1000);
  const asked = ({ fresh }: PageState) => fresh.map((row) => row.asked);
  const ending = (...names: readonly string[]) => names.map((name) => request({ asked: name }));

  /** What ends before each look, the last two of which are kept. */
  const noHistory = async () => ({ days: [], version: '2026-11-23.0' });

  function pages(...looks: readonly (readonly string[])[]): { readonly watcher: PageWatcher; readonly looks: Date[] } {
    let latest: readonly LoggedRequest[] = [];
    const seen: Date[] = [];
    const watcher = new PageWatcher(async (now) => {
      const fresh = ending(...(looks[seen.length] ?? []));
      seen.push(now);
      latest = [...latest, ...fresh].slice(-2);
      return { moment: moment(latest, { now }), fresh };
    }, noHistory);
    return { watcher, looks: seen };
  }

  it('is told to each page once, and to a new one all that is kept', async () => {
    const { watcher } = pages(['one'], ['two', 'three'], []);
    const first = await watcher.state('', noon);
    const second = await watcher.state(first.seen, later(1));
    const other = await watcher.state('', later(1));
    const third = await watcher.state(second.seen, later(2));
    expect([first, second, other, third].map(asked)).toEqual([['one'], ['two', 'three'], ['two', 'three'], []]);
  });

  it('is all that is kept where the page was away for long, or says what nobody told it', async () => {
    const { watcher } = pages(['one'], ['two', 'three', 'four']);
    const first = await watcher.state('', noon);
    expect(asked(await watcher.state(first.seen, later(1)))).toEqual(['three', 'four']);
    expect(asked(await watcher.state('nonsense', later(1)))).toEqual(['three', 'four']);
    expect(asked(await watcher.state('2026-11-23.0_99', later(1)))).toEqual([]);
  });

  it('are plots once, until there are others', async () => {
    const { watcher } = pages(['one'], [], ['two']);
    const versions = ['2026-11-23.1', '2026-11-23.1', '2026-11-24.1'];
    const reading = new PageWatcher(
      async (now) => ({ moment: moment([], { now }), fresh: [] }),
      async () => ({ days: [], version: versions.shift() ?? '' }),
    );
    expect((await watcher.state('', noon)).plots).toHaveLength(6);
    const first = await reading.state('', noon);
    const second = await reading.state(first.seen, later(1));
    const third = await reading.state(second.seen, later(2));
    expect([first, second, third].map(({ plots }) => plots?.length)).toEqual([6, undefined, 6]);
  });

  it('is looked for once a second at the most, however many ask', async () => {
    const { watcher, looks } = pages();
    await Promise.all([0, 0.1, 0.5, 0.8, 1, 1.2].map(async (seconds) => await watcher.state('', later(seconds))));
    expect(looks).toEqual([noon, later(1)]);
  });

  it('is looked for again after a look that failed', async () => {
    let looks = 0;
    const watcher = new PageWatcher(async (now) => {
      looks += 1;
      if (looks === 1) throw new Error('EACCES');
      return { moment: moment(ending('one'), { now }), fresh: ending('one') };
    }, noHistory);
    await expect(watcher.state('', noon)).rejects.toThrow('EACCES');
    expect(asked(await watcher.state('', later(1)))).toEqual(['one']);
  });
});

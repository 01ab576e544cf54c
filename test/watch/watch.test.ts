import { describe, expect, it } from 'vitest';
import type { LoggedRequest } from '../../src/components/gateway/request-log.ts';
import { layoutFor } from '../../src/layout.ts';
import { cutTo } from '../../src/ui/live-screen.ts';
import { Watcher } from '../../src/watch/watcher.ts';
import { momentLines, requestLine } from '../../src/watch/words.ts';
import { loggedLine, readRequestLog } from '../components/gateway/read-request-log.ts';
import { FakeHost } from '../machine/doubles/fake-host.ts';

const sonnet = 'claude-api:claude-sonnet-5-5';
const layout = layoutFor({ user: 'claude', uid: 1000, home: '/home/claude' });
const log = (month: string) => `${layout.requestLogDir}/${month}.jsonl`;
const noon = new Date(2026, 10, 23, 12, 0, 0);
const before = (seconds: number) => new Date(noon.getTime() - seconds * 1000);

function line(more: Readonly<Record<string, unknown>> = {}, at = before(1)): string {
  return loggedLine({ at: at.toISOString(), ...more });
}

function request(more: Readonly<Record<string, unknown>> = {}): LoggedRequest {
  const [read] = readRequestLog(line(more, noon)).requests;
  if (read === undefined) throw new Error('the example is no request');
  return read;
}

describe('a request in a line', () => {
  it.each([
    [80, '12:00:00 ✓ local              1.9 s  4,711 → 57  claude-local'],
    [50, '12:00:00 ✓ local              1.9 s  4,711 → 57'],
    [24, '12:00:00 ✓ local'],
    [12, '12:00:00 ✓ …'],
  ])('has whole parts in %i columns', (columns, text) =>
    expect(cutTo(requestLine(request()).text, columns)).toBe(text),
  );

  it('says why somebody else answered before what that cost', () => {
    const { text } = requestLine(
      request({ answered: sonnet, from: 'lm-studio:local', cause: 'unreachable', cost: 0.01 }),
    );
    expect(cutTo(text, 80)).toMatch(/local could not be reached$/);
  });

  it.each<[what: string, more: Readonly<Record<string, unknown>>, tone: string, text: string]>([
    ['local', {}, 'plain', '12:00:00 ✓ local              1.9 s  4,711 → 57  claude-local'],
    [
      'a cloud’s, most of it read from the cache',
      { answered: sonnet, cost: 0.0123, cachedTokens: 4000, launcher: null },
      'plain',
      '12:00:00 ✓ claude-sonnet-5-5  1.9 s  4,711 → 57  $0.0123  (4,000 cached)',
    ],
    ['of an unknown price', { answered: sonnet, cost: null }, 'plain', '57  price unknown  claude-local'],
    ['for next to nothing', { answered: sonnet, cost: 0.00001 }, 'plain', '57  under $0.0001  claude-local'],
    [
      'answered by another one',
      { answered: sonnet, from: 'lm-studio:local', cause: 'unreachable', cost: 0.5 },
      'warning',
      '12:00:00 → claude-sonnet-5-5  1.9 s  4,711 → 57  local could not be reached  $0.5000  claude-local',
    ],
    ['failed', { answered: null, cause: 'timeout' }, 'bad', '12:00:00 ✗ local did not answer in time, claude-local'],
    ['left', { cause: 'cancelled' }, 'dim', '12:00:00 · local: left by the client  claude-local'],
    ['that was held', { wokeMs: 1000 }, 'plain', '1.9 s  4,711 → 57  (1.0 s for a box to wake)  claude-local'],
    ['of one of several servers', { server: '192.168.1.21:1234' }, 'plain', '57  at 192.168.1.21:1234  claude-local'],
    ['that waited', { queuedMs: 1200 }, 'plain', '1.9 s  4,711 → 57  (waited 1.2 s)  claude-local'],
    ['that a rule decided', { rule: 'titles at home' }, 'plain', '57  claude-local  by titles at home'],
    ['of a drill', { launcher: 'drill' }, 'dim', '57  drill'],
  ])('%s', (_what, more, tone, text) => {
    const told = requestLine(request(more));
    expect(told.tone).toBe(tone);
    expect(told.text).toContain(text);
  });
});

function host(text: string): FakeHost {
  return new FakeHost({ [log('2026-11')]: text })
    .reply(`GET ${layout.gatewayUrl}/health/readiness`, {
      status: 200,
      body: '{"status":"healthy","db":"Not connected"}',
    })
    .tell("ss -Htn state established '( sport = :4000 )'", { stdout: 'one\ntwo\n' });
}
const noCeiling = { perDay: undefined, perMonth: undefined, atCeiling: 'refuse' } as const;

describe('who waits for the local server', () => {
  const agents = ['Explore', null, 'a', 'b'].map((agent, index) => ({
    session: null,
    kind: 'subagent',
    agent,
    seconds: index,
  }));
  const talk = { session: null, kind: 'conversation', agent: null, seconds: 12 };
  const state = (age: number, waiting: readonly object[], more: object = {}): string =>
    JSON.stringify({ v: 1, at: before(age).toISOString(), servers: [{ slots: 1, running: 1, waiting }], ...more });
  const named = (server: string, waiting: readonly object[]) => ({ server, slots: 1, running: 1, waiting });
  it.each<[what: string, text: string | undefined, line: string | undefined]>([
    ['nobody', undefined, undefined],
    ['one', state(1, [talk]), 'Queued at the local server, which answers 1 at once: 1st conversation 12 s'],
    [
      'many',
      state(1, [talk, ...agents]),
      'Queued at the local server, which answers 1 at once: 1st conversation 12 s, 2nd Explore 0 s, 3rd subagent 1 s, 4th a 2 s and 1 more',
    ],
    ['those of a gateway that was killed', state(20, [talk]), undefined],
    ['what nobody understands', '{"v":2}', undefined],
  ])('%s', async (_what, text, told) => {
    const machine = host('');
    if (text !== undefined) machine.put(`${layout.requestLogDir}/queue.json`, text);
    const { moment } = await new Watcher(machine, layout, noCeiling).look(noon);
    expect(momentLines(moment, 20)[2]?.text).toBe(told ?? '');
  });

  it('at which of several, and which one is being woken', async () => {
    const servers = [named('10.0.0.5:1234', [talk]), named('10.0.0.6:8080', agents.slice(0, 1))];
    const text = state(1, [], { servers, waking: { server: '10.0.0.4:1234', waiting: [talk] } });
    const machine = host('').put(`${layout.requestLogDir}/queue.json`, text);
    const { moment } = await new Watcher(machine, layout, noCeiling).look(noon);
    expect(
      momentLines(moment, 20)
        .slice(2, 5)
        .map((line) => line.text),
    ).toEqual([
      'Queued at 10.0.0.5:1234, which answers 1 at once: 1st conversation 12 s',
      'Queued at 10.0.0.6:8080, which answers 1 at once: 1st Explore 0 s',
      'Waking 10.0.0.4:1234, held for it: conversation 12 s',
    ]);
  });
});

describe('what goes through the gateway', () => {
  it('is told once, a line that is being written when it is whole', async () => {
    const machine = host(line() + line({ asked: 'second' }).slice(0, 40));
    const watcher = new Watcher(machine, layout, noCeiling);
    const first = await watcher.look(noon);
    machine.put(log('2026-11'), line() + line({ asked: 'second' }) + line({ asked: 'third' }));
    const second = await watcher.look(noon);
    const third = await watcher.look(noon);
    expect([first, second, third].map(({ fresh }) => fresh.map(({ asked }) => asked))).toEqual([
      ['local'],
      ['second', 'third'],
      [],
    ]);
    expect(third.moment.today.total.requests).toBe(3);
    expect(third.moment.latest).toHaveLength(3);
  });

  it('is counted from midnight on, also after the month ended meanwhile', async () => {
    const eve = new Date(2026, 10, 30, 23, 59, 0);
    const morning = new Date(2026, 11, 1, 0, 1, 0);
    const machine = host(line({}, eve));
    const watcher = new Watcher(machine, layout, noCeiling);
    expect((await watcher.look(eve)).moment.today.total.requests).toBe(1);
    machine.put(log(morning.toISOString().slice(0, 7)), line({ asked: 'new' }, new Date(2026, 11, 1, 0, 0, 30)));
    const { moment, fresh } = await watcher.look(morning);
    expect([moment.today.total.requests, fresh.map(({ asked }) => asked)]).toEqual([1, ['new']]);
    expect(moment.latest).toHaveLength(2);
  });

  it('costs the gateway a question every five seconds, and says what it answered', async () => {
    const machine = host('');
    const watcher = new Watcher(machine, layout, noCeiling);
    for (let second = 0; second < 10; second += 1) await watcher.look(new Date(noon.getTime() + second * 1000));
    expect(machine.asked.filter((asked) => asked.startsWith('ss '))).toHaveLength(2);
    const { moment } = await watcher.look(noon);
    expect(momentLines(moment, 20)[0]).toEqual({
      text: '12:00:00 ✓ gateway answers, 2 connections open',
      tone: 'good',
    });
  });

  it.each([5, 6, 12, 40])('fits into %i rows, the newest at the end', async (rows) => {
    const many = Array.from({ length: 30 }, (_, index) => line({ launcher: `number-${index}` })).join('');
    const ceiling = { perDay: 5, perMonth: undefined, atCeiling: 'refuse' } as const;
    const machine = host(many).tell(`tail -n 50 -- ${log('2026-11')}`, { stdout: '' });
    const { moment } = await new Watcher(machine, layout, ceiling).look(noon);
    const told = momentLines(moment, rows).map(({ text }) => text);
    expect(told.length).toBeLessThanOrEqual(Math.max(rows, 6));
    expect(told.at(-2)).toContain('number-29');
    expect(told[2]).toBe('Ceiling: $5.00 a day, 0 % spent');
  });
});

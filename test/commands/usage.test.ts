import { mkdirSync } from 'node:fs';
import stringWidth from 'string-width';
import { describe, expect, it } from 'vitest';
import { usage } from '../../src/commands/usage.ts';
import { causes } from '../../src/components/gateway/request-log.ts';
import { exitCodes } from '../../src/session/exit-codes.ts';
import { Refused } from '../../src/session/program.ts';
import { localDay } from '../../src/text/local-time.ts';
import { wrapped } from '../../src/ui/text-layout.ts';
import { lastDays } from '../../src/usage/read-usage.ts';
import { loggedLine } from '../components/gateway/read-request-log.ts';
import { put, scratchDirectory } from '../render/scratch.ts';
import { usageBox, usageJson } from './usage-box.ts';

const now = new Date(2026, 10, 23, 14, 30);
const minutesAgo = (minutes: number): Date => new Date(now.getTime() - minutes * 60_000);
const haiku = 'claude-api:claude-haiku-4-5';

/** A log with these requests, each given by what it differs in. */
function logOf(requests: readonly (Readonly<Record<string, unknown>> & { readonly minutes?: number })[]): string {
  const directory = scratchDirectory('requests');
  const months = new Map<string, string>();
  for (const { minutes = 1, ...more } of requests) {
    const at = minutesAgo(minutes).toISOString();
    const name = `${at.slice(0, 7)}.jsonl`;
    months.set(name, `${months.get(name) ?? ''}${loggedLine({ at, ...more })}`);
  }
  for (const [name, text] of months) put(`${directory}/${name}`, text, 0o600);
  return directory;
}

/** The screen of that log, as it stands on a terminal of that width. */
async function screen(directory: string, columns = 78, days = 7): Promise<string> {
  const { program, ui } = usageBox(directory);
  expect(await usage(program, { days }, now)).toBe(exitCodes.done);
  return ui.said.map(({ text }) => wrapped(text, columns)).join('\n');
}

/** The same before it is fitted into a terminal. */
async function unwrapped(directory: string): Promise<string> {
  const { program, ui } = usageBox(directory);
  await usage(program, { days: 7 }, now);
  return ui.said.map(({ text }) => text).join('\n');
}

const busy = () =>
  logOf([
    ...Array.from({ length: 6 }, (_, index) => ({ minutes: index + 1 })),
    { minutes: 60, answered: haiku, from: 'lm-studio:local', cause: 'unreachable', cost: 0.0043 },
    { minutes: 61, answered: 'foundry:claude-sonnet-4-6', launcher: 'claude-routed', cost: null },
    { minutes: 62, answered: null, cause: 'too-long', asked: 'local-only', launcher: 'claude-offline' },
    { minutes: 2 * 24 * 60, firstMs: 103_400, promptTokens: 21_700 },
    { minutes: 9 * 24 * 60 },
  ]);

describe('usage', () => {
  it('says it in one line first, and then by whom, for whom and when', async () => {
    const told = await unwrapped(busy());
    expect(told.split('\n')[0]).toBe('Last 7 days: 10 requests, 78 % local, 1 of unknown price; 1 failover, 1 failed');
    expect(told).toContain(
      `2026-11-17 to 2026-11-23, days of ${Intl.DateTimeFormat().resolvedOptions().timeZone}\n\nBy backend\n`,
    );
    for (const line of [
      '  local       7 requests (78 %), 50k tokens in, 399 out (84 %)',
      '  Claude API  1 request (11 %), 4,711 tokens in, 57 out (8 %), under $0.01',
      '  Foundry     1 request (11 %), 4,711 tokens in, 57 out (8 %), 1 of unknown price',
      '  claude-routed   0 local, 1 cloud; 4,711 tokens in, 57 out, 1 of unknown price',
      '  2026-11-20  nothing',
      '  2026-11-21  1 local, 0 cloud; 22k tokens in, 57 out',
      '  2026-11-23  6 local, 2 cloud, 1 failover, 1 failed; 42k tokens in, 513 out, 1 of unknown price',
      '  11-23 13:30  local could not be reached → claude-haiku-4-5, claude-local',
      '  11-23 13:28  local-only cannot hold such a long prompt, claude-offline',
      'Slow to start: more than 30 s until the first word',
      '  11-21 14:30  103 s for 22k tokens, claude-local',
    ])
      expect(told.split('\n')).toContain(line);
  });

  it('tells the turns in which somebody stood in for a cloud, and that they count where they were answered', async () => {
    const cloud = { asked: 'claude-sonnet-5-5', from: 'claude-api:claude-sonnet-5-5', launcher: 'claude-routed' };
    const log = logOf([
      { ...cloud, answered: 'lm-studio:local-only', cause: 'rate-limited' },
      { ...cloud, answered: 'foundry:claude-sonnet-4-6', cause: 'no-credit', minutes: 2 },
      { answered: haiku, from: 'lm-studio:local', cause: 'unreachable', minutes: 3 },
      { ...cloud, answered: null, from: null, cause: 'rate-limited', minutes: 4 },
    ]);
    const told = (await screen(log)).replace(/\n {10,}/g, ' ').split('\n');
    expect(told[0]).toBe('Last 7 days: 4 requests, 33 % local; 3 failovers (2 from a cloud), 1 failed');
    for (const line of [
      '  11-23 14:29  claude-sonnet-5-5 had too many requests → local, claude-routed',
      '  11-23 14:28  claude-sonnet-5-5 has no credit left → foundry/claude-sonnet-4-6, claude-routed',
      '  11-23 14:26  claude-sonnet-5-5 had too many requests, claude-routed',
    ])
      expect(told).toContain(line);
    const read = await usageJson(log, now);
    expect(read.total).toMatchObject({ local: 1, cloud: 2, failovers: 3, failoversFromCloud: 2, failed: 1 });
    expect(read.launchers.find(({ launcher }) => launcher === 'claude-routed')).toMatchObject({
      failoversFromCloud: 2,
    });
  });

  it('tells which of several local servers answered', async () => {
    const [box, other] = [{ server: '192.168.1.20:1234' }, { server: '192.168.1.21:8080' }];
    const log = logOf([box, other, { ...other, cause: 'broken-off' }, { answered: haiku, from: 'lm-studio:local' }]);
    const told = (await unwrapped(log)).split('\n');
    expect(told.slice(told.indexOf('By local server'), told.indexOf('By launcher'))).toEqual([
      'By local server',
      '  192.168.1.21:8080  2 requests, 9,422 tokens in, 114 out, 1 failed',
      '  192.168.1.20:1234  1 request, 4,711 tokens in, 57 out',
      '',
    ]);
    expect((await usageJson(log, now)).servers).toMatchObject([{ requests: 2, failed: 1 }, { requests: 1 }]);
  });

  it.each([40, 78])('fits into %i columns', async (columns) => {
    const told = await screen(
      logOf(
        causes.flatMap((cause) => [
          { answered: haiku, from: 'lm-studio:local', cause, promptTokens: 123_456_789 },
          { answered: null, asked: 'foundry/claude-sonnet-4-6', cause, launcher: 'claude-offline' },
        ]),
      ),
      columns,
    );
    const wide = told.split('\n').filter((line) => stringWidth(line) > columns);
    expect(wide).toEqual([]);
  });

  it('tells the newest of many, and how many there are', async () => {
    const many = Array.from({ length: 14 }, (_, minutes) => ({
      minutes,
      answered: haiku,
      from: 'x',
      cause: 'timeout',
    }));
    const told = await screen(logOf(many));
    expect(told.match(/did not answer in time/g)).toHaveLength(10);
    expect(told).toContain('and 4 earlier; all of them:  claude-routing-install usage --json');
  });

  it('says one day as today', async () => {
    const told = await screen(busy(), 78, 1);
    expect(told.split('\n')[0]).toBe('Today: 9 requests, 75 % local, 1 of unknown price; 1 failover, 1 failed');
  });

  it.each([
    [1, 999, 'under 1 %'],
    [999, 1, 'over 99 %'],
    [3, 0, '100 %'],
    [0, 3, '0 %'],
  ])('never rounds something to nothing: %i local, %i cloud', async (local, cloud, percent) => {
    const requests = [...Array(local).fill({}), ...Array(cloud).fill({ answered: haiku })];
    expect((await screen(logOf(requests))).split('\n')[0]).toContain(`, ${percent} local; 0 failovers`);
  });

  it('tells how much of the log could not be read', async () => {
    const directory = logOf([{}]);
    put(`${directory}/2026-11.jsonl`, 'rubbish\n{"v":2}\n{"v":3}\n', 0o600);
    const told = await screen(directory);
    expect(told).toContain('1 line of the log could not be read\n2 lines of the log come from a later version');
  });

  it('tells dollars, what is not known of them, and what local answers saved, without drills and proofs', async () => {
    const cloud = { answered: 'claude-api:claude-sonnet-5-5', launcher: 'claude-routed' };
    const log = logOf([
      { ...cloud, cost: 1.239 },
      { ...cloud, cost: 0.5, cause: 'cancelled', minutes: 2 },
      { ...cloud, cost: null, minutes: 3 },
      { replaced: haiku, saved: 0.25, minutes: 4 },
      { replaced: haiku, saved: null, minutes: 5 },
      { replaced: 'claude-api:claude-sonnet-5-5', saved: 0.5, minutes: 6 },
      { ...cloud, launcher: 'drill', cost: 3, from: 'x', cause: 'timeout', minutes: 7 },
      { ...cloud, launcher: 'proof', answered: null, cause: 'other', minutes: 8 },
    ]);
    const told = (await unwrapped(log)).split('\n');
    expect(told[0]).toBe('Last 7 days: 6 requests, 50 % local, at least $1.73, 2 of unknown price; 0 failovers');
    for (const line of [
      '  Claude API  3 requests (50 %), 14k tokens in, 171 out (50 %), at least $1.73, 2 of unknown price',
      '  2026-11-23  3 local, 3 cloud, 1 left; 28k tokens in, 342 out, at least $1.73, 2 of unknown price',
      'Saved: what local answers would have cost at the price of',
      '  claude-haiku-4-5   2 requests, at least $0.25, 1 of unknown price',
      '  claude-sonnet-5-5  1 request, $0.50',
      'Not counted above: 2 requests of drills and proofs, $3.00',
    ])
      expect(told).toContain(line);
    const read = await usageJson(log, now);
    expect(read.total).toMatchObject({ requests: 6, cost: 1.739, unpriced: 2, failed: 0 });
    expect(read.trials).toMatchObject({ requests: 2, cost: 3 });
    expect(read.saved).toEqual([
      { replaced: haiku, requests: 2, cost: 0.25, unpriced: 1 },
      { replaced: 'claude-api:claude-sonnet-5-5', requests: 1, cost: 0.5, unpriced: 0 },
    ]);
  });

  it('tells what each rule of one’s own was for', async () => {
    const log = logOf([
      { rule: 'small', minutes: 1 },
      { rule: 'small', minutes: 2 },
      { rule: 'searches', answered: haiku, cost: 0.02, minutes: 3 },
      { rule: 'searches', launcher: 'drill', minutes: 4 },
      { minutes: 5 },
    ]);
    const told = await unwrapped(log);
    expect(told).toContain(
      'By rule\n  small     2 local, 0 cloud; 9,422 tokens in, 114 out\n  searches  0 local, 1 cloud; 4,711 tokens in, 57 out, $0.02',
    );
    expect(await unwrapped(busy())).not.toContain('By rule');
    expect((await usageJson(log, now)).rules).toMatchObject([{ rule: 'small', requests: 2 }, { rule: 'searches' }]);
  });

  it('prints everything as one object', async () => {
    const read = await usageJson(busy(), now);
    expect(read.period).toMatchObject({ days: 7, from: '2026-11-17', to: '2026-11-23', skipped: { broken: 0 } });
    expect(read.total).toMatchObject({ requests: 10, local: 7, cloud: 2, failovers: 1, failed: 1, unpriced: 1 });
    expect(read.days.map(({ requests }) => requests)).toEqual([0, 0, 0, 0, 1, 0, 9]);
    expect(read.failovers).toHaveLength(1);
  });
});

describe('without anything to tell', () => {
  it('says how a log is begun where there is none', async () => {
    const { program } = usageBox('/nowhere/requests');
    const refusal = await usage(program, { days: 7 }).catch((error: unknown) => error);
    expect(refusal).toBeInstanceOf(Refused);
    const { exitCode, problems } = refusal as Refused;
    expect(exitCode).toBe(exitCodes.preconditionNotMet);
    expect(problems[0]?.problem).toContain('/nowhere/requests does not exist');
    expect(problems[0]?.fix).toContain('claude-routing-install');
  });

  it('says that nothing was asked, and by which commands that is done', async () => {
    const directory = scratchDirectory('requests');
    const told = await screen(directory);
    expect(told).toContain('Last 7 days: no request has gone through the gateway');
    expect(told).toContain('The log is empty. It grows with each request of');
  });

  it('says where to look when there is something older', async () => {
    const told = await screen(logOf([{ minutes: 40 * 24 * 60 }]));
    expect(told).toContain('The log begins in 2026-10. Look further back');
  });

  it.each([
    ['jsonl', 'ls -l'],
    ['jsonl.gz', 'gzip -t'],
  ])('says which file cannot be read, *.%s, and how to look at it', async (ending, command) => {
    const directory = scratchDirectory('requests');
    mkdirSync(`${directory}/2026-11.jsonl`);
    const host = {
      ...usageBox(directory).program.host,
      stat: async () => ({ kind: 'directory', mode: 0o700, uid: 0, size: 0, changedAt: 0 }) as const,
      readLines: async (path: string) => {
        if (path !== `${directory}/2026-11.jsonl`) return undefined;
        throw Object.assign(new Error('EACCES'), { path: `${directory}/2026-11.${ending}` });
      },
    };
    const { program } = usageBox(directory, host as never);
    await expect(usage(program, { days: 7 }, now)).rejects.toMatchObject({
      problems: [{ problem: `${directory}/2026-11.${ending} cannot be read`, fix: expect.stringContaining(command) }],
    });
  });
});

describe('the days of a period', () => {
  it('end with today and follow each other without gaps', () => {
    const days = lastDays(now, 400);
    expect([days.length, days.at(-1)?.name]).toEqual([400, '2026-11-23']);
    expect(days.slice(1).filter(({ from }, index) => from !== days[index]?.to)).toEqual([]);
    expect(days.filter(({ name, from }) => localDay(new Date(from)) !== name)).toEqual([]);
  });

  it.each([0, -1, 732])('cannot be %i', (number) => {
    expect(() => lastDays(now, number)).toThrow(Refused);
  });
});

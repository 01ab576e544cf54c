import { mkdirSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { causes } from '../../../src/components/gateway/request-log.ts';
import { statusLineScript } from '../../../src/components/launchers/step.ts';
import { layoutFor } from '../../../src/layout.ts';
import { put, run, scratchDirectory } from '../../render/scratch.ts';

const session = '0b1c2d3e-1234-4abc-8def-0123456789ab';
const local = 'lm-studio:local';
const haiku = 'claude-api:claude-haiku-5-5';
const line = (more: Record<string, unknown> = {}): string =>
  `${JSON.stringify({ v: 1, session, answered: local, from: null, cause: null, tools: 6, ms: 1903, ...more })}\n`;

interface Shown {
  readonly home?: string;
  readonly given?: string;
  readonly columns?: string;
  readonly model?: string;
}

/** What the status line is with these month files. */
async function shown(
  months: Readonly<Record<string, string>>,
  { home = scratchDirectory(), given = JSON.stringify({ session_id: session }), columns, model }: Shown = {},
): Promise<string> {
  const layout = layoutFor({ user: 'anna', uid: 1234, home });
  for (const [month, text] of Object.entries(months)) put(`${layout.requestLogDir}/${month}.jsonl`, text, 0o600);
  put(layout.statusLine, statusLineScript(layout, model ?? 'qwen/qwen3.6-35b'), 0o755);
  const env = { PATH: '/usr/bin:/bin', ...(columns === undefined ? {} : { COLUMNS: columns }) };
  const ran = await run(layout.statusLine, [], { env, input: given });
  expect([ran.exitCode, ran.stderr]).toEqual([0, '']);
  expect(ran.stdout).toMatch(/^[^\n]+\n$/);
  return ran.stdout.trimEnd();
}

describe('the status line', () => {
  it.each<[text: string, words: string]>([
    [line(), 'local · qwen3.6-35b · 1.9 s'],
    [line({ ms: 40 }), 'local · qwen3.6-35b · 0.0 s'],
    [line({ ms: 9949 }), 'local · qwen3.6-35b · 9.9 s'],
    [line({ ms: 103_400 }), 'local · qwen3.6-35b · 103 s'],
    [line({ answered: haiku, ms: 400 }), 'cloud · claude-haiku-5-5 · 0.4 s'],
    [line({ answered: 'foundry:claude-sonnet-5-5' }), 'cloud · foundry/claude-sonnet-5-5 · 1.9 s'],
    [
      line({ answered: haiku, from: local, cause: 'unreachable', ms: 400 }),
      'cloud · claude-haiku-5-5 · failover: local unreachable · 0.4 s',
    ],
    [
      line({ answered: 'lm-studio:local-only', from: haiku, cause: 'rate-limited' }),
      'local · qwen3.6-35b · failover: claude-haiku-5-5 busy · 1.9 s',
    ],
    [
      line({ answered: 'foundry:claude-sonnet-5-5', from: haiku, cause: 'no-credit' }),
      'cloud · foundry/claude-sonnet-5-5 · failover: claude-haiku-5-5 no credit · 1.9 s',
    ],
    [line({ answered: null, cause: 'too-long' }), 'no answer · prompt too long · 1.9 s'],
    [line({ cause: 'broken-off' }), 'local · qwen3.6-35b · broke off · 1.9 s'],
    [line() + line({ tools: 0, answered: haiku }), 'local · qwen3.6-35b · 1.9 s'],
    [line({ tools: 0, answered: haiku }), 'cloud · claude-haiku-5-5 · 1.9 s'],
    [line() + line({ answered: haiku }), 'cloud · claude-haiku-5-5 · 1.9 s'],
    [line() + line({ session: session.replace('0', '1'), answered: haiku }), 'local · qwen3.6-35b · 1.9 s'],
    [line() + line({ answered: haiku }).slice(0, 70), 'local · qwen3.6-35b · 1.9 s'],
    [`rubbish ${session}\n[1,"${session}"]\n${line()}null\n`, 'local · qwen3.6-35b · 1.9 s'],
    [line({ session: null }), 'no answer yet'],
    ['', 'no answer yet'],
  ])('after %j is: %s', async (text, words) => {
    expect(await shown({ '2026-11': text })).toBe(words);
  });

  const now = new Date();
  const today = (more: Record<string, unknown>): string =>
    line({ answered: haiku, at: now.toISOString(), sessionUnpriced: 0, dayUnpriced: 0, monthCost: 40, ...more });
  const yesterday = new Date(now.getFullYear(), now.getMonth(), now.getDate() - 1, 12).toISOString();
  it.each<[text: string, words: string]>([
    [today({ sessionCost: 0.4299, dayCost: 3.1 }), ' · $0.42 here, $3.10 today'],
    [today({ sessionCost: 0, dayCost: 12 }), ' · $0.00 here, $12.00 today'],
    [
      today({ sessionCost: 0.5, sessionUnpriced: 1, dayCost: 1, dayUnpriced: 2 }),
      ' · at least $0.50 here, at least $1.00 today',
    ],
    [
      today({ sessionCost: 0.2, dayCost: 1 }) + today({ session: 'other', sessionCost: 7, dayCost: 8 }),
      ' · $0.20 here, $8.00 today',
    ],
    [today({ sessionCost: 0.2, dayCost: 1, at: yesterday }), ' · $0.20 here, $0.00 today'],
    [today({ sessionCost: 0.2, dayCost: 1 }) + today({ dayCost: 9 }).slice(0, 60), ' · $0.20 here, $1.00 today'],
    [today({ sessionCost: 0, dayCost: 0 }), ''],
    [line({ answered: haiku, at: now.toISOString() }), ''],
  ])('says what it cost, without counting anything: %j', async (text, money) => {
    expect(await shown({ '2026-11': text })).toBe(`cloud · claude-haiku-5-5 · 1.9 s${money}`);
    expect(await shown({ '2026-11': text }, { columns: '40' })).toBe('cloud · claude-haiku-5-5 · 1.9 s');
  });

  const own = { session, kind: 'conversation', agent: null, seconds: 3 };
  const agent = { ...own, kind: 'subagent' };
  const other = { ...own, session: session.replace('0', '1') };
  it.each<[waiting: readonly object[], log: string, words: string]>([
    [[own], line(), 'queued 1st of 1 · local · qwen3.6-35b · 1.9 s'],
    [[other, own, agent], line(), 'queued 2nd of 3 · local · qwen3.6-35b · 1.9 s'],
    [[other, other, own], '', 'queued 3rd of 3'],
    [[...Array(10).fill(other), own], '', 'queued 11th of 11'],
    [[...Array(21).fill(other), own], '', 'queued 22nd of 22'],
    [[agent], line(), 'a subagent queued · local · qwen3.6-35b · 1.9 s'],
    [[agent, other, agent], line(), '2 subagents queued · local · qwen3.6-35b · 1.9 s'],
    [[{ ...own, kind: 'background' }, other], line(), 'local · qwen3.6-35b · 1.9 s'],
  ])('says whether the session waits: %j', async (waiting, log, words) => {
    const home = scratchDirectory();
    const place = `${layoutFor({ user: 'anna', uid: 1234, home }).requestLogDir}/queue.json`;
    const state = { v: 1, servers: [{ slots: 1, running: 1, waiting }] };
    put(place, JSON.stringify({ ...state, at: new Date().toISOString() }), 0o600);
    expect(await shown({ '2026-11': log }, { home })).toBe(words);
    expect(await shown({ '2026-11': log }, { home, columns: '20' })).toMatch(/^.{1,20}$/);
    put(place, JSON.stringify({ ...state, at: new Date(Date.now() - 20_000).toISOString() }), 0o600);
    expect(await shown({ '2026-11': log }, { home })).not.toContain('queued');
    put(place, '{"v":1,"at":7', 0o600);
    expect(await shown({ '2026-11': log }, { home })).not.toContain('queued');
  });

  const at = (server: string, ...waiting: readonly object[]) => ({ server, slots: 1, running: 1, waiting });
  const [here, there] = ['10.0.0.5:1234', '10.0.0.6:8080'];
  it.each<[state: object, words: string, short: string]>([
    [{ servers: [at(here, other), at(there, other, other, own)] }, `queued 3rd of 3 at ${there}`, 'queued 3rd of 3'],
    [{ servers: [at(here, agent, agent)] }, `2 subagents queued at ${here}`, '2 subagents queued'],
    [{ servers: [at(here, agent), at(there, agent)] }, '2 subagents queued', '2 subagents queued'],
    [{ servers: [], waking: { server: here, waiting: [other, own] } }, `waking ${here}`, 'waking 10.0.0.5:1234'],
    [{ servers: [], waking: { server: null, waiting: [agent] } }, 'waking the local server', 'waking'],
    [{ servers: [], waking: { server: here, waiting: [other] } }, 'no answer yet', 'no answer yet'],
  ])('names the one of several servers that the session waits for: %j', async (state, words, short) => {
    const home = scratchDirectory();
    const place = `${layoutFor({ user: 'anna', uid: 1234, home }).requestLogDir}/queue.json`;
    put(place, JSON.stringify({ v: 1, at: new Date().toISOString(), ...state }), 0o600);
    expect(await shown({}, { home })).toBe(words);
    expect(await shown({}, { home, columns: '20' })).toBe(short);
  });

  it.each([
    ['80', 'local · qwen3.6-35b at 10.0.0.5:1234 · 1.9 s'],
    ['41', 'local · qwen3.6-35b at 10.0.0.5:1234'],
    ['32', 'local · qwen3.6-35b · 1.9 s'],
    ['20', 'local · qwen3.6-35b'],
  ])('names the one of several servers that answered, in %s columns', async (columns, words) => {
    expect(await shown({ '2026-11': line({ server: '10.0.0.5:1234' }) }, { columns })).toBe(words);
  });

  it.each(causes)('has words for %s', async (cause) => {
    const words = await shown({ '2026-11': line({ answered: null, cause }) });
    expect(words).toMatch(/^no answer · [a-z: ]+ · 1\.9 s$/);
    if (cause !== 'other') expect(words).not.toContain('failed');
  });

  it.each(['', 'no JSON', '{}', '[]', 'null', '{"session_id":7}', `{"session_id":"${session.slice(0, -1)}"}`])(
    'without a session is plain: %j',
    async (given) => {
      expect(await shown({ '2026-11': line() }, { given })).toBe('no answer yet');
    },
  );

  it('is plain where there is no log', async () => {
    expect(await shown({})).toBe('no answer yet');
    const home = scratchDirectory();
    mkdirSync(layoutFor({ user: 'anna', uid: 1, home }).requestLogDir, { recursive: true });
    expect(await shown({}, { home })).toBe('no answer yet');
  });

  it('looks into the month before when the new one does not know the session', async () => {
    const other = line({ session: 'other', answered: haiku });
    expect(await shown({ '2026-12': line(), '2027-01': other })).toBe('local · qwen3.6-35b · 1.9 s');
    expect(await shown({ '2026-10': line(), '2026-12': other, '2027-01': other })).toBe('no answer yet');
    expect(await shown({ '2026-12': line(), '2027-01': line({ answered: haiku }) })).toContain('cloud');
  });

  it.each([
    ['80', 'cloud · claude-haiku-5-5 · failover: local unreachable · 0.4 s'],
    ['40', 'cloud · failover: local unreachable'],
    ['30', 'cloud · failover · unreachable'],
    ['20', 'cloud · failover'],
  ])('fits into %s columns', async (columns, words) => {
    const failover = line({ answered: haiku, from: local, cause: 'unreachable', ms: 400 });
    expect(await shown({ '2026-11': failover }, { columns })).toBe(words);
  });

  it("survives a home and a model with the shell's own characters", async () => {
    const home = scratchDirectory(`o'neil $(touch x) & "b"`);
    expect(await shown({ '2026-11': line() }, { home, model: `a/m'$HOME"` })).toBe(`local · m'$HOME" · 1.9 s`);
  });

  it('takes no longer with a long log', async () => {
    const [short, long] = [scratchDirectory(), scratchDirectory()];
    await shown({ '2026-11': line() }, { home: short });
    await shown({ '2026-11': line({ session: 'other' }).repeat(150_000) + line() }, { home: long });
    const quickest = new Map([short, long].map((home) => [home, Number.POSITIVE_INFINITY]));
    for (let turn = 0; turn < 16; turn += 1) {
      const home = turn % 2 === 0 ? short : long;
      const started = performance.now();
      const options = { env: { PATH: '/usr/bin:/bin' }, input: JSON.stringify({ session_id: session }) };
      const { stdout } = await run(layoutFor({ user: 'anna', uid: 1234, home }).statusLine, [], options);
      expect(stdout).toContain('local');
      quickest.set(home, Math.min(quickest.get(home) ?? 0, performance.now() - started));
    }
    expect(quickest.get(long)).toBeLessThan(3 * (quickest.get(short) ?? 0) + 20);
  });
});

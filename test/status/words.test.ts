import stringWidth from 'string-width';
import { describe, expect, it } from 'vitest';
import type { Compared } from '../../src/engine/drift.ts';
import type { Problem } from '../../src/problem.ts';
import { countWords, driftLines, proofWords, runWords, sentinelWords } from '../../src/status/past-words.ts';
import type { RunFacts, SentinelFacts, StatusReport } from '../../src/status/report.ts';
import { localRows, moreLocalRow, routePicture, sealedRows, wakeRows } from '../../src/status/words.ts';
import { counted } from '../../src/text/counted.ts';
import { moment } from '../../src/text/local-time.ts';
import { wrapped } from '../../src/ui/text-layout.ts';

const at = '2026-11-26T10:20:30.000Z';
const when = moment(at);
const object = (more: Partial<Compared>): Compared => ({
  step: 'gateway',
  id: 'gateway-module:x.py',
  title: 'gateway hook',
  kind: 'file',
  state: 'as-wanted',
  ...more,
});

describe('figures', () => {
  it.each([
    [at, /^2026-11-2[567] \d\d:20$/],
    ['rubbish', /^an unknown time$/],
  ])('the moment %s', (iso, words) => {
    expect(moment(iso)).toMatch(words);
  });

  it.each([
    [0, '0 restarts'],
    [1, '1 restart'],
    [2, '2 restarts'],
  ])('%s', (number, words) => {
    expect(counted(number, 'restart')).toBe(words);
  });
});

describe('the count of what is wanted', () => {
  it.each<[states: readonly Compared['state'][], words: string]>([
    [['as-wanted', 'as-wanted'], 'everything is as it should be: 2 files and objects'],
    [['as-wanted', 'missing', 'both'], '2 not as they should be; 1 files and objects as they should be'],
    [['as-wanted', 'unknown'], '1 unknown; 1 files and objects as they should be'],
    [['extra', 'unknown'], '1 not as they should be, 1 unknown; 0 files and objects as they should be'],
  ])('%j', (states, words) => {
    const objects = states.map((state) => object({ state }));
    expect(countWords({ asWanted: states.filter((state) => state === 'as-wanted').length, objects })).toBe(words);
  });
});

describe('sealed folders', () => {
  const routing = {
    profile: 'offline',
    label: 'offline',
    goes: 'everything local',
    failover: 'false',
    cloud: null,
  } as const;

  it('are named, and without one there is no row', () => {
    expect(sealedRows({ ...routing, sealed: [] })).toEqual([]);
    const rows = sealedRows({ ...routing, sealed: ['~/a', '/srv/b'] });
    expect(rows).toEqual([['sealed', '~/a, /srv/b: their text goes to no cloud']]);
  });
});

describe('the local servers', () => {
  const model = { id: 'qwen', chosen: true, loaded: true, contextWindow: 65_536 };
  const server = (most: number | null, from: 'answers' | 'server' | 'nobody') =>
    ({
      address: 'http://a:8080',
      server: 'llama.cpp',
      ms: 3,
      chosen: 'qwen',
      queue: { most, from },
      models: [model],
    }) as const;

  it('are told with the queue of the first one', () => {
    expect(localRows(server(2, 'server'))).toEqual([
      ['local server', 'llama.cpp at http://a:8080 (3 ms)'],
      ['local model', 'qwen, loaded, 65,536 tokens', 'plain'],
      ['queue', '2 at once, as llama.cpp says; the others wait'],
    ]);
  });

  it.each([
    [server(2, 'server'), ['local server', 'llama.cpp at http://a:8080 (3 ms), 65,536 tokens, 2 at once']],
    [server(2, 'answers'), ['local server', 'llama.cpp at http://a:8080 (3 ms), 65,536 tokens']],
    [
      { ...server(2, 'server'), models: [{ ...model, loaded: false }] },
      ['local server', 'llama.cpp at http://a:8080 (3 ms), model not loaded', 'warning'],
    ],
    [
      { code: 'timed-out', problem: 'b did not answer.', fix: 'wake b' },
      ['local server', 'b did not answer. Fix: wake b', 'bad'],
    ],
  ] as const)('and the further ones each in a row: %j', (found, row) => {
    expect(moreLocalRow({ address: 'http://a:8080', found })).toEqual(row);
  });
});

describe('the lines of what differs', () => {
  const lines = (more: Partial<Compared>, all = false) =>
    driftLines({ asWanted: 0, objects: [object(more)] }, all).map(({ text }) => text);

  it.each<[more: Partial<Compared>, lines: readonly string[]]>([
    [{}, []],
    [
      { state: 'changed-here', path: '/a', written: 'aa', now: 'bb', wanted: 'aa', changedAt: at },
      [`  gateway hook: changed here since it was written, ${when}`, '     /a', '     written aa   now bb   wanted aa'],
    ],
    [
      { state: 'wanted-otherwise', path: '/a', written: 'aa', now: 'aa', wanted: 'bb', changedAt: at },
      [
        '  gateway hook: should be different now: the answers or this program changed',
        '     /a',
        '     written aa   now aa   wanted bb',
      ],
    ],
    [
      { state: 'unknown', note: 'unknown without rootless Docker' },
      ['  gateway hook: unknown without rootless Docker'],
    ],
    [{ state: 'not-as-wanted', note: 'to do: start it' }, ['  gateway hook: to do: start it']],
  ])('%j', (more, expected) => {
    expect(lines(more)).toEqual(expected);
  });

  it('name what is as wanted only where everything is asked for', () => {
    expect(lines({}, true)).toEqual(['  gateway hook: as it should be']);
  });
});

describe('the past', () => {
  it.each<[facts: Parameters<typeof proofWords>[0], words: string]>([
    [
      { at: null, claudeCode: null, image: null, changedSince: [] },
      'never, or something was changed since. Prove it:  claude-routing-install',
    ],
    [{ at, claudeCode: null, image: null, changedSince: [] }, when],
    [{ at, claudeCode: '2.1.330', image: 'ab', changedSince: [] }, `${when} with Claude Code 2.1.330 and image ab`],
    [
      { at, claudeCode: null, image: null, changedSince: ['answers or keys', 'gateway image a → b'] },
      `${when}; changed since: answers or keys, gateway image a → b`,
    ],
  ])('a proof %j', (facts, words) => {
    expect(proofWords(facts)[1]).toBe(words);
  });

  const sentinel = (more: Partial<SentinelFacts>): SentinelFacts => ({
    chosen: true,
    timer: { active: true },
    found: null,
    ...more,
  });
  it.each<[facts: SentinelFacts, words: RegExp]>([
    [sentinel({ chosen: null }), /^unknown without the answers$/],
    [sentinel({ chosen: false }), /^not chosen$/],
    [sentinel({}), /^watching; nothing new to prove since the last proof$/],
    [sentinel({ timer: { active: false } }), /^its timer is not running; /],
    [sentinel({ timer: { code: 'port-taken', problem: 'no manager', fix: 'log in' } }), /^no manager\. Fix: log in$/],
    [sentinel({ found: { result: 'ok', at, reason: '' } }), /^watching; proven 2026/],
    [sentinel({ found: { result: 'untried', at, reason: 'off' } }), /^watching; could not try what is new, .*: off$/],
    [
      sentinel({ found: { result: 'failed', at, reason: 'API Error' } }),
      /^watching; failed .*: API Error\. Find the cause: {2}claude-routing-install doctor$/,
    ],
  ])('a sentinel %j', (facts, words) => {
    expect(sentinelWords(facts)[1]).toMatch(words);
  });

  const run: RunFacts = { id: 'r', command: 'install', version: '1.0.0', began: at, exitCode: 0, actions: 36 };
  it.each<[lastRun: RunFacts | null, underWay: number | null, words: string]>([
    [run, null, `install (1.0.0) ${when}, 36 actions, ended well`],
    [{ ...run, exitCode: 1, actions: 1 }, null, `install (1.0.0) ${when}, 1 action, ended with exit code 1`],
    [{ ...run, exitCode: null, command: null, version: null }, null, `a run ${when}, 36 actions, was cut off`],
    [null, null, 'none in the journal'],
    [run, 4711, 'another run is under way (process 4711)'],
  ])('a run %j, process %s', (lastRun, underWay, words) => {
    expect(runWords({ lastRun, underWay })[1]).toBe(words);
  });
});

describe('a box that is woken', () => {
  const wake = { mac: '3c:7c:3f:12:ab:90', patience: 120 };
  it.each([
    [{ active: true, enabled: true }, 'plain', /^3c:7c:3f:12:ab:90 is woken when it is silent; requests wait 120 s$/],
    [
      { active: false, enabled: true },
      'warning',
      / is not woken: .* Fix: claude-routing-install doctor --fix --only wake$/,
    ],
    [{ active: true, enabled: false }, 'warning', / is not woken: /],
    [{ code: 'no-login-session', problem: 'no manager', fix: 'log in' }, 'bad', /^no manager\. Fix: log in$/],
  ] as const)('%j', (unit, tone, words) => {
    const [row] = wakeRows({ ...wake, unit });
    expect(row?.[1]).toMatch(words);
    expect(row?.[2] ?? 'plain').toBe(tone);
  });
  it('is told of where it was chosen only', () => {
    expect(wakeRows(null)).toEqual([]);
  });
});

const down: Problem = { code: 'connection-refused', problem: 'nothing listens', fix: 'start it' };
const routing = {
  profile: 'cloud-foreground',
  label: '',
  goes: '',
  failover: 'true',
  sealed: [],
  cloud: 'claude-sonnet-5-5',
} as const;
const gateway = { url: 'http://127.0.0.1:4000', ms: 12, litellm: null };
const model = { id: 'qwen/qwen3.6-35b-a3b', chosen: true, loaded: true, contextWindow: 65_536 };
const localModel = {
  address: 'http://192.168.1.20:1234',
  server: 'LM Studio',
  ms: 4,
  chosen: model.id,
  queue: { most: 4, from: 'server' },
  models: [model],
} as const;

type Parts = Partial<Pick<StatusReport, 'routing' | 'gateway' | 'localModel' | 'moreLocalServers'>>;

function picture(parts: Parts = {}) {
  return routePicture({ routing, gateway, localModel, moreLocalServers: [], ...parts } as StatusReport);
}

function drawn(parts: Parts = {}): readonly string[] {
  return picture(parts).map(({ text }) => text.trimStart());
}

describe('the picture of the route', () => {
  it('shows the way from the launcher to both ends', () => {
    expect(drawn()).toEqual([
      'claude-routed',
      '└─ ✓ gateway  ready (12 ms)',
      '├─ ✓ local  qwen3.6-35b-a3b',
      '└─ · cloud  claude-sonnet-5-5',
      '',
    ]);
  });

  it('counts several local servers, and is up while one of them is', () => {
    const more = (found: typeof localModel | Problem) => ({ moreLocalServers: [{ address: 'x', found }] });
    expect(drawn(more(localModel))).toContain('├─ ✓ local  2 of 2 servers');
    expect(drawn(more(down))).toContain('├─ ✓ local  1 of 2 servers');
    expect(drawn({ localModel: down, ...more(localModel) })).toContain('├─ ✓ local  1 of 2 servers');
  });

  it.each<[what: string, parts: Parts, line: string]>([
    ['the gateway', { gateway: down }, '└─ ✗ gateway  down'],
    ['the local server', { localModel: down }, '├─ ✗ local  down'],
    [
      'a model that is not loaded',
      { localModel: { ...localModel, models: [{ ...model, loaded: false }] } },
      '├─ ✗ local  model not loaded',
    ],
    [
      'two servers, both down',
      { localModel: down, moreLocalServers: [{ address: 'x', found: down }] },
      '├─ ✗ local  0 of 2 servers',
    ],
    ['a model that is gone', { localModel: { ...localModel, models: [] } }, '├─ ✗ local  model not listed'],
  ])('marks what is down, in words and with a mark, too: %s', (_what, parts, line) => {
    expect(drawn(parts)).toContain(line);
    expect(
      picture(parts)
        .filter(({ tone }) => tone === 'bad')
        .map(({ text }) => text.trim()),
    ).toEqual([line]);
  });

  it('has no cloud where nothing goes there, and is not drawn without answers', () => {
    expect(drawn({ routing: { ...routing, cloud: null } })).toContain('└─ ✓ local  qwen3.6-35b-a3b');
    expect(picture({ routing: down })).toEqual([]);
  });

  it.each([40, 78])('fits into %i columns', (columns) => {
    const long = { ...localModel, models: [{ ...model, id: `somebody/${'long-'.repeat(12)}name` }] };
    const lines = picture({ localModel: long }).flatMap(({ text }) => wrapped(text, columns).split('\n'));
    expect(lines).toHaveLength(5);
    expect(Math.max(...lines.map((line) => stringWidth(line)))).toBeLessThanOrEqual(columns);
  });
});

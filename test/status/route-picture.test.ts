import stringWidth from 'string-width';
import { describe, expect, it } from 'vitest';
import type { Problem } from '../../src/problem.ts';
import type { StatusReport } from '../../src/status/report.ts';
import { routePicture } from '../../src/status/route-picture.ts';
import { wrapped } from '../../src/ui/text-layout.ts';

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

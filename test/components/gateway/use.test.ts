import { describe, expect, it } from 'vitest';
import { type GatewayUse, gatewayUse, useWords } from '../../../src/components/gateway/use.ts';
import { FakeHost } from '../../machine/doubles/fake-host.ts';
import { loggedLine } from './read-request-log.ts';

const now = Date.parse('2026-11-23T03:20:00.000Z');
const where = { requestLogDir: '/requests', gatewayPort: 4000 };
const asked = "ss -Htn state established '( sport = :4000 )'";
const one = '0b1c2d3e-1234-4abc-8def-0123456789ab';
const two = '0b1c2d3e-1234-4abc-8def-0123456789ac';

function line(session: string | null, minutesAgo: number, launcher = 'claude-local'): string {
  const at = new Date(now - minutesAgo * 60_000).toISOString();
  return loggedLine({ at, launcher, session });
}

describe('who would notice that the gateway stops', () => {
  it.each<[what: string, log: string, sockets: string, use: GatewayUse]>([
    ['nobody', '', '', { sessions: 0, connections: 0 }],
    ['a session with two requests', line(one, 1) + line(one, 2), '', { sessions: 1, connections: 0 }],
    ['two sessions', line(one, 1) + line(two, 9), '', { sessions: 2, connections: 0 }],
    ['one that ended long ago', line(one, 11), '', { sessions: 0, connections: 0 }],
    ['a drill', line(one, 1, 'drill'), '', { sessions: 0, connections: 0 }],
    ['requests without a session', line(null, 1), '', { sessions: 0, connections: 0 }],
    [
      'a first answer that is being given',
      '',
      '0      0      127.0.0.1:4000      127.0.0.1:40000\n',
      { sessions: 0, connections: 1 },
    ],
  ])('%s', async (_what, log, sockets, use) => {
    const host = new FakeHost({ '/requests/2026-11.jsonl': log }).tell(asked, { stdout: sockets });
    expect(await gatewayUse(host, where, now)).toEqual(use);
  });

  it('is told without the connections where they cannot be counted', async () => {
    const host = new FakeHost({ '/requests/2026-11.jsonl': line(one, 1) }).tell(asked, { exitCode: 127 });
    expect(await gatewayUse(host, where, now)).toEqual({ sessions: 1, connections: undefined });
  });

  it.each<[use: GatewayUse, words: RegExp | undefined]>([
    [{ sessions: 0, connections: 0 }, undefined],
    [{ sessions: 0, connections: undefined }, undefined],
    [{ sessions: 1, connections: 0 }, /^1 session used the gateway in the last 10 minutes: /],
    [{ sessions: 2, connections: 1 }, /^2 sessions used .*, 1 connection is open now: .* is cut off/],
  ])('%j: %s', (use, words) => {
    if (words === undefined) expect(useWords(use)).toBeUndefined();
    else expect(useWords(use)).toMatch(words);
  });
});

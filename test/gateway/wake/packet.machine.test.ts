import { spawnSync } from 'node:child_process';
import { describe, expect, it } from 'vitest';
import { wakeScript } from '../../../src/components/gateway/wake.ts';
import { python as hookPython } from '../hook-python.ts';
import { BOX } from './box.ts';

/** Calls a function of what sends the packet; an exception comes back as its words. */
function call(name: string, argument: unknown): unknown {
  const code = `import json, sys
module = {"__name__": "wake"}
exec(sys.argv[1], module)
try:
    told = module[sys.argv[2]](json.loads(sys.argv[3]))
except Exception as error:
    told = f"{type(error).__name__}: {error}"
print(json.dumps(told.hex() if isinstance(told, bytes) else told))`;
  const args = ['-c', code, wakeScript(BOX.url, BOX.mac), name, JSON.stringify(argument)];
  const { stdout, stderr } = spawnSync('python3', args, { encoding: 'utf8' });
  if (stderr !== '') throw new Error(stderr);
  return JSON.parse(stdout);
}

describe('what wakes a box', () => {
  it('is six times FF and sixteen times its MAC', () => {
    expect(call('magic_packet', BOX.mac)).toBe('f'.repeat(12) + '3c7c3f12ab90'.repeat(16));
  });

  const ways = [
    ['in the same network', { dst: '192.168.1.20', dev: 'eth0', prefsrc: '192.168.1.10' }, 'eth0'],
    [
      'behind a router',
      { dst: '10.1.1.1', gateway: '192.168.1.1', dev: 'eth0' },
      /^ValueError: it is on another network/,
    ],
    ['behind one of IPv6', { dst: '10.1.1.1', via: { family: 'inet6' }, dev: 'eth0' }, /^ValueError: it is on another/],
    ['on this very machine', { type: 'local', dst: '192.168.1.10', dev: 'lo' }, /^ValueError: it is this very machine/],
  ] as const;
  it.each(ways)('%s', (_, route, way) => {
    expect(call('way_out', route)).toEqual(typeof way === 'string' ? way : expect.stringMatching(way));
  });

  const everywhere = '255.255.255.255';
  it.each([
    ['one address', ['192.168.1.10/24'], ['192.168.1.255', everywhere]],
    ['two', ['192.168.1.10/24', '10.0.4.2/22'], ['192.168.1.255', '10.0.7.255', everywhere]],
    ['one that is alone in its network', ['10.9.9.9/32'], [everywhere]],
    ['none', [], [everywhere]],
  ])('goes out of an interface with %s', (_, own, targets) => {
    const addresses = own.map((one) => one.split('/')).map(([local, size]) => ({ local, prefixlen: Number(size) }));
    expect(call('targets', [{ ifname: 'eth0', addr_info: addresses }, {}])).toEqual(targets);
  });
});

describe('a request that finds the box silent', () => {
  /** At each second: what was heard of a wake, or what becomes of a request. */
  const stances = (steps: string) =>
    hookPython<readonly string[]>(
      `import types
sys.modules["httpx"] = types.SimpleNamespace(AsyncByteStream=object)
import local_wake
sleeper, stances = local_wake.Sleeper(), []
for step in given.split(", "):
    at, what = step.split()
    if what == "begins":
        sleeper.wake = "a task"
    elif what == "request":
        stances.append(sleeper.stance(int(at)))
    else:
        sleeper.ended("it did not wake" if what == "fails" else None, int(at))
print(json.dumps(stances))`,
      steps,
    );
  it.each([
    ['the first one', '0 request', 'wake'],
    ['one while it is being woken', '0 begins, 5 request', 'join'],
    ['one after it was there and fell asleep again', '0 begins, 5 wakes, 900 request', 'wake'],
    ['one after it did not wake', '0 begins, 120 fails, 121 request', 'leave'],
    ['the last one that does not wait', '0 begins, 120 fails, 419 request', 'leave'],
    ['the first one that waits again', '0 begins, 120 fails, 420 request', 'wake'],
  ])('%s', (_, steps, stance) => {
    expect(stances(steps).at(-1)).toBe(stance);
  });
});

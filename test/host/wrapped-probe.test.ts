import { describe, expect, it } from 'vitest';
import type { Command, HttpRequest, Probe } from '../../src/host/host.ts';
import { Secret } from '../../src/host/secret.ts';
import { memoized, withCircuitBreaker, withTimeout } from '../../src/host/wrapped-probe.ts';
import { FakeHost } from '../machine/doubles/fake-host.ts';

/** A probe that notes what it is asked; everything else about it is a mistake. */
function noting(): { readonly probe: Probe; readonly commands: Command[]; readonly requests: HttpRequest[] } {
  const [commands, requests]: [Command[], HttpRequest[]] = [[], []];
  const never = () => Promise.reject(new Error('nobody was to ask this'));
  const query = async (command: Command) => {
    commands.push(command);
    return { exitCode: 0, stdout: `answer ${commands.length}`, stderr: '' };
  };
  const http = async (request: HttpRequest) => {
    requests.push(request);
    return { reached: false, failure: 'refused', detail: '', ms: 1 } as const;
  };
  return { probe: { readFile: never, readLines: never, stat: never, list: never, query, http }, commands, requests };
}

describe('a probe that never waits long', () => {
  it.each<[wanted: number | undefined, given: number]>([
    [undefined, 500],
    [200, 200],
    [10_000, 500],
  ])('gives a program that wants %s ms %s ms', async (wanted, given) => {
    const { probe, commands } = noting();
    await withTimeout(probe, 500).query({
      file: 'a',
      args: [],
      ...(wanted === undefined ? {} : { timeoutMs: wanted }),
    });
    expect(commands).toMatchObject([{ timeoutMs: given }]);
  });

  it('has another patience for exchanges where one is given', async () => {
    const { probe, requests } = noting();
    await withTimeout(probe, 5000, 100).http({ url: 'http://a' });
    expect(requests).toMatchObject([{ timeoutMs: 100 }]);
  });
});

describe('a probe that asks once', () => {
  const asks = ({ file }: Command): boolean => file === 'docker';

  it('starts nothing that asks a silent service, and everything else', async () => {
    const { probe, commands } = noting();
    const spared = withCircuitBreaker(probe, asks, Promise.resolve(false));
    expect(await spared.query({ file: 'docker', args: ['version'] })).toMatchObject({ exitCode: 124, stdout: '' });
    expect(await spared.query({ file: 'df', args: [] })).toMatchObject({ exitCode: 0 });
    expect(commands.map(({ file }) => file)).toEqual(['df']);
  });

  it('asks a service that answers', async () => {
    const { probe, commands } = noting();
    await withCircuitBreaker(probe, asks, Promise.resolve(true)).query({ file: 'docker', args: ['version'] });
    expect(commands).toHaveLength(1);
  });
});

it('asks each thing once, also while the answer is on its way', async () => {
  const host = new FakeHost({ '/etc/hostname': 'box\n' }).tell('uname -m', { stdout: 'x86_64' });
  const probe = memoized(host);
  const ask = async () => (await probe.query({ file: 'uname', args: ['-m'] })).stdout;
  expect(await Promise.all([ask(), ask()])).toEqual(['x86_64', 'x86_64']);
  expect(await ask()).toBe('x86_64');
  expect(host.asked).toEqual(['uname -m']);
  expect(await probe.readFile('/etc/hostname')).toBe('box\n');
  host.put('/etc/hostname', 'other\n');
  expect(await probe.readFile('/etc/hostname')).toBe('box\n');
});

it('takes no other patience for another question, but another environment or argument', async () => {
  const host = new FakeHost().tell('claude --version').tell('HOME=/other claude --version').tell('claude doctor');
  const probe = memoized(host);
  const version = { file: 'claude', args: ['--version'] };
  for (const question of [version, { ...version, timeoutMs: 9 }, { ...version, env: { HOME: '/other' } }])
    await probe.query(question);
  await probe.query({ ...version, args: ['doctor'] });
  expect(host.asked).toEqual(['claude --version', 'HOME=/other claude --version', 'claude doctor']);
});

it('does not take one key for another, although both are dots', async () => {
  const seen: string[] = [];
  const host = new FakeHost().reply('GET http://127.0.0.1:4000/v1/models', ({ headers }) => {
    const key = headers?.['authorization'];
    seen.push(key instanceof Secret ? key.fingerprint() : 'none');
    return {};
  });
  const probe = memoized(host);
  const url = 'http://127.0.0.1:4000/v1/models';
  for (const key of ['a', 'b', 'a']) await probe.http({ url, headers: { authorization: new Secret(key) } });
  await probe.http({ url });
  expect(seen).toHaveLength(3);
});

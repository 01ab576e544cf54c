import { expect, it } from 'vitest';
import { Secret } from '../../src/host/secret.ts';
import { memoized } from '../../src/host/wrapped-probe.ts';
import { FakeHost } from '../machine/doubles/fake-host.ts';

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

import { expect, test, vi } from 'vitest';
import { ownAccount, plainEnvironment } from '../../src/cli/environment.ts';

test('programs speak English whatever the language of the session is', () => {
  for (const name of ['LANG', 'LANGUAGE', 'LC_ALL', 'LC_MESSAGES']) vi.stubEnv(name, 'de_DE.UTF-8');
  const env = plainEnvironment({ user: 'claude', uid: 1000, home: '/home/claude' }, undefined);
  vi.unstubAllEnvs();
  expect([env['LC_ALL'], Object.values(env).filter((value) => value.startsWith('de_'))]).toEqual(['C.UTF-8', []]);
});

const entry = { username: 'claude', homedir: '/home/claude' };

test.each([
  [undefined, '/home/claude'],
  ['', '/home/claude'],
  ['/home/claude', '/home/claude'],
  ['/home/claude/', '/home/claude'],
  ['/home//x/../claude', '/home/claude'],
  ['/srv/with blank', '/srv/with blank'],
  ['/', '/'],
])('HOME %j is the home %s', (home, expected) => {
  expect(ownAccount({ uid: 1000, entry, home })).toEqual({ account: { user: 'claude', uid: 1000, home: expected } });
});

test.each(['rel', './x', '~', '/a\nb', '/a\x1b[2J', '/a"b', "/a'b", '/a$b', '/a`b', '/a\\b', '/a:b', '/a\u202eb'])(
  'HOME %j is refused, with the one to set',
  (home) => {
    const { problem } = ownAccount({ uid: 1000, entry, home });
    expect(problem?.problem).toContain('HOME is ');
    expect(problem?.fix).toBe('correct it:  export HOME=/home/claude');
  },
);

test.each([undefined, '', '/home/claude'])('a user id without an account is told, whatever HOME says (%j)', (home) => {
  const { account, problem } = ownAccount({ uid: 12345, entry: undefined, home });
  expect(problem?.problem).toContain('user id 12345');
  expect(account).toEqual({ user: '12345', uid: 12345, home: home === '/home/claude' ? home : '/' });
});

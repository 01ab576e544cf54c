import { expect, test } from 'vitest';
import { ownAccount } from '../../src/cli/environment.ts';

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

import { expect, test, vi } from 'vitest';
import { plainEnvironment } from '../../src/cli/environment.ts';

test('programs speak English whatever the language of the session is', () => {
  for (const name of ['LANG', 'LANGUAGE', 'LC_ALL', 'LC_MESSAGES']) vi.stubEnv(name, 'de_DE.UTF-8');
  const env = plainEnvironment({ user: 'claude', uid: 1000, home: '/home/claude' }, undefined);
  vi.unstubAllEnvs();
  expect([env['LC_ALL'], Object.values(env).filter((value) => value.startsWith('de_'))]).toEqual(['C.UTF-8', []]);
});

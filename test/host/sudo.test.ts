import { mkdtempSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { expect, onTestFinished, test, vi } from 'vitest';
import { acquireSudo } from '../../src/host/sudo.ts';
import { FakeHost } from '../machine/doubles/fake-host.ts';

test.each([
  ['remembers it', 'true', 0, true],
  ['remembers nothing', 'true', 1, false],
  ['refuses it', 'false', 0, false],
])('a password that is typed to a sudo that %s', async (_, typed, afterwards, can) => {
  const folder = mkdtempSync(`${tmpdir()}/sudo-`);
  symlinkSync(`/bin/${typed}`, `${folder}/sudo`);
  vi.stubEnv('PATH', folder);
  onTestFinished(() => {
    vi.unstubAllEnvs();
    rmSync(folder, { recursive: true });
  });
  const answers = [1, afterwards];
  const host = new FakeHost().tell('sudo -n env true', () => ({ exitCode: answers.shift() ?? 1 }));
  expect(await acquireSudo(1000, true, host)).toBe(can);
});

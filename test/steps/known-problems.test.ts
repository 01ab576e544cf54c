import { expect, it } from 'vitest';
import { explainFailure } from '../../src/engine/known-problems.ts';
import { EffectFailed, type RunCommand } from '../../src/host/host.ts';

const effect: RunCommand = { do: 'run', why: 'w', command: { file: 'apt-get', args: ['install', 'jq'] } };

/** Lines as the programs were seen to print them. */
it.each<[line: string, cause: RegExp, fix: RegExp]>([
  ['E: Unable to locate package slirp4nets', /no package slirp4nets/, /sudo apt-get update/],
  [
    'E: Could not get lock /var/lib/apt/lists/lock. It is held by process 812 (apt-get)',
    /another program is installing packages/,
    /ps aux/,
  ],
  [
    'E: Unable to acquire the dpkg frontend lock (/var/lib/dpkg/lock-frontend), is another process using it?',
    /another program is installing/,
    /ps aux/,
  ],
  [
    "E: dpkg was interrupted, you must manually run 'sudo dpkg --configure -a' to correct the problem.",
    /was interrupted/,
    /dpkg --configure -a/,
  ],
  ['write /var/lib/docker/tmp/x: no space left on device', /disk (is|was) full.* mounted at \//, /df -|du -xh/],
  ['cp: error writing: No space left on device', /disk (is|was) full.* mounted at \//, /df -|du -xh/],
  ['sudo: a password is required', /sudo forgot the password/, /sudo -v/],
  ['anna is not in the sudoers file.', /may not use sudo/, /usermod -aG sudo/],
  ['Failed to connect to user scope bus via local transport: No such file or directory', /no login session/, /ssh/],
  ['Failed to connect to bus: No medium found', /no login session/, /ssh/],
  [
    'Cannot connect to the Docker daemon at unix:///run/user/1000/docker.sock. Is the docker daemon running?',
    /Docker engine does not answer/,
    /systemctl --user restart docker/,
  ],
  [
    'Error response from daemon: driver failed: Bind for 127.0.0.1:4000 failed: port is already allocated',
    /port is taken/,
    /ss -ltnp/,
  ],
  ['curl: (6) Could not resolve host: mise.run', /could not be reached/, /getent hosts/],
  ['dial tcp: lookup ghcr.io: no such host', /could not be reached/, /getent hosts/],
  ['Error response from daemon: manifest unknown', /registry does not have this image/, /gateway\.image/],
])('%s', (line, cause, fix) => {
  const known = explainFailure(
    new EffectFailed(effect, 'apt-get ended with exit code 100', 100, ['some progress', line]),
  );
  expect(known).toEqual({ problem: expect.stringMatching(cause), fix: expect.stringMatching(fix) });
  expect(known?.problem).toContain('(while: apt-get install jq)');
});

it('what is not known is left to its own words', () => {
  expect(
    explainFailure(new EffectFailed(effect, 'apt-get ended with exit code 1', 1, ['E: something new'])),
  ).toBeUndefined();
});

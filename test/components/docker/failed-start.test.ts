import { describe, expect, it } from 'vitest';
import { failedStart, startForbidden } from '../../../src/components/docker/failed-start.ts';
import { FakeHost } from '../../machine/doubles/fake-host.ts';

/** What the unit's journal was seen to hold after a start that came to nothing, around what was said of it. */
function journal(...said: readonly string[]): string {
  return [
    'Starting docker.service - Docker Application Container Engine (Rootless)...',
    '+ exec dockerd',
    ...said,
    'docker.service: Main process exited, code=exited, status=1/FAILURE',
    "docker.service: Failed with result 'exit-code'.",
    'Failed to start docker.service - Docker Application Container Engine (Rootless).',
  ].join('\n');
}
const passedOn = [
  '[rootlesskit:child ] error: command [/usr/bin/dockerd-rootless.sh] exited: exit status 1',
  '[rootlesskit:parent] error: child exited: exit status 1',
];
const tooOften = "docker.service: Start request repeated too quickly.\ndocker.service: Failed with result 'exit-code'.";
const started = 'Started docker.service - Docker Application Container Engine (Rootless).';
const refused =
  "unable to configure the Docker daemon with file /home/me/.config/docker/daemon.json: invalid character '}' looking for beginning of object key string";

describe('why the engine does not start', () => {
  it.each<[name: string, text: string, said: string | undefined]>([
    ['a configuration that it refuses', journal(refused, ...passedOn), refused],
    ['before it was tried too often', `${journal(refused, ...passedOn)}\n${tooOften}\n${tooOften}`, refused],
    [
      'a program that RootlessKit needs',
      journal('[rootlesskit:parent] error: failed to setup UID/GID map: newuidmap failed: executable file not found'),
      'failed to setup UID/GID map: newuidmap failed: executable file not found',
    ],
    [
      'behind warnings',
      journal('failed to find runc binary', 'time="x" level=warning msg="Running in rootless mode."', ...passedOn),
      'failed to find runc binary',
    ],
    [
      'an older failure than its last start',
      `${journal(refused)}\n${started}\ntime="x" level=error msg="y"`,
      undefined,
    ],
    ['it was stopped', 'Stopping docker.service - Docker…\nStopped docker.service - Docker…', undefined],
    ['a journal that is empty or cannot be read', '', undefined],
  ])('%s', (_, text, said) => {
    expect(failedStart(text)).toBe(said);
  });

  const validate = 'dockerd --validate --config-file /home/me/.config/docker/daemon.json';
  const asked = (host: FakeHost, said: string) => startForbidden(host, 1000, said);

  it('a mistake in its configuration, which a person has to fix', async () => {
    expect(await asked(new FakeHost().tell(validate, { exitCode: 1 }), refused)).toMatchObject({
      problem: expect.stringMatching(/because it does not accept \/home\/me\/\S+: invalid character/),
      fix: expect.stringMatching(
        / {2}dockerd --validate --config-file \S+daemon\.json {2}then {2}systemctl --user reset-failed/,
      ),
    });
  });

  it('a folder of somebody else', async () => {
    expect(await asked(new FakeHost(), 'failed to start daemon: mkdir /mnt/gone: permission denied')).toMatchObject({
      problem: expect.stringMatching(/because it may not use \/mnt\/gone$/),
      fix: expect.stringMatching(/namei -l \/mnt\/gone .*sudo chown/),
    });
  });

  it('is tried again where that was fixed, and for every other reason', async () => {
    expect(await asked(new FakeHost().tell(validate, { stdout: 'configuration OK' }), refused)).toBeUndefined();
    expect(await asked(new FakeHost(), 'failed to find runc binary')).toBeUndefined();
  });
});

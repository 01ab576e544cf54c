import { describe, expect, it } from 'vitest';
import { describeEffect } from '../../src/engine/event.ts';
import {
  freePort,
  removeThrowAway,
  startThrowAway,
  type ThrowAwayEnvironment,
} from '../../src/failover-test/throw-away-gateway.ts';
import { layoutFor } from '../../src/layout.ts';
import { FakeHost } from '../machine/doubles/fake-host.ts';

const layout = layoutFor({ user: 'me', uid: 1000, home: '/home/me' });
const { drillDir: directory } = layout;
const url = 'http://127.0.0.1:4001';
const ready = { status: 200, body: JSON.stringify({ status: 'healthy', db: 'Not connected' }) };
const env = Object.entries(layout.sessionEnv)
  .map(([name, value]) => `${name}=${value}`)
  .join(' ');
const docker = (words: string) => `${env} docker ${words}`;
const containers = docker(
  `ps --all --quiet --filter 'name=^litellm-drill$' --filter label=com.docker.compose.project.config_files=${directory}/compose.yaml`,
);
const networks = docker(
  "network ls --quiet --filter 'name=^litellm-drill_default$' --filter label=com.docker.compose.project=litellm-drill",
);
const inspect = docker("container inspect -f '{{.State.Status}}' litellm-drill");
const end = docker("container inspect -f '{{.State.ExitCode}} {{.State.OOMKilled}}' litellm-drill");
const up = docker(`compose --project-name litellm-drill --file ${directory}/compose.yaml up --detach`);
const serve = docker('exec --detach litellm-drill python3 /app/drill_faults.py serve');
const remove = docker('rm --force --volumes litellm-drill');

function groundOn(host: FakeHost): ThrowAwayEnvironment {
  const perform: ThrowAwayEnvironment['perform'] = async (effect) => void (await host.perform(effect));
  return { probe: host, perform, layout, throwIfStopped: () => undefined };
}

const done = (host: FakeHost) => host.performed.map(describeEffect);

describe('the throw-away gateway', () => {
  it('is files in a closed directory of its own, a container, and the stager in it', async () => {
    const host = new FakeHost().tell(up).tell(serve).reply(`GET ${url}/health/readiness`, ready);
    expect(await startThrowAway({ config: 'c', compose: 'd' }, url, groundOn(host))).toBeUndefined();
    expect(done(host)).toEqual([
      `make directory ${directory} (mode 700)`,
      `write ${directory}/config.yaml (mode 600)`,
      `write ${directory}/compose.yaml (mode 600)`,
      `write ${directory}/drill_faults.py (mode 600)`,
      `write ${directory}/wake.py (mode 600)`,
      up,
      serve,
    ]);
  });

  it('is told with its last words when it dies', async () => {
    const host = new FakeHost()
      .tell(up)
      .tell(serve)
      .tell(inspect, { stdout: 'exited\n' })
      .tell(end, { stdout: '1 false\n' })
      .tell(docker('logs --tail 80 litellm-drill'), {
        stderr: 'Traceback\n  a line\nImportError: no hook\n\nERROR:    Exiting.\n Give Feedback\n',
      })
      .reply(`GET ${url}/health/readiness`, { reached: false, failure: 'refused' });
    const problem = await startThrowAway({ config: 'c', compose: 'd' }, url, groundOn(host));
    expect(problem?.problem).toMatch(/does not start.*: ImportError: no hook$/);
  });

  it('of an image that ends at once is told with its last words, not with what could not be started in it', async () => {
    const host = new FakeHost()
      .tell(up)
      .tell(serve, { exitCode: 1, stderr: 'container is not running' })
      .tell(inspect, { stdout: 'exited\n' })
      .tell(end, { stdout: '137 true\n' })
      .tell(docker('logs --tail 80 litellm-drill'), { stderr: 'RuntimeError: this release cannot start\n' });
    const ground = { ...groundOn(host), candidate: 'v1.108.99' };
    const problem = await startThrowAway({ config: 'c', compose: 'd' }, url, ground);
    expect(problem?.problem).toMatch(
      /^a gateway of v1\.108\.99 .* does not start: RuntimeError: this release cannot start; it needed more memory than/,
    );
    expect(problem?.fix).toMatch(/--image/);
  });

  it('is removed whole', async () => {
    const host = new FakeHost({ [`${directory}/config.yaml`]: 'c' })
      .tell(containers, { stdout: 'abc\n' })
      .tell(networks, { stdout: 'def\n' })
      .tell(remove)
      .tell(docker('network rm litellm-drill_default'))
      .tell(`rm -r -- ${directory}`);
    await removeThrowAway(groundOn(host));
    expect(done(host)).toEqual([remove, docker('network rm litellm-drill_default'), `rm -r -- ${directory}`]);
  });

  it('where nothing of it is there, nothing is removed', async () => {
    const host = new FakeHost().tell(containers).tell(networks);
    await removeThrowAway(groundOn(host));
    expect(host.performed).toEqual([]);
  });
});

describe('its port', () => {
  const refused = { reached: false, failure: 'refused' } as const;
  it('is the first one above the gateway’s where nothing listens', async () => {
    const host = new FakeHost()
      .reply('GET http://127.0.0.1:4001', {})
      .reply('GET http://127.0.0.1:4002', { reached: false, failure: 'not-http' })
      .reply('GET http://127.0.0.1:4003', refused);
    expect(await freePort(host, layout)).toBe(4003);
  });

  it('is never above the last one', async () => {
    const host = new FakeHost().reply('GET http://127.0.0.1:65535', {});
    expect(await freePort(host, { ...layout, gatewayPort: 65_534 })).toBeUndefined();
  });
});

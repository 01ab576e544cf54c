import { describe, expect, it } from 'vitest';
import { planResource } from '../../src/resources/plan-resource.ts';
import type { ContainerResource } from '../../src/resources/resource.ts';
import { FakeHost } from '../machine/doubles/fake-host.ts';

const started = '2026-11-22T15:01:07.123456789Z';
const startedAt = Date.parse(started);
const wanted: ContainerResource = {
  kind: 'container',
  id: 'gateway-container',
  title: 'gateway container',
  name: 'litellm',
  composeFile: '/home/anna/litellm/compose.yaml',
  project: 'claude-routing',
  service: 'litellm',
  inputsHash: 'abc',
  mounted: [{ path: '/home/anna/litellm/config.yaml', content: 'model_list: []\n' }],
  port: 4000,
  env: { DOCKER_HOST: 'unix:///run/user/1000/docker.sock' },
};
const docker = (words: string): string => `DOCKER_HOST=unix:///run/user/1000/docker.sock docker ${words}`;
const ready = 'GET http://127.0.0.1:4000/health/readiness';
const refused = { reached: false, failure: 'refused', detail: 'ECONNREFUSED' } as const;
const mounted = (changedAt = startedAt - 1000, text = 'model_list: []\n') => ({
  '/home/anna/litellm/config.yaml': { text, changedAt },
});

/** The parts of `docker container inspect` (engine 29) that are looked at, between others. */
function inspection(running: boolean, labels: Readonly<Record<string, string>> | null): string {
  return JSON.stringify([
    {
      Id: 'f0e1d2',
      Created: started,
      State: {
        Status: running ? 'running' : 'exited',
        Running: running,
        Paused: false,
        Restarting: false,
        OOMKilled: false,
        Pid: 4711,
        ExitCode: 0,
        StartedAt: started,
        FinishedAt: '0001-01-01T00:00:00Z',
      },
      RestartCount: 0,
      Config: { Image: 'ghcr.io/berriai/litellm', Labels: labels, Env: ['A=1'] },
    },
  ]);
}

const ours = { 'com.docker.compose.project': 'claude-routing', 'claude-routing.inputs': 'abc' };

function host(answer: { exitCode?: number; stdout?: string; stderr?: string }, files = mounted()): FakeHost {
  return new FakeHost(files).tell(docker('container inspect litellm'), answer);
}

function commands(plan: Awaited<ReturnType<typeof planResource>>): readonly string[] {
  return plan.status === 'change'
    ? plan.effects.map((effect) => (effect.do === 'run' ? effect.command.args.join(' ') : effect.do))
    : [];
}

const listeners = "ss -Hltnp 'sport = :4000'";
const strangers = 'LISTEN 0 511 127.0.0.1:4000 0.0.0.0:*\n';
const engineListens = 'LISTEN 0 4096 127.0.0.1:4000 0.0.0.0:* users:(("rootlesskit",pid=106,fd=12))\n';
const up =
  'compose --project-name claude-routing --file /home/anna/litellm/compose.yaml up --detach --quiet-pull litellm';
const none = { exitCode: 1, stdout: '[]', stderr: 'Error response from daemon: No such container: litellm' };

describe('the container', () => {
  it('is in place when it runs with these inputs', async () => {
    expect((await planResource(host({ stdout: inspection(true, ours) }), wanted)).status).toBe('ok');
  });

  it.each<[name: string, answer: { exitCode?: number; stdout?: string; stderr?: string }, summary: RegExp]>([
    ['is not there', none, /create and start/],
    ['has stopped', { stdout: inspection(false, ours) }, /^start litellm/],
    [
      'was made from other inputs',
      { stdout: inspection(true, { ...ours, 'claude-routing.inputs': 'old' }) },
      /re-create/,
    ],
    [
      'was made from other inputs and has stopped',
      { stdout: inspection(false, { ...ours, 'claude-routing.inputs': 'old' }) },
      /re-create/,
    ],
  ])('is brought up when it %s', async (_, answer, summary) => {
    const plan = await planResource(host(answer).reply(ready, refused), wanted);
    expect(commands(plan)).toEqual([up]);
    expect(plan.status === 'change' && plan.summary).toMatch(summary);
  });

  it.each<[name: string, inputs: string, then: readonly string[]]>([
    ['and nothing else', 'abc', []],
    ['before it is made anew', 'old', [up]],
  ])('that is paused goes on first, %s', async (_, inputs, then) => {
    const paused = inspection(true, { ...ours, 'claude-routing.inputs': inputs }).replace('"running"', '"paused"');
    const plan = await planResource(host({ stdout: paused }), wanted);
    expect(commands(plan)).toEqual(['unpause litellm', ...then]);
  });

  it('of a former release, in a project that may be somebody else’s, is made anew in its own', async () => {
    const former = inspection(true, { ...ours, 'com.docker.compose.project': 'litellm' });
    const plan = await planResource(host({ stdout: former }), { ...wanted, inUse: async () => '2 sessions use it' });
    expect(commands(plan)).toEqual(['rm --force litellm', up]);
    expect(plan).toMatchObject({ destructive: true, notes: ['2 sessions use it'] });
  });

  it('of somebody else, which is no gateway, keeps its name and its work', async () => {
    const stranger = inspection(true, {}).replace('ghcr.io/berriai/litellm', 'postgres:17');
    expect(await planResource(host({ stdout: stranger }), wanted)).toMatchObject({
      status: 'blocked',
      code: 'container-foreign',
      problem: expect.stringContaining('postgres:17'),
      fix: expect.stringContaining('docker rename litellm litellm-mine'),
    });
  });

  it.each<[name: string, files: ReturnType<typeof mounted>]>([
    ['differs from what is wanted', mounted(startedAt - 1000, 'edited\n')],
    ['is newer than its start', mounted(startedAt + 1)],
  ])('is restarted when a mounted file %s', async (_, files) => {
    expect(commands(await planResource(host({ stdout: inspection(true, ours) }, files), wanted))).toEqual([
      'restart litellm',
    ]);
  });

  it.each<[what: string, running: boolean, inputs: string, told: boolean]>([
    ['is re-created', true, 'old', true],
    ['stays as it is', true, 'abc', false],
    ['has stopped anyway', false, 'old', false],
  ])('tells before consent who would notice, where it %s', async (_what, running, inputs, told) => {
    const answer = { stdout: inspection(running, { ...ours, 'claude-routing.inputs': inputs }) };
    const asked = host(answer).reply(ready, refused);
    const plan = await planResource(asked, { ...wanted, inUse: async () => '2 sessions use it' });
    expect(plan.status === 'change' ? (plan.notes ?? []) : []).toEqual(told ? ['2 sessions use it'] : []);
  });

  it.each([null, {}, { maintainer: 'me' }])('made by hand (labels %j) is kept under another name', async (labels) => {
    const plan = await planResource(host({ stdout: inspection(true, labels) }), wanted);
    const aside = `litellm-before-${startedAt}`;
    expect(commands(plan)).toEqual(['update --restart=no litellm', 'stop litellm', `rename litellm ${aside}`, up]);
    expect(plan).toMatchObject({
      summary: expect.stringContaining(aside),
      notes: [expect.stringContaining(`docker rm ${aside}`)],
    });
  });

  it('waits while there is no engine', async () => {
    const answer = {
      exitCode: 1,
      stderr: 'Cannot connect to the Docker daemon at unix:///run/user/1000/docker.sock. Is the docker daemon running?',
    };
    expect(await planResource(host(answer), wanted)).toEqual({ status: 'later', waitsFor: 'rootless Docker' });
    expect((await planResource(host({ exitCode: 127 }), wanted)).status).toBe('later');
  });

  it.each<[name: string, reply: object, who: string]>([
    ['another LiteLLM', { body: '{"status":"healthy","db":"Not connected"}' }, 'another LiteLLM gateway'],
    ['another web server', { status: 404, body: '<h1>nothing</h1>' }, 'another web server'],
    [
      'something that is no web server',
      { reached: false, failure: 'not-http', detail: 'x' },
      'something that does not speak HTTP',
    ],
    [
      'something that says nothing',
      { reached: false, failure: 'timeout', detail: 'x' },
      'something that does not speak HTTP',
    ],
  ])('is blocked when its port is taken by %s', async (_, reply, who) => {
    const asked = host(none).reply(ready, reply).tell(listeners, { stdout: strangers });
    const plan = await planResource(asked, wanted);
    expect(plan).toMatchObject({
      status: 'blocked',
      problem: expect.stringContaining(`port 4000 on 127.0.0.1 is taken by ${who}`),
      fix: expect.stringContaining('--set gateway.port=4001'),
    });
  });

  it.each<[what: string, answer: { exitCode?: number; stdout?: string; stderr?: string }, gone: readonly string[]]>([
    ['a container that was only made', { stdout: inspection(false, ours) }, ['rm --force litellm']],
    ['a container that is gone', none, []],
  ])('frees a port that the own engine kept for %s', async (_what, answer, gone) => {
    const asked = host(answer)
      .reply(ready, { reached: false, failure: 'broken', detail: 'x' })
      .tell(listeners, { stdout: engineListens })
      .tell(docker("ps --filter publish=4000 --format '{{.Names}}'"), {})
      .tell(docker("ps --format '{{.Names}}'"), { stdout: 'other\n' });
    const plan = await planResource(asked, wanted);
    expect(commands(plan)).toEqual([...gone, '--user restart docker.service', up]);
    expect(plan).toMatchObject({ notes: ['1 other container of yours starts again with the engine'] });
  });

  it('names the other container of theirs that has the port', async () => {
    const asked = host(none)
      .reply(ready, { status: 404 })
      .tell(listeners, { stdout: engineListens })
      .tell(docker("ps --filter publish=4000 --format '{{.Names}}'"), { stdout: 'mine\n' })
      .tell(docker("ps --format '{{.Names}}'"), { stdout: 'mine\n' });
    expect(await planResource(asked, wanted)).toMatchObject({
      status: 'blocked',
      problem: expect.stringContaining('your own container mine') as string,
      fix: expect.stringContaining('docker stop mine') as string,
    });
  });

  it.each(['', '[]', 'null', '[{"State":{}}]', 'WARNING: something\n[', '{"Id":1}'])(
    'is not guessed at when the engine says %j',
    async (stdout) => {
      expect(await planResource(host({ stdout }), wanted)).toMatchObject({
        status: 'blocked',
        fix: expect.stringContaining('docker container inspect litellm'),
      });
    },
  );
});

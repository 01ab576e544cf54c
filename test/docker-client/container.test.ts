import { describe, expect, it } from 'vitest';
import { boundMet } from '../../src/components/gateway/compose.ts';
import {
  type Bounds,
  containerLog,
  loosened,
  MEMORY_LIMIT,
  PIDS_LIMIT,
  readContainer,
} from '../../src/docker-client/container.ts';

const whole = [
  {
    Id: 'c0ffee',
    RestartCount: 3,
    State: {
      Status: 'running',
      Running: true,
      StartedAt: '2026-11-26T21:00:00Z',
      ExitCode: 0,
      Health: { Status: 'healthy' },
    },
    Config: { Image: 'ghcr.io/berriai/litellm:v1.108.14', Env: ['A=1'] },
  },
];

it.each([
  ['a container', JSON.stringify(whole), { status: 'running', restarts: 3, health: 'healthy', environment: ['A=1'] }],
  [
    'one without a health check',
    JSON.stringify([{ ...whole[0], State: { Status: 'exited', Running: false, StartedAt: '2026-11-26T21:00:00Z' } }]),
    { status: 'exited', exitCode: 0 },
  ],
])('reads %s', (_, text, expected) => {
  expect(readContainer(text)).toMatchObject(expected);
});

it.each(['', '[]', '{}', 'no JSON', '[{"State":1}]'])('knows that %j is none', (text) => {
  expect(readContainer(text)).toBeUndefined();
});

const bound: Bounds = {
  CapAdd: null,
  CapDrop: ['ALL'],
  SecurityOpt: ['no-new-privileges:true'],
  ReadonlyRootfs: true,
  Privileged: false,
  PidsLimit: PIDS_LIMIT,
  Memory: MEMORY_LIMIT,
  NetworkMode: 'litellm_default',
  RestartPolicy: { Name: 'unless-stopped' },
};

describe('what a container may do beyond what it should', () => {
  it.each<[string, Bounds, readonly string[]]>([
    ['nothing', bound, []],
    ['engines that say it shorter', { ...bound, SecurityOpt: ['no-new-privileges'], CapDrop: ['all'] }, []],
    ['privileged', { ...bound, Privileged: true }, ['is privileged']],
    ['a capability more', { ...bound, CapAdd: ['NET_ADMIN'] }, ['has capabilities']],
    ['default capabilities', { ...bound, CapDrop: null }, ['has capabilities']],
    ['new privileges', { ...bound, SecurityOpt: null }, ['may gain privileges']],
    ['they are told to be allowed', { ...bound, SecurityOpt: ['no-new-privileges:false'] }, ['may gain privileges']],
    ['a writable root', { ...bound, ReadonlyRootfs: false }, ['may write its own files']],
    ['no limit of processes', { ...bound, PidsLimit: -1 }, ['has another limit of processes']],
    ['more memory', { ...bound, Memory: 2 * MEMORY_LIMIT }, ['has another limit of memory']],
    ['an engine that cannot limit', { ...bound, PidsLimit: null, Memory: 0 }, []],
    ['nothing, if it always starts', { ...bound, RestartPolicy: { Name: 'always' } }, []],
    ['to stay away after a reboot', { ...bound, RestartPolicy: { Name: 'no' } }, ['does not start with the engine']],
    ['the machine’s network', { ...bound, NetworkMode: 'host' }, ['shares this machine’s network']],
  ])('%s', (_, bounds, expected) => {
    expect(loosened(bounds)).toEqual(expected);
  });
});

describe('which bound a gateway ran into', () => {
  const end = { exitCode: 1, outOfMemory: false };
  it.each([
    ['killed by the kernel', '', { exitCode: 137, outOfMemory: true }, /memory than the 1536 MB/],
    ['a file', "OSError: [Errno 30] Read-only file system: '/app/x'", end, /tries to write/],
    ['a thread', "RuntimeError: can't start new thread", end, /256 processes/],
    ['a privilege', 'PermissionError: [Errno 1] Operation not permitted', end, /privilege/],
    ['/tmp', 'OSError: [Errno 28] No space left on device', end, /space in \/tmp/],
    ['none', 'ImportError: no module', end, undefined],
  ])('%s', (_, said, how, expected) => {
    const met = boundMet(said, how);
    if (expected === undefined) expect(met).toBeUndefined();
    else expect(met).toMatch(expected);
  });
});

it('tells what a container said last, but no line that quotes a conversation', async () => {
  const asked: unknown[] = [];
  const query = async (command: unknown) => {
    asked.push(command);
    const stdout = 'started\nrequest: {"messages": [{"role": "user", "content": "my diary"}]}\n';
    return { exitCode: 0, stdout, stderr: "litellm.Timeout: {'prompt': 'my diary'}\nkilled\n" };
  };
  const told = await containerLog({ query }, { sessionEnv: { XDG_RUNTIME_DIR: '/run/user/1000' } }, 'litellm', 20);
  expect(told).not.toContain('diary');
  expect(told).toMatch(/^started\n\(a line [^\n]*\n\n\(a line [^\n]*\nkilled\n$/);
  expect(asked).toEqual([
    { file: 'docker', args: ['logs', '--tail', '20', 'litellm'], env: { XDG_RUNTIME_DIR: '/run/user/1000' } },
  ]);
});

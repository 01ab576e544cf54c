import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { beforeAll, describe, expect, it } from 'vitest';
import { labCache, prepareDownloads } from './download-cache.ts';
import type { ClientRun } from './real-client-scenario.ts';

const SCENARIO = new URL('./real-client-scenario.ts', import.meta.url).pathname;
const BIG = 'qwen/qwen3.6-35b-a3b';

let runs: ReadonlyMap<string, ClientRun>;

/** One namespace with nothing but loopback for all runs. */
beforeAll(async () => {
  const { claude } = await prepareDownloads(labCache());
  const inside = `ip link set lo up && exec ${process.execPath} --import ${import.meta.resolve('tsx')} ${SCENARIO} ${claude.path}`;
  const { stdout } = await promisify(execFile)('unshare', ['-n', 'sh', '-c', inside]);
  const lines = stdout.trim().split('\n');
  runs = new Map(lines.map((line) => JSON.parse(line) as ClientRun).map((run) => [run.name, run]));
});

describe('the real Claude Code, straight at the stand-ins', () => {
  it.each([
    ['cloud sonnet', 'I am claude-sonnet-4-6 on the Claude API. You said: say hi', 'claude-sonnet-4-6', [['user']]],
    [
      'cloud haiku',
      'I am claude-haiku-4-5-20251001 on the Claude API. You said: say hi',
      'claude-haiku-4-5',
      [['user']],
    ],
    ['cloud tool', 'The tools said: six-times-42', 'claude-sonnet-4-6', [['user'], ['user', 'assistant', 'user']]],
    ['local', `I am ${BIG} on LM Studio. You said: say hi`, BIG, [['user', 'system']]],
    [
      'local tool',
      'The tools said: six-times-42',
      BIG,
      [
        ['user', 'system'],
        ['user', 'system', 'assistant', 'user'],
      ],
    ],
  ])('%s: is answered', (name, words, model, roles) => {
    const run = runs.get(name);
    expect(run).toMatchObject({ exitCode: 0, said: expect.stringContaining(words), models: [model] });
    expect(run?.requests.map((request) => request.roles)).toEqual(roles);
    expect(run?.requests.every((request) => request.status === 200 && request.tools > 10)).toBe(true);
  });

  it.each([
    ['cloud wrong key', 401, 'Invalid API key'],
    ['local strict template', 400, 'System message must be at the beginning'],
    ['local small window', 400, 'n_ctx: 16384'],
  ])('%s: is refused, and says why', (name, status, words) => {
    const run = runs.get(name);
    expect(run).toMatchObject({ exitCode: 1, said: expect.stringContaining(words) });
    expect(run?.requests.at(-1)?.status).toBe(status);
  });
});

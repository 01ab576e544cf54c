import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { besideTheGate } from '../machine/extent.ts';
import { runClaude } from './claude-client.ts';
import { type Scene, type SceneOptions, setScene } from './scene.ts';

const noHook = 'from litellm.integrations.custom_logger import CustomLogger\nproxy_handler_instance = CustomLogger()\n';
const localOnly = { cloud: {}, failover: { allowed: false } };

let home: string;
let scene: Scene | undefined;
beforeEach(async () => {
  home = await mkdtemp(`${tmpdir()}/claude-home-`);
});
afterEach(async () => {
  await scene?.close();
  scene = undefined;
  await rm(home, { recursive: true, force: true });
});

async function set(options: SceneOptions): Promise<Scene> {
  scene = await setScene(options);
  return scene;
}

function roles(of: Scene): readonly string[][] {
  return of.lmStudio.requests.map(({ body }) =>
    (body as { messages: { role: string }[] }).messages.map(({ role }) => role),
  );
}

describe("today's Claude Code on a model with a strict chat template", () => {
  it('works through the gateway', async () => {
    const here = await set({ answers: localOnly });
    const run = await runClaude(here, home, 'local', ['-p', 'say hi']);
    expect(run).toMatchObject({ exitCode: 0, isError: false, models: ['local'] });
    expect(run.result).toContain('on LM Studio. You said: say hi');
    expect(roles(here)).toEqual([['user']]);
  });

  besideTheGate('fails without the hook', async () => {
    const here = await set({ answers: localOnly, hook: noHook, lmStudio: { grammar: false } });
    const run = await runClaude(here, home, 'local', ['-p', 'say hi']);
    expect(run).toMatchObject({ exitCode: 1, isError: true });
    expect(run.result).toContain('System message must be at the beginning');
    expect(roles(here)).toEqual([['user', 'system']]);
  });

  it('uses a tool and sees its result', async () => {
    const here = await set({ answers: localOnly });
    const said = 'use the tool Bash with {"command": "echo made-by-the-tool", "description": "says it"}';
    const run = await runClaude(here, home, 'local', ['--dangerously-skip-permissions', '-p', said], {
      IS_SANDBOX: '1',
    });
    expect(run.result).toContain('The tools said: made-by-the-tool');
  });

  it('is told in plain words that LM Studio cannot be reached', async () => {
    const here = await set({});
    await here.stopLmStudio();
    const run = await runClaude(here, home, 'local-only', ['-p', 'say hi']);
    expect(run.exitCode).toBe(1);
    expect(run.result).toMatch(/the local server at \S+ cannot be reached/);
    expect(here.anthropic.requests).toEqual([]);
  });

  // The client's own compaction after the gateway's words for an overflow is in test/conversation, too.
  besideTheGate('goes on in a conversation that outgrows a window that nobody declared', async () => {
    const here = await set({ lmStudio: { contextLength: 40_000 } });
    expect(await converse(here)).toEqual(Array(turns).fill(true));
    expect(here.lmStudio.requests.filter(({ answer }) => answer.status === 400)).toHaveLength(1);
    expect(here.lmStudio.requests.at(-1)?.answer.promptTokens).toBeLessThan(30_000);
  });
});

const turns = 8;

/** Grows by about 6,100 tokens a turn; a window of 40,000 is passed in the seventh. */
async function converse(here: Scene): Promise<boolean[]> {
  const went: boolean[] = [];
  for (let turn = 0; turn < turns; turn += 1) {
    const args = [
      ...(turn === 0 ? [] : ['--continue']),
      '--tools',
      'Bash,Read',
      '-p',
      `turn ${turn}: ${'lorem ipsum '.repeat(2000)}`,
    ];
    went.push((await runClaude(here, home, 'local-only', args)).exitCode === 0);
  }
  return went;
}

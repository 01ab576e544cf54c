import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { runClaude } from './claude-client.ts';
import { type Scene, type SceneOptions, setScene } from './scene.ts';

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
});

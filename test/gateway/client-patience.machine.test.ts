import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { claudeLocalEnvironment, runClaude } from './claude-client.ts';
import { type Scene, setScene } from './scene.ts';

/**
 * The client's own timers. Its stream watchdogs cannot be set below five minutes, so only the time for a whole request
 * is scaled here; bench/long-prefill.ts shows all of them at full length.
 */
describe('the real Claude Code, while LM Studio reads for six seconds', () => {
  let scene: Scene;
  let home: string;
  beforeAll(async () => {
    scene = await setScene();
  });
  afterAll(() => scene?.close());
  beforeEach(async () => {
    home = await mkdtemp(`${tmpdir()}/patience-`);
    scene.reset();
    Object.assign(scene.lmStudio.settings, { prefillMilliseconds: 6000 });
  });
  afterEach(() => rm(home, { recursive: true, force: true }));

  function run(more: Readonly<Record<string, string>>): ReturnType<typeof runClaude> {
    return runClaude(scene, home, 'local', ['-p', 'say hi'], { ...claudeLocalEnvironment(home), ...more });
  }

  it('waits with the environment of the launchers', async () => {
    const ran = await run({});
    expect(ran).toMatchObject({ exitCode: 0, isError: false, result: expect.stringContaining('on LM Studio') });
    expect(scene.lmStudio.requests).toHaveLength(1);
    expect(scene.anthropic.requests).toEqual([]);
  });
});

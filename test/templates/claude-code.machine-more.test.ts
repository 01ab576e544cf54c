import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { runClaude } from '../gateway/claude-client.ts';
import type { Scene } from '../gateway/scene.ts';
import { engine } from './engine.ts';
import { startLlama } from './llama-server.ts';
import { setTemplateScene } from './matrix.ts';
import { loggedUsage } from './several-servers.ts';

let scene: Scene;
beforeAll(async () => {
  scene = await setTemplateScene();
});
afterAll(() => scene?.close());

// The client itself, the gateway and the engine; only the model is a small one, which answers what it likes.
it.each(['Qwen3-Coder', 'GLM-4.7-Flash', 'MiniMax-M2'])(
  'real Claude Code on llama.cpp with the template of %s',
  async (template) => {
    const home = await mkdtemp(`${tmpdir()}/claude-`);
    const server = await startLlama(await engine(), {
      host: scene.wire.separate,
      port: 1234,
      template,
      window: 16_384,
    });
    try {
      const limits = { CLAUDE_CODE_MAX_OUTPUT_TOKENS: '16', CLAUDE_CODE_MAX_CONTEXT_TOKENS: '16384' };
      const say = async (...words: string[]) =>
        await runClaude(scene, home, 'anthropic-local', ['--tools', 'Read', ...words], limits);
      const before = (await loggedUsage(scene)).length;
      await say('-p', 'Say: ready');
      await say('-c', '-p', 'Say it again');
      const turns = (await loggedUsage(scene)).slice(before);
      expect(turns.every(({ status }) => status === 200)).toBe(true);
      const [first, second] = [turns[0], turns.at(-1)];
      console.log(
        `${template}: ${turns.map(({ promptTokens, cachedTokens }) => `${cachedTokens} of ${promptTokens}`).join(', ')} re-used`,
      );
      expect(first?.promptTokens).toBeGreaterThan(1000);
      expect((second?.cachedTokens ?? 0) / (second?.promptTokens ?? 1)).toBeGreaterThan(0.8);
    } finally {
      await server.stop();
      await rm(home, { recursive: true, force: true });
    }
  },
);

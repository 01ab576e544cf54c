import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ask } from '../gateway/messages-client.ts';
import type { Scene } from '../gateway/scene.ts';
import { engine } from './engine.ts';
import { startLlama } from './llama-server.ts';
import { setTemplateScene, tryTemplates, wasTaken } from './matrix.ts';

/** Two that refuse most when they are asked without the gateway; `npm run test:templates` tries them all. */
const sample = ['mistralai-Ministral-3-14B-Reasoning-2512', 'google-gemma-2-2b-it'];

let scene: Scene;
beforeAll(async () => {
  scene = await setTemplateScene();
});
afterAll(() => scene?.close());

describe('through the gateway to a real engine', () => {
  it.each(sample)('%s takes whatever Claude Code sends', async (template) => {
    const cells = await tryTemplates(await engine(), scene, [template]);
    expect(cells.filter(({ direct }) => !wasTaken(direct))).not.toEqual([]);
    expect(cells.filter(({ through }) => !wasTaken(through))).toEqual([]);
  });

  it('a prompt that does not fit is refused in the words that make the client compact', async () => {
    const server = await startLlama(await engine(), { host: scene.wire.separate, port: 1234, window: 2048 });
    try {
      const messages = [{ role: 'user', content: 'word '.repeat(4000) }];
      const reply = await ask(scene.gateway, { model: 'local-only', max_tokens: 4, messages });
      expect(reply.status).toBe(400);
      expect(reply.error).toMatch(/^prompt is too long: \d+ tokens > 2048 maximum$/);
    } finally {
      await server.stop();
    }
  });
});

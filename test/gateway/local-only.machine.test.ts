import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { gatewayModels } from '../../src/render/gateway-models.ts';
import { localOnlyMark, routingHeader } from '../../src/render/launcher-environment.ts';
import { ask, claudeRequest } from './messages-client.ts';
import { type Scene, sceneAnswers, setScene } from './scene.ts';

const mark = { [routingHeader]: `claude-offline; ${localOnlyMark}` };
const others = gatewayModels(sceneAnswers())
  .map(({ name }) => name)
  .filter((name) => name !== 'anthropic-local');

describe('a request that is marked as local-only', () => {
  let scene: Scene;
  beforeAll(async () => {
    scene = await setScene();
  });
  afterAll(() => scene?.close());
  beforeEach(() => scene.reset());

  it('is answered by the local model', async () => {
    const reply = await ask(scene.gateway, claudeRequest('anthropic-local'), scene.gateway.key, mark);
    expect(reply).toMatchObject({ status: 200, litellm: { 'model-id': 'lm-studio:anthropic-local' } });
  });

  it.each(others)('is refused for %s, and no cloud hears of it', async (model) => {
    const reply = await ask(scene.gateway, claudeRequest(model), scene.gateway.key, mark);
    expect(reply.status).toBe(400);
    expect(reply.body).toContain('never leaves this network');
    expect([...scene.anthropic.requests, ...scene.foundry.requests]).toEqual([]);
  });
});

import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { AnswersInput } from '../../src/answers/schema.ts';
import { gatewayModels } from '../../src/render/gateway-models.ts';
import { localOnlyMark, routingHeader } from '../../src/render/launcher-environment.ts';
import { faultsBeforeTheAnswer, impatient } from './faults.ts';
import { emptyAnswer, errorEvent, halfAnswer, noAnswer } from './half-answers.ts';
import { ask, claudeRequest, type GatewayReply } from './messages-client.ts';
import { type Scene, sceneAnswers, setScene } from './scene.ts';

const mark = { [routingHeader]: `claude-offline; ${localOnlyMark}` };
const others = gatewayModels(sceneAnswers())
  .map(({ name }) => name)
  .filter((name) => name !== 'anthropic-local');
/** A body may name fallbacks of its own; every launcher's requests may be given such a body by a project's settings. */
const bodies: readonly Record<string, unknown>[] = [
  {},
  { fallbacks: ['claude-haiku'] },
  { fallbacks: [{ model: 'claude-sonnet-4-6' }] },
  { fallbacks: [{ 'anthropic-local': ['claude-haiku'] }] },
  { context_window_fallbacks: [{ 'anthropic-local': ['foundry-haiku'] }] },
];

describe('a request that is marked as local-only', () => {
  let scene: Scene;
  beforeAll(async () => {
    // Both agreed to: a failover and prompts that are too long going to the cloud.
    const { cloud } = sceneAnswers();
    const answers: Partial<AnswersInput> = { cloud, failover: { allowed: true, overflow: 'cloud' } };
    scene = await setScene({ answers, change: impatient });
  });
  afterAll(() => scene?.close());
  beforeEach(() => scene.reset());

  function askMarked(more: Record<string, unknown>, model = 'anthropic-local', said = 'hello'): Promise<GatewayReply> {
    return ask(scene.gateway, claudeRequest(model, said, more), scene.gateway.key, mark);
  }

  function expectNoCloud(): void {
    expect([...scene.anthropic.requests, ...scene.foundry.requests]).toEqual([]);
  }

  it('is answered by the local model', async () => {
    const reply = await askMarked({});
    expect(reply).toMatchObject({ status: 200, litellm: { 'model-id': 'lm-studio:anthropic-local' } });
  });

  it.each(others)('is refused for %s, and no cloud hears of it', async (model) => {
    const reply = await askMarked({}, model);
    expect(reply.status).toBe(400);
    expect(reply.body).toContain('never leaves this network');
    expectNoCloud();
  });

  it.each([{ api_base: 'http://192.0.2.7' }, { user_config: { model_list: [] } }, { base_url: 'http://192.0.2.7' }])(
    'is refused with an address in its body: %o',
    async (body) => {
      expect((await askMarked(body)).status).toBe(401);
      expectNoCloud();
    },
  );

  it.each(bodies)('stays here in the other protocol, too: %o', async (body) => {
    await scene.stopLmStudio();
    const response = await fetch(`${scene.gateway.url}/v1/chat/completions`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', authorization: `Bearer ${scene.gateway.key}`, ...mark },
      body: JSON.stringify({ model: 'anthropic-local', messages: [{ role: 'user', content: 'hello' }], ...body }),
    });
    await scene.startLmStudio();
    expect(response.status).toBeGreaterThanOrEqual(400);
    expectNoCloud();
  });

  describe.each([false, true])('streamed: %s', (stream) => {
    it.each(faultsBeforeTheAnswer)('stays here after %s, whatever fallbacks it names', async (_, fault) => {
      scene.lmStudio.settings.faults.push(fault);
      for (const body of bodies) {
        const reply = await askMarked({ ...body, stream });
        expect(reply.text).toBe('');
        expect(reply.error).toMatch(/\w/);
      }
      expectNoCloud();
    });

    it.each([
      ['half an answer', halfAnswer],
      ['an answer without words', emptyAnswer],
      ['no answer', noAnswer],
      ['an error in the stream', errorEvent('n_keep: 9>= n_ctx: 8', false)],
      ['a cut', { on: 'generation', does: 'die', afterEvents: 4 } as const],
    ])('stays here after %s', async (_, fault) => {
      scene.lmStudio.settings.faults.push(fault);
      for (const body of bodies) expect((await askMarked({ ...body, stream })).error).toMatch(/\w/);
      expectNoCloud();
    });

    it.each(['n_keep', 'overflows', 'exceed_context_size'] as const)(
      'stays here when it is too long (%s)',
      async (overflowWording) => {
        Object.assign(scene.lmStudio.settings, { overflowWording });
        for (const body of bodies) {
          const reply = await askMarked({ ...body, stream }, 'anthropic-local', 'x'.repeat(4 * 70_000));
          expect(reply.error).toMatch(/^prompt is too long: /);
        }
        expectNoCloud();
      },
    );

    it('stays here when LM Studio has no Messages API, refuses connections or is switched off', async () => {
      Object.assign(scene.lmStudio.settings, { messagesEndpoint: false });
      for (const body of bodies) expect((await askMarked({ ...body, stream })).error).toMatch(/^LM Studio has no/);
      await scene.stopLmStudio();
      for (const body of bodies) expect((await askMarked({ ...body, stream })).error).toMatch(/cannot be reached/);
      await scene.startLmStudio();
      await scene.wire.switchOff();
      for (const body of bodies) expect((await askMarked({ ...body, stream })).error).toMatch(/no answer within/);
      await scene.wire.switchOn();
      expectNoCloud();
    });
  });
});

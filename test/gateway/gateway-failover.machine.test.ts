import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { AnswersInput } from '../../src/answers/schema.ts';
import type { Fault } from '../machine/stand-ins/fault.ts';
import { ask, claudeRequest } from './messages-client.ts';
import { type Scene, setScene } from './scene.ts';

const cloudIds = ['claude-api:claude-haiku-4-5', 'foundry:claude-haiku-4-5'];

/** What may go wrong before LM Studio's first word, streamed or not. */
const faults: readonly (readonly [string, Fault])[] = [
  ['500', { on: 'generation', does: 'status', status: 500 }],
  ['429', { on: 'generation', does: 'status', status: 429 }],
  ['401', { on: 'generation', does: 'status', status: 401 }],
  ['404', { on: 'generation', does: 'status', status: 404 }],
  ['a cut connection', { on: 'generation', does: 'disconnect' }],
  ['silence', { on: 'generation', does: 'silence' }],
];
const overflowing = 'x'.repeat(4 * 70_000);

describe('when the local model cannot answer', () => {
  let scene: Scene;
  beforeAll(async () => {
    scene = await setScene({
      change: ({ model_list }) => {
        const local = model_list.filter(({ litellm_params }) => String(litellm_params.model).startsWith('lm_studio/'));
        for (const { litellm_params } of local) Object.assign(litellm_params, { timeout: 2, stream_timeout: 2 });
      },
    });
  });
  afterAll(() => scene?.close());
  beforeEach(() => scene.reset());

  describe.each([false, true])('streamed: %s', (stream) => {
    it.each(faults)('the cloud takes over after %s, once, and the next request is local again', async (_, fault) => {
      scene.lmStudio.settings.faults.push({ ...fault, times: 1 });
      const reply = await ask(scene.gateway, claudeRequest('local', 'hello', { stream }));
      expect(reply).toMatchObject({ status: 200, text: expect.stringContaining('on the Claude API') });
      expect(reply.litellm).toMatchObject({ 'attempted-fallbacks': '1', 'model-id': 'claude-api:claude-haiku-4-5' });
      expect(scene.lmStudio.requests).toHaveLength(1);
      expect(scene.anthropic.requests).toHaveLength(1);
      const next = await ask(scene.gateway, claudeRequest('local', 'hello', { stream }));
      expect(next.litellm['model-id']).toBe('lm-studio:local');
    });

    it.each(faults)('anthropic-local says so after %s and asks no cloud', async (_, fault) => {
      scene.lmStudio.settings.faults.push({ ...fault, times: 1 });
      const reply = await ask(scene.gateway, claudeRequest('anthropic-local', 'hello', { stream }));
      expect(reply.status).toBeGreaterThanOrEqual(400);
      expect([...scene.anthropic.requests, ...scene.foundry.requests]).toEqual([]);
    });

    it.each(['n_keep', 'overflows', 'exceed_context_size'] as const)(
      'a prompt that is too long (%s) goes to the cloud',
      async (wording) => {
        scene.lmStudio.settings.overflowWording = wording;
        const reply = await ask(scene.gateway, claudeRequest('local', overflowing, { stream }));
        expect(reply.litellm).toMatchObject({ 'attempted-fallbacks': '1', 'model-id': 'claude-api:claude-haiku-4-5' });
      },
    );

    it.each(['n_keep', 'overflows', 'exceed_context_size'] as const)(
      'without a fallback, a prompt that is too long (%s) is refused in the words that make Claude Code compact',
      async (wording) => {
        scene.lmStudio.settings.overflowWording = wording;
        const reply = await ask(scene.gateway, claudeRequest('anthropic-local', overflowing, { stream }));
        expect(reply.status).toBe(400);
        expect(reply.error).toMatch(/^prompt is too long: 7\d{4} tokens > 65536 maximum$/);
        expect([...scene.anthropic.requests, ...scene.foundry.requests]).toEqual([]);
      },
    );

    it('the cloud takes over at once when connections are refused', async () => {
      await scene.stopLmStudio();
      const replies = [1, 2, 3].map(() => ask(scene.gateway, claudeRequest('local', 'hello', { stream })));
      const strict = await ask(scene.gateway, claudeRequest('anthropic-local', 'hello', { stream }));
      await scene.startLmStudio();
      for (const reply of await Promise.all(replies)) {
        expect(reply.litellm['model-id']).toBe('claude-api:claude-haiku-4-5');
        expect(reply.ms).toBeLessThan(2000);
      }
      expect(strict.error).toMatch(/^LM Studio at http:\/\/[\d.:]+ cannot be reached/);
      expect(scene.anthropic.requests).toHaveLength(3);
    });
  });

  it('an answer that breaks off after its first words is not begun again by somebody else', async () => {
    Object.assign(scene.lmStudio.settings, { pauseMilliseconds: 300 });
    scene.lmStudio.settings.faults.push({ on: 'generation', does: 'die', afterEvents: 9 });
    const reply = await ask(scene.gateway, claudeRequest('local', 'write 100 words', { stream: true }));
    expect(reply.events.at(-1)).toBe('error');
    expect(scene.anthropic.requests).toEqual([]);
  });

  it.each([
    ['no room for a budget', 1024, undefined],
    ['room for a budget', 32_000, 'enabled'],
  ])('Haiku 4.5 gets a request that it takes: %s', async (_, max_tokens, thinking) => {
    scene.lmStudio.settings.faults.push({ on: 'generation', does: 'status', status: 500 });
    const reply = await ask(scene.gateway, claudeRequest('local', 'hello', { max_tokens }));
    expect(reply).toMatchObject({ status: 200, text: expect.stringContaining('claude-haiku-4-5') });
    const body = scene.anthropic.requests[0]?.body as { thinking?: { type: string }; output_config?: unknown };
    expect(body.thinking?.type).toBe(thinking);
    expect(body.output_config).toBeUndefined();
  });
});

describe('a machine that is switched off', () => {
  let scene: Scene;
  beforeAll(async () => {
    scene = await setScene({ address: ({ silent }) => `http://${silent}:1234` });
    await ask(scene.gateway, claudeRequest('claude-fable-5-2'));
  });
  afterAll(() => scene?.close());

  it.each([false, true])('costs about three seconds, then the cloud answers (streamed: %s)', async (stream) => {
    const reply = await ask(scene.gateway, claudeRequest('local', 'hello', { stream }));
    expect(cloudIds).toContain(reply.litellm['model-id']);
    expect(reply.ms).toBeGreaterThan(2500);
    expect(reply.ms).toBeLessThan(6000);
  });

  it('is named when there is no fallback', async () => {
    const reply = await ask(scene.gateway, claudeRequest('anthropic-local'));
    expect(reply.error).toBe(`LM Studio at http://${scene.wire.silent}:1234 cannot be reached: no answer within 3 s`);
  });
});

describe.each([
  ['an ordinary name', 'claude-haiku-4-5'],
  ['a name that does not say Claude', 'cheap-one'],
])("failover to Foundry's Haiku 4.5 under %s", (_, deployment) => {
  let scene: Scene;
  beforeAll(async () => {
    const answers: Partial<AnswersInput> = {
      cloud: {
        foundry: { resource: 'my-resource', deployments: { haiku: { deployment, model: 'claude-haiku-4-5' } } },
      },
      failover: { allowed: true },
    };
    scene = await setScene({ answers });
    await scene.stopLmStudio();
  });
  afterAll(() => scene?.close());

  it.each([false, true])('takes what Claude Code sends for `local` (streamed: %s)', async (stream) => {
    const reply = await ask(scene.gateway, claudeRequest('local', 'hello', { stream, max_tokens: 32_000 }));
    expect(reply).toMatchObject({ status: 200, text: expect.stringContaining(`${deployment} on Microsoft Foundry`) });
    expect(reply.litellm).toMatchObject({ 'attempted-fallbacks': '1', 'model-id': 'foundry:claude-haiku-4-5' });
  });
});

import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { endless, faultsBeforeTheAnswer, impatient } from './faults.ts';
import { ask, claudeRequest } from './messages-client.ts';
import { type Scene, setScene } from './scene.ts';

const fallback = 'claude-api:claude-haiku-4-5';
const wordings = ['n_keep', 'overflows', 'exceed_context_size'] as const;
const overflowing = 'x'.repeat(4 * 70_000);

let scene: Scene;
afterAll(() => scene?.close());

function cloudRequests(): readonly unknown[] {
  return [...scene.anthropic.requests, ...scene.foundry.requests];
}

/** Milliseconds, and far from what a wrong setting costs (a minute and more). How fast it really is, bench/failover.ts measures. */
const soon = 10_000;

describe('when the local model cannot answer', () => {
  beforeAll(async () => {
    await scene?.close();
    scene = await setScene({ change: impatient });
    await ask(scene.gateway, claudeRequest('claude-haiku'));
  });
  beforeEach(() => scene.reset());

  describe.each([false, true])('streamed: %s', (stream) => {
    it.each(faultsBeforeTheAnswer)(
      'the cloud takes over after %s, once, and the next request is local',
      async (_, fault) => {
        scene.lmStudio.settings.faults.push({ ...fault, times: 1 });
        const reply = await ask(scene.gateway, claudeRequest('local', 'hello', { stream }));
        expect(reply).toMatchObject({ status: 200, text: expect.stringContaining('on the Claude API') });
        expect(reply.litellm).toMatchObject({ 'attempted-fallbacks': '1', 'model-id': fallback });
        if (fault !== endless) expect(reply.ms).toBeLessThan(soon);
        expect(scene.lmStudio.requests).toHaveLength(1);
        expect(scene.anthropic.requests).toHaveLength(1);
        const next = await ask(scene.gateway, claudeRequest('local', 'hello', { stream }));
        expect(next.litellm['model-id']).toBe('lm-studio:local');
      },
    );

    it.each(faultsBeforeTheAnswer)('local-only says so after %s and asks no cloud', async (_, fault) => {
      scene.lmStudio.settings.faults.push({ ...fault, times: 1 });
      const reply = await ask(scene.gateway, claudeRequest('local-only', 'hello', { stream }));
      expect(reply.status).toBeGreaterThanOrEqual(400);
      expect(reply.error).toMatch(/\w/);
      expect(cloudRequests()).toEqual([]);
    });

    it('the cloud takes over at once when connections are refused, and is left as soon as they are not', async () => {
      await scene.stopLmStudio();
      const replies = [1, 2, 3].map(() => ask(scene.gateway, claudeRequest('local', 'hello', { stream })));
      const strict = await ask(scene.gateway, claudeRequest('local-only', 'hello', { stream }));
      const answered = await Promise.all(replies);
      await scene.startLmStudio();
      for (const reply of answered) {
        expect(reply.litellm['model-id']).toBe(fallback);
        expect(reply.ms).toBeLessThan(soon);
      }
      expect(strict.error).toMatch(/^the local server at http:\/\/[\d.:]+ cannot be reached/);
      expect(scene.anthropic.requests).toHaveLength(3);
      const next = await ask(scene.gateway, claudeRequest('local', 'hello', { stream }));
      expect(next.litellm['model-id']).toBe('lm-studio:local');
    });

    it.each([{ messagesEndpoint: false }, { generation: 'v0' as const }])(
      'an LM Studio without the Messages API (%o) is named, and the cloud takes over',
      async (old) => {
        Object.assign(scene.lmStudio.settings, old);
        const strict = await ask(scene.gateway, claudeRequest('local-only', 'hello', { stream }));
        expect(strict).toMatchObject({
          status: 502,
          error: expect.stringMatching(/^the local server has no Messages API/),
        });
        const reply = await ask(scene.gateway, claudeRequest('local', 'hello', { stream }));
        expect(reply.litellm['model-id']).toBe(fallback);
      },
    );
  });

  describe('a long time before the first byte', () => {
    it.each([false, true])('is waited for below the threshold (streamed: %s)', async (stream) => {
      Object.assign(scene.lmStudio.settings, { prefillMilliseconds: 1200 });
      const reply = await ask(scene.gateway, claudeRequest('local', 'hello', { stream }));
      expect(reply.litellm['model-id']).toBe('lm-studio:local');
      expect(reply.ms).toBeGreaterThan(1100);
    });

    it.each([false, true])('ends at the threshold and the cloud answers (streamed: %s)', async (stream) => {
      Object.assign(scene.lmStudio.settings, { prefillMilliseconds: 8000 });
      const reply = await ask(scene.gateway, claudeRequest('local', 'hello', { stream }));
      expect(reply.litellm['model-id']).toBe(fallback);
      expect(reply.ms).toBeLessThan(7900);
    });

    it.each([false, true])(
      'ends when the client leaves, and no cloud takes over then (streamed: %s)',
      async (stream) => {
        Object.assign(scene.lmStudio.settings, { prefillMilliseconds: 8000 });
        const left = ask(scene.gateway, claudeRequest('local', 'hello', { stream }), undefined, {}, 700);
        await expect(left).rejects.toThrow(/timeout/);
        await sleep(500);
        expect(scene.lmStudio.requests.map(({ answer }) => answer.cut)).toEqual([true]);
        await sleep(2500);
        expect(cloudRequests()).toEqual([]);
      },
    );

    it('is as long as LM Studio likes while it sends pings, and the client gets them', async () => {
      Object.assign(scene.lmStudio.settings, { prefillMilliseconds: 5000, pingMilliseconds: 500 });
      const reply = await ask(scene.gateway, claudeRequest('local', 'hello', { stream: true }));
      expect(reply.litellm['model-id']).toBe('lm-studio:local');
      expect(reply.events.filter((event) => event === 'ping').length).toBeGreaterThanOrEqual(8);
      expect(reply.firstByteMs).toBeLessThan(4500);
    });
  });
});

describe.each(['compact', 'cloud'] as const)('a prompt that is too long, where the choice is: %s', (overflow) => {
  beforeAll(async () => {
    await scene?.close();
    const anthropic = { models: { haiku: 'claude-haiku-4-5' } };
    scene = await setScene({ answers: { cloud: { anthropic }, failover: { allowed: true, overflow } } });
    // The gateway's own first request takes it a second, wherever it goes.
    await ask(scene.gateway, claudeRequest('claude-haiku'));
  });
  beforeEach(() => scene.reset());

  const cases = wordings.flatMap((wording) => [false, true].map((stream) => [wording, stream] as const));

  it.each(cases)('on `local` (%s, streamed: %s)', async (wording, stream) => {
    scene.lmStudio.settings.overflowWording = wording;
    const reply = await ask(scene.gateway, claudeRequest('local', overflowing, { stream }));
    if (overflow === 'cloud') {
      expect(reply.litellm).toMatchObject({ 'attempted-fallbacks': '1', 'model-id': fallback });
    } else {
      expect(reply.status).toBe(400);
      expect(reply.error).toMatch(/^prompt is too long: 7\d{4} tokens > 65536 maximum$/);
    }
    expect(reply.ms).toBeLessThan(soon);
    expect(cloudRequests()).toHaveLength(overflow === 'cloud' ? 1 : 0);
  });

  it.each(cases)('on `local-only` (%s, streamed: %s) it is always refused in those words', async (wording, stream) => {
    scene.lmStudio.settings.overflowWording = wording;
    const reply = await ask(scene.gateway, claudeRequest('local-only', overflowing, { stream }));
    expect(reply.status).toBe(400);
    expect(reply.error).toMatch(/^prompt is too long: 7\d{4} tokens > 65536 maximum$/);
    expect(cloudRequests()).toEqual([]);
  });

  it.each([false, true])('another failure goes to the cloud all the same (streamed: %s)', async (stream) => {
    scene.lmStudio.settings.faults.push({ on: 'generation', does: 'status', status: 500, times: 1 });
    const reply = await ask(scene.gateway, claudeRequest('local', 'hello', { stream }));
    expect(reply.litellm['model-id']).toBe(fallback);
  });
});

// With the gateway of the last choice above: what it does here does not depend on that.
describe('a machine that is switched off', () => {
  beforeEach(() => scene.reset());

  it.each([
    ['the first request for it', false],
    ['a later one', false],
    ['a streamed one', true],
  ])('costs a moment, then the cloud answers: %s', async (_, stream) => {
    await scene.wire.switchOff();
    const reply = await ask(scene.gateway, claudeRequest('local', 'hello', { stream }));
    await scene.wire.switchOn();
    expect(reply.litellm['model-id']).toBe(fallback);
    expect(reply.ms).toBeGreaterThan(1400);
    expect(reply.ms).toBeLessThan(soon);
    expect(scene.lmStudio.requests).toEqual([]);
  });

  it('is used again within five seconds of its return, although answers came from elsewhere meanwhile', async () => {
    await scene.wire.switchOff();
    await Promise.all([1, 2, 3].map(() => ask(scene.gateway, claudeRequest('local'))));
    await scene.wire.switchOn();
    await sleep(4000);
    const reply = await ask(scene.gateway, claudeRequest('local'));
    expect(reply.litellm['model-id']).toBe('lm-studio:local');
  });

  it('is named when there is no fallback', async () => {
    await scene.wire.switchOff();
    const reply = await ask(scene.gateway, claudeRequest('local-only'));
    await scene.wire.switchOn();
    expect(reply.error).toMatch(/^the local server at http:\/\/[\d.:]+ cannot be reached: no answer within 1\.5 s$/);
  });
});

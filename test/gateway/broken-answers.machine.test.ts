import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { Fault } from '../machine/stand-ins/fault.ts';
import { emptyAnswer, errorEvent, halfAnswer, headlessAnswer, noAnswer } from './half-answers.ts';
import { ask, claudeRequest } from './messages-client.ts';
import { type Scene, setScene } from './scene.ts';

const fallback = 'claude-api:claude-haiku-4-5';
const cut: Fault = { on: 'generation', does: 'die', afterEvents: 9 };
const overflow = '(n_keep: 70057>= n_ctx: 65536)';

let scene: Scene;
afterAll(() => scene?.close());

function open(overflowTo: 'compact' | 'cloud'): () => Promise<void> {
  return async () => {
    await scene?.close();
    const anthropic = { models: { haiku: 'claude-haiku-4-5' } };
    const answers = { cloud: { anthropic }, failover: { allowed: true, overflow: overflowTo } };
    scene = await setScene({ answers });
    await ask(scene.gateway, claudeRequest('claude-haiku'));
  };
}

async function askAfter(fault: Fault, model: string, stream: boolean): ReturnType<typeof ask> {
  scene.lmStudio.settings.faults.push({ ...fault, times: 1 });
  return ask(scene.gateway, claudeRequest(model, 'write 100 words', { stream }));
}

describe('an answer that does not come to its end', () => {
  beforeAll(open('compact'));
  beforeEach(() => {
    scene.reset();
    Object.assign(scene.lmStudio.settings, { pauseMilliseconds: 50 });
  });

  it.each([
    ['cut off', cut],
    ['ended in good order', halfAnswer],
  ])('after its first words (%s) is an error, and nobody begins it again', async (_, fault) => {
    for (const model of ['local', 'local-only']) {
      const reply = await askAfter(fault, model, true);
      expect(reply.events.at(-1)).toBe('error');
      expect(reply.events).not.toContain('message_stop');
      expect(reply.text).not.toBe('');
    }
    expect(scene.anthropic.requests).toEqual([]);
  });

  it.each([
    ['at once', noAnswer, true],
    ['after its first events', emptyAnswer, true],
    ['in the middle of an answer that is given whole', cut, false],
    ['as a stream that was not asked for', halfAnswer, false],
  ])('before its first words (%s) is begun again by the fallback', async (_, fault, stream) => {
    expect((await askAfter(fault, 'local', stream)).litellm['model-id']).toBe(fallback);
    const strict = await askAfter(fault, 'local-only', stream);
    expect(strict.text).toBe('');
    expect(strict.error).toMatch(/\w/);
  });

  it.each([true, false])('says so in its own words where LM Studio does (typed: %s)', async (typed) => {
    const strict = await askAfter(errorEvent('the engine crashed', typed), 'local-only', true);
    expect(strict.error).toContain('the engine crashed');
    expect((await askAfter(errorEvent('the engine crashed', typed), 'local', true)).litellm['model-id']).toBe(fallback);
  });

  it.each([true, false])('an overflow that is told as an event makes the client compact (typed: %s)', async (typed) => {
    for (const model of ['local', 'local-only']) {
      const reply = await askAfter(errorEvent(overflow, typed), model, true);
      expect(reply.error).toBe('prompt is too long: 70057 tokens > 65536 maximum');
      if (!typed || model === 'local') expect(reply.status).toBe(400);
    }
    expect(scene.anthropic.requests).toEqual([]);
  });

  it('that lacks its first event gets one: the client would refuse what is left', async () => {
    const reply = await askAfter(headlessAnswer, 'local-only', true);
    expect(reply.events.slice(0, 2)).toEqual(['message_start', 'content_block_start']);
    expect(reply.events.at(-1)).toBe('message_stop');
    expect(reply.error).toBeUndefined();
  });

  it('a whole one is left alone, however long', async () => {
    scene.lmStudio.settings.pauseMilliseconds = 0;
    const body = claudeRequest('local', 'write 3000 words', { stream: true, max_tokens: 8192 });
    const reply = await ask(scene.gateway, body);
    expect(reply.events.at(-1)).toBe('message_stop');
    expect(reply.text.match(/word/g)).toHaveLength(3000);
  });
});

describe('the same with overflows sent to the cloud', () => {
  beforeAll(open('cloud'));

  it.each([true, false])('an overflow that is told as an event goes there (typed: %s)', async (typed) => {
    expect((await askAfter(errorEvent(overflow, typed), 'local', true)).litellm['model-id']).toBe(fallback);
  });
});

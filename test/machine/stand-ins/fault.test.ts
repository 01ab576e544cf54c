import { randomBytes } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { anthropic } from './anthropic.ts';
import { eventsOf, saying, serve } from './ask.ts';
import { controlListener } from './control.ts';
import type { Fault } from './fault.ts';
import { foundry } from './foundry.ts';
import { lmStudio } from './lm-studio.ts';

const BIG = 'qwen/qwen3.6-35b-a3b';

describe('faults', () => {
  it.each([500, 503, 429])('status %i on demand, as often as asked', async (status) => {
    const standIn = lmStudio({ faults: [{ on: 'generation', does: 'status', status, times: 2 }] });
    const ask = await serve(standIn);
    const statuses = [];
    for (let n = 0; n < 3; n += 1) statuses.push((await ask('/v1/messages', { body: saying(BIG, 'hi') })).status);
    expect(statuses).toEqual([status, status, 200]);
    expect(standIn.requests.map((request) => request.answer.fault)).toEqual(['status', 'status', undefined]);
  });

  it.each([
    [{ on: 'models', does: 'malformed' }, 200, '{"data": [{"id": "cut-of'],
    [{ on: 'models', does: 'html' }, 200, '<!doctype html>'],
    [{ on: 'any', does: 'empty' }, 200, ''],
    [{ on: 'models', does: 'status', status: 502, body: 'Bad Gateway' }, 502, 'Bad Gateway'],
    [{ on: 'models', does: 'status', status: 503 }, 503, '{"error":"status 503 on demand"}'],
  ] as [Fault, number, string][])('the list meets %j', async (fault, status, beginning) => {
    const ask = await serve(lmStudio({ faults: [fault] }));
    const answer = await ask('/api/v1/models');
    expect([answer.status, answer.text.slice(0, beginning.length)]).toEqual([status, beginning]);
  });

  it('strikes only where it is meant to', async () => {
    const ask = await serve(lmStudio({ faults: [{ on: 'generation', does: 'disconnect' }] }));
    expect((await ask('/api/v1/models')).status).toBe(200);
    await expect(ask('/v1/messages', { body: saying(BIG, 'hi') })).rejects.toThrow();
  });

  it('an empty list is a setting', async () => {
    const ask = await serve(lmStudio({ models: [] }));
    expect((await ask('/api/v1/models')).json).toEqual({ models: [] });
  });

  it('is silent for good, or for a while', async () => {
    const standIn = lmStudio({ faults: [{ on: 'models', does: 'silence' }] });
    const ask = await serve(standIn);
    await expect(ask('/v1/models', { timeout: 150 })).rejects.toThrow(/timeout/);
    await expect.poll(() => standIn.requests[0]?.answer).toMatchObject({ status: 0, fault: 'silence', cut: true });
    standIn.settings.faults = [{ on: 'models', does: 'silence', milliseconds: 100 }];
    expect((await ask('/v1/models')).status).toBe(200);
  });

  it('dies in the middle of a stream, and of a plain answer', async () => {
    const standIn = lmStudio({ faults: [{ on: 'generation', does: 'die', afterEvents: 4 }] });
    const ask = await serve(standIn);
    const body = saying(BIG, 'write 200 words');
    const response = await fetch(`${ask.url}/v1/messages`, {
      method: 'POST',
      body: JSON.stringify({ ...body, stream: true }),
    });
    const seen: string[] = [];
    await expect(
      (async () => {
        for await (const chunk of response.body ?? []) seen.push(Buffer.from(chunk).toString());
      })(),
    ).rejects.toThrow();
    expect(eventsOf(seen.join(''))).toHaveLength(4);
    await expect(ask('/v1/messages', { body })).rejects.toThrow();
    expect(standIn.requests.map((request) => request.answer.cut)).toEqual([true, true]);
  });

  it('trickles a list', async () => {
    const ask = await serve(lmStudio({ faults: [{ on: 'models', does: 'trickle', milliseconds: 20 }] }));
    const started = Date.now();
    expect((await ask('/v1/models')).rows('data')).toHaveLength(4);
    expect(Date.now() - started).toBeGreaterThan(150);
  });
});

describe('the control listener', () => {
  it('sets faults and settings, reads and empties the log, and resets', async () => {
    const standIn = lmStudio();
    const ask = await serve(standIn);
    const control = await serve({ handle: controlListener([standIn]) });
    expect((await control('/')).json).toEqual({ standIns: ['lm-studio'] });
    await control('/lm-studio/faults', { body: { on: 'models', does: 'status', status: 503, times: 1 } });
    expect((await ask('/v1/models')).status).toBe(503);
    await control('/lm-studio/settings', { method: 'PATCH', body: { generation: 'v0' } });
    expect((await ask('/api/v1/models')).at('error')).toContain('Unexpected endpoint');
    expect((await control('/lm-studio/requests')).json).toMatchObject([
      { sequence: 1, method: 'GET', path: '/v1/models', answer: { status: 503 } },
      { sequence: 2, path: '/api/v1/models' },
    ]);
    expect((await control('/lm-studio/requests', { method: 'DELETE' })).json).toEqual([]);
    expect(standIn.requests).toEqual([]);
    expect((await control('/lm-studio/reset', { method: 'POST' })).at('generation')).toBe('v1');
  });

  it.each([
    ['/nobody/requests', 'GET', undefined, 404, 'no stand-in is named nobody'],
    ['/foundry/wishes', 'GET', undefined, 404, 'no GET wishes here'],
    ['/foundry/settings', 'PATCH', { keyz: {} }, 400, 'foundry has no setting keyz'],
    ['/foundry/settings', 'PATCH', [], 400, 'expected a JSON object'],
  ])('refuses %s %s %j', async (path, method, body, status, error) => {
    const control = await serve({ handle: controlListener([foundry()]) });
    const answer = await control(path, { method, body });
    expect([answer.status, answer.json]).toEqual([status, { error }]);
  });
});

describe('the request log', () => {
  it('keeps no credential, whatever header it came in', async () => {
    const secret = `canary-${randomBytes(16).toString('hex')}`;
    const standIns = [lmStudio(), anthropic(), foundry()];
    const headers = {
      authorization: `Bearer ${secret}`,
      'x-api-key': secret,
      'api-key': secret,
      cookie: `session=${secret}`,
      'proxy-authorization': secret,
    };
    for (const standIn of standIns) {
      const ask = await serve(standIn);
      await ask('/v1/messages', { headers, body: saying(BIG, 'hi') });
      expect(standIn.requests[0]?.credentials).toHaveLength(5);
    }
    expect(JSON.stringify(standIns.map((standIn) => standIn.requests))).not.toContain(secret);
  });

  it('returns to the beginning with its stand-in', async () => {
    const standIn = lmStudio({ contextLength: 50_000 });
    const ask = await serve(standIn);
    await ask('/api/v1/models/unload', { body: { instance_id: BIG } });
    standIn.settings.strictTemplate = true;
    standIn.reset();
    expect(standIn.requests).toEqual([]);
    expect(standIn.settings.strictTemplate).toBe(false);
    expect(standIn.settings.models[0]?.loaded_instances).toMatchObject([{ config: { context_length: 50_000 } }]);
  });
});

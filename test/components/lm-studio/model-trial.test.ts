import { describe, expect, it } from 'vitest';
import { probeModel } from '../../../src/components/lm-studio/model-trial.ts';
import { Secret } from '../../../src/host/secret.ts';
import { lmStudio } from '../../machine/stand-ins/lm-studio.ts';
import { closedAddress } from '../../machine/stand-ins/stand-in.ts';
import { recordingProbe, serve, serveListener } from '../../services/loopback.ts';

const model = 'qwen/qwen3.6-35b-a3b';

describe('trying a model', () => {
  it('a good one answers, streams, calls tools, two at once, and takes a late system message', async () => {
    const card = await probeModel(recordingProbe(), await serve(lmStudio()), model);
    expect(card).toEqual({
      answers: 'yes',
      streaming: 'yes',
      toolCall: 'yes',
      parallelCalls: 'yes',
      lateSystemTurn: 'yes',
      images: 'no',
      longResult: 'yes',
      hardSchema: 'no',
      serverTools: 'no',
      ms: expect.any(Number),
    });
  });

  it("with Qwen's template only the late system message fails", async () => {
    const card = await probeModel(recordingProbe(), await serve(lmStudio({ strictTemplate: true })), model);
    expect(card).toMatchObject({
      answers: 'yes',
      streaming: 'yes',
      toolCall: 'yes',
      parallelCalls: 'yes',
      lateSystemTurn: 'no',
    });
  });

  it('an older server without grammars, and one that takes everything', async () => {
    const older = await probeModel(recordingProbe(), await serve(lmStudio({ grammar: false })), model);
    expect(older).toMatchObject({ images: 'no', longResult: 'yes', hardSchema: 'yes', serverTools: 'no' });
    const all = await probeModel(recordingProbe(), await serve(lmStudio({ strictContent: false })), model);
    expect(all).toMatchObject({ images: 'yes', longResult: 'yes', hardSchema: 'yes', serverTools: 'yes' });
  });

  it('one that writes its tool call as text has not called a tool', async () => {
    const said = { type: 'message', role: 'assistant', content: [{ type: 'text', text: '{"name":"get_weather"}' }] };
    const address = await serveListener((_, response) => response.end(JSON.stringify(said)));
    expect(await probeModel(recordingProbe(), address, model)).toMatchObject({
      answers: 'yes',
      streaming: 'no',
      toolCall: 'no',
      parallelCalls: 'not tried',
      lateSystemTurn: 'yes',
    });
  });

  it('one call where two were asked for is no parallel call', async () => {
    const call = { type: 'tool_use', id: 't', name: 'get_weather', input: { city: 'Oslo' } };
    const said = { type: 'message', role: 'assistant', content: [call] };
    const address = await serveListener((_, response) => response.end(JSON.stringify(said)));
    expect(await probeModel(recordingProbe(), address, model)).toMatchObject({ toolCall: 'yes', parallelCalls: 'no' });
  });

  it('a call with arguments that the tool does not have is no call', async () => {
    const call = { type: 'tool_use', id: 't', name: 'get_weather', input: { town: 'Oslo' } };
    const said = { type: 'message', role: 'assistant', content: [call] };
    const address = await serveListener((_, response) => response.end(JSON.stringify(said)));
    expect(await probeModel(recordingProbe(), address, model)).toMatchObject({ toolCall: 'no' });
  });

  it('a stream that breaks off in the middle does not count, and the rest is still tried', async () => {
    const standIn = lmStudio();
    const address = await serve(standIn);
    let asked = 0;
    const { http } = recordingProbe();
    const card = await probeModel(
      {
        http: (request) => {
          asked += 1;
          standIn.settings.faults = asked === 2 ? [{ on: 'generation', does: 'die', afterEvents: 2 }] : [];
          return http(request);
        },
      },
      address,
      model,
    );
    expect(card).toMatchObject({ answers: 'yes', streaming: 'not tried', toolCall: 'yes' });
  });
});

describe('a model that does not answer', () => {
  it.each([
    ['a window of 10 tokens', { contextLength: 1 }, 'context-window-small'],
    ['the same in older words', { contextLength: 1, overflowWording: 'overflows' as const }, 'context-window-small'],
    [
      'the same as an object',
      { contextLength: 1, overflowWording: 'exceed_context_size' as const },
      'context-window-small',
    ],
    ['no Messages endpoint', { messagesEndpoint: false }, 'local-server-too-old'],
    ['nothing loaded', { models: [], loadOnDemand: false }, 'local-model-not-loaded'],
    ['another model', { models: [] }, 'local-model-missing'],
    ['authentication', { tokens: ['sk-lm-x'] }, 'local-token-missing'],
    ['a fault', { faults: [{ on: 'generation', does: 'status', status: 500 }] as const }, 'local-server-fault'],
  ])('%s', async (_, settings, code) => {
    const address = await serve(lmStudio(structuredClone(settings) as Parameters<typeof lmStudio>[0]));
    const card = await probeModel(recordingProbe(), address, model);
    expect(card).toMatchObject({ answers: 'no', streaming: 'not tried', problem: { code } });
  });

  it('one question is enough to know, and its token is used', async () => {
    const probe = recordingProbe();
    const card = await probeModel(
      probe,
      await serve(lmStudio({ tokens: ['sk-lm-a'] })),
      model,
      new Secret('c4n4ry-token'),
    );
    expect(card.problem).toMatchObject({ code: 'local-token-refused' });
    expect(JSON.stringify(card)).not.toContain('c4n4ry');
    expect(probe.sent).toEqual(['POST /v1/messages anthropic-version: 2023-06-01 authorization: Bearer c4n4ry-token']);
  });

  it('a server that is gone', async () => {
    const card = await probeModel(recordingProbe(), await closedAddress(), model);
    expect(card).toMatchObject({ answers: 'no', problem: { code: 'connection-refused' } });
  });

  it('a model that is too slow is told from a machine that is off', async () => {
    const card = await probeModel(
      { http: async () => ({ reached: false, failure: 'timeout', detail: '', ms: 180_000 }) },
      'http://box:1234',
      model,
    );
    expect(card.problem?.problem).toContain('within 180 s');
    expect(card.problem?.problem).not.toContain('firewall');
  });
});

import { randomBytes } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { describe, expect, it } from 'vitest';
import {
  answerText,
  identifyPort,
  listGatewayModels,
  readiness,
  requiresKey,
  sendMessage,
} from '../../../../src/components/gateway/requests/client.ts';
import { Secret } from '../../../../src/host/secret.ts';
import { lmStudio } from '../../../machine/stand-ins/lm-studio.ts';
import { messageBody, messageEvents } from '../../../machine/stand-ins/messages-api.ts';
import { readMessagesPrompt } from '../../../machine/stand-ins/prompt.ts';
import { closedPort, recordingProbe, serve, serveListener, serveRaw, serveRoutes } from '../../../services/loopback.ts';
import { problemIn, valueIn } from '../../../value-in.ts';

const text = `sk-${randomBytes(16).toString('hex')}`;
const key = new Secret(text);
const another = new Secret(`sk-${randomBytes(16).toString('hex')}`);

/** Replies as LiteLLM 1.108.14 without a database was seen to give them. */
const seen = {
  ready: { status: 200, body: { status: 'healthy', db: 'Not connected' } },
  noKey: {
    status: 401,
    body: {
      error: { message: 'Authentication Error, No api key passed in.', type: 'auth_error', param: 'None', code: '401' },
    },
  },
  wrongKey: {
    status: 400,
    body: { error: { message: 'No connected db.', type: 'no_db_connection', param: null, code: '400' } },
  },
  models: {
    status: 200,
    body: {
      object: 'list',
      data: [
        { id: 'local', object: 'model' },
        { id: 'claude-sonnet-5-5', object: 'model' },
      ],
    },
  },
};

/** The gateway as far as these functions see it, living by `text`, or by no key. */
function gateway(withKey = true): Promise<string> {
  return serveListener((request: IncomingMessage, response: ServerResponse) => {
    const given = request.headers.authorization;
    const refused = given === undefined ? seen.noKey : given === `Bearer ${text}` ? undefined : seen.wrongKey;
    const answer = request.url === '/health/readiness' ? seen.ready : ((withKey ? refused : undefined) ?? seen.models);
    response.writeHead(answer.status, { 'content-type': 'application/json' }).end(JSON.stringify(answer.body));
  });
}

const told = (() => {
  const prompt = readMessagesPrompt({ model: 'm', max_tokens: 64, messages: [{ role: 'user', content: 'hi' }] });
  if (typeof prompt === 'string') throw new Error(prompt);
  const reply = { text: 'one two three', toolCalls: [], stop: 'end_turn' as const, outputTokens: 3 };
  return { model: 'm', prompt, reply, pause: 0, cloud: true };
})();
const whole = JSON.stringify(messageBody(told));
const streamed = [...messageEvents(told)].map(({ event, data }) => `event: ${event}\ndata: ${data}\n\n`).join('');

describe('readiness', () => {
  it('needs no key', async () => {
    const probe = recordingProbe();
    expect(await readiness(probe, await gateway())).toEqual({ ready: true, ms: expect.any(Number) });
    expect(probe.sent).toEqual(['GET /health/readiness']);
  });

  it.each([
    ['a stopped gateway', closedPort, 'No gateway runs'],
    [
      'one that is starting',
      () => serveRoutes({ 'GET /health/readiness': { status: 503, body: 'wait' } }),
      'is starting',
    ],
    ['something else', () => serveRoutes({}), 'status 404'],
    ['a port that opens and closes', () => serveRaw((socket) => socket.destroy()), 'does not answer like the gateway'],
  ])('%s is not ready', async (_, start, words) => {
    expect(await readiness(recordingProbe(), await start())).toMatchObject({
      ready: false,
      problem: expect.stringContaining(words),
    });
  });
});

describe('the key', () => {
  it('opens the list of models', async () => {
    expect(valueIn(await listGatewayModels(recordingProbe(), await gateway(), key))).toEqual([
      'local',
      'claude-sonnet-5-5',
    ]);
  });

  it('when wrong is told from any other trouble, and not shown', async () => {
    const found = await listGatewayModels(recordingProbe(), await gateway(), another);
    expect(problemIn(found)).toMatchObject({ problem: expect.stringContaining('does not accept our key') });
    expect(JSON.stringify(found)).not.toContain(another.reveal().slice(0, 10));
  });

  it('is required, or not', async () => {
    expect(valueIn(await requiresKey(recordingProbe(), await gateway()))).toBe(true);
    expect(valueIn(await requiresKey(recordingProbe(), await gateway(false)))).toBe(false);
    expect(problemIn(await requiresKey(recordingProbe(), await closedPort()))).toMatchObject({
      problem: expect.stringContaining('No gateway runs'),
    });
    const broken = await serveRoutes({ 'GET /v1/models': { status: 500, body: 'Internal Server Error' } });
    expect(problemIn(await requiresKey(recordingProbe(), broken))).toMatchObject({
      problem: expect.stringContaining('status 500'),
    });
  });
});

describe('what holds a port', () => {
  it.each([
    ['free', closedPort, key],
    ['ours', gateway, key],
    ['other-litellm', gateway, another],
    ['other-litellm', gateway, undefined],
    ['other-litellm', () => gateway(false), key],
    ['other', () => serve(lmStudio()), key],
    ['other', () => serveRoutes({}), key],
    ['other', () => serveRaw((socket) => socket.end('SSH-2.0-x\r\n')), key],
  ])('%s', async (holder, start, ourKey) => {
    expect(await identifyPort(recordingProbe(), await start(), ourKey)).toBe(holder);
  });

  it('the key is not shown to what does not answer like LiteLLM', async () => {
    const probe = recordingProbe();
    await identifyPort(probe, await serve(lmStudio()), key);
    expect(probe.sent).toEqual(['GET /health/readiness']);
  });
});

describe('a question', () => {
  const by = {
    'x-litellm-model-id': 'claude-api-haiku',
    'x-litellm-model-group': 'claude-haiku-5-5',
    'x-litellm-model-api-base': 'https://api.anthropic.com',
    'x-litellm-attempted-fallbacks': '1',
  };

  it.each([
    ['whole', whole],
    ['streamed', streamed],
  ])('is answered %s, and the headers tell by whom', async (_, body) => {
    const url = await serveRoutes({ 'POST /v1/messages': { body, headers: by } });
    expect(valueIn(await sendMessage(recordingProbe(), url, key, { model: 'local', text: 'hi' }))).toEqual({
      text: 'one two three',
      modelId: 'claude-api-haiku',
      modelGroup: 'claude-haiku-5-5',
      apiBase: 'https://api.anthropic.com',
      attemptedFallbacks: 1,
      ms: expect.any(Number),
    });
  });

  it('no headers: no fallback, and nobody is named', async () => {
    const url = await serveRoutes({ 'POST /v1/messages': { body: whole } });
    expect(valueIn(await sendMessage(recordingProbe(), url, key, { model: 'local', text: 'hi' }))).toEqual({
      text: 'one two three',
      attemptedFallbacks: 0,
      ms: expect.any(Number),
    });
  });

  it('goes as one user turn of the Messages API with the key as Bearer', async () => {
    const bodies: unknown[] = [];
    const url = await serveListener(async (request, response) => {
      const chunks: Buffer[] = [];
      for await (const chunk of request) chunks.push(chunk as Buffer);
      bodies.push(request.headers.authorization, JSON.parse(Buffer.concat(chunks).toString()));
      response.end(whole);
    });
    await sendMessage(recordingProbe(), url, key, { model: 'local', text: 'hi', maxTokens: 5, stream: true });
    expect(bodies).toEqual([
      `Bearer ${text}`,
      { model: 'local', max_tokens: 5, stream: true, messages: [{ role: 'user', content: 'hi' }] },
    ]);
  });

  it.each([
    [
      'the backend is off',
      'container-cannot-reach-server',
      500,
      'litellm.InternalServerError: InternalServerError: Lm_studioException - Cannot connect to host 127.0.0.1:9 ssl:<ssl.SSLContext object at 0x7f> [Connect call failed]\n\nLiteLLM: model group failed',
      `reaches nothing at that model's address, status 500, "Cannot connect to host 127.0.0.1:9 [Connect call failed]"`,
    ],
    [
      'the cloud key is wrong',
      'cloud-key-refused',
      401,
      'litellm.AuthenticationError: AnthropicException - {"type":"error","error":{"type":"authentication_error","message":"invalid x-api-key"}} LiteLLM: model group failed',
      'refuses its key, status 401, "invalid x-api-key"',
    ],
    [
      'the account cannot pay',
      'cloud-cannot-be-paid',
      400,
      'litellm.BadRequestError: AnthropicException - {"error":{"message":"Your credit balance is too low"}}',
      'cannot pay, status 400, "Your credit balance is too low"',
    ],
    [
      'the model is unknown',
      'gateway-model-missing',
      400,
      'anthropic_messages: Invalid model name passed in model=x',
      'does not have that model',
    ],
    ['anything else', 'gateway-request-failed', 500, 'surprise', 'status 500, "surprise"'],
  ])('%s', async (_, code, status, message, words) => {
    const body = { type: 'error', error: { type: 'api_error', message } };
    const url = await serveRoutes({ 'POST /v1/messages': { status, body } });
    const found = await sendMessage(recordingProbe(), url, key, { model: 'local', text: 'hi' });
    expect(problemIn(found)).toEqual({ code, problem: expect.stringContaining(words), fix: expect.any(String) });
  });

  it('that is not answered in time says how long was waited', async () => {
    const url = await serve(lmStudio({ faults: [{ on: 'any', does: 'silence' }] }));
    const found = await sendMessage(recordingProbe(), url, key, { model: 'local', text: 'hi', timeoutMs: 900 });
    expect(problemIn(found)).toMatchObject({ problem: expect.stringContaining('within 1 s') });
  });
});

it('an answer that breaks off is no answer', () => {
  expect(answerText(whole)).toBe('one two three');
  expect(answerText(streamed)).toBe('one two three');
  expect(answerText(streamed.slice(0, streamed.indexOf('event: message_delta')))).toBeUndefined();
  expect(answerText('')).toBeUndefined();
  expect(answerText('{"error":"Unexpected endpoint or method. (POST /v1/messages)"}')).toBeUndefined();
});

import { randomBytes } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { exchangeMessages } from '../../../../src/components/gateway/requests/exchange.ts';
import type { HttpReply, HttpRequest } from '../../../../src/host/host.ts';
import { Secret } from '../../../../src/host/secret.ts';

const url = 'http://127.0.0.1:4000';
const key = new Secret(`sk-${randomBytes(16).toString('hex')}`);
const request = {
  body: { model: 'local' },
  headers: { 'x-claude-routing': 'drill' },
  timeoutMs: 1234,
  aim: 'answer as local',
};
const evidence = { 'x-litellm-model-id': 'lm-studio:local', 'x-litellm-attempted-fallbacks': '1' };

async function came(reply: Partial<HttpReply>) {
  const asked: HttpRequest[] = [];
  const http = async (one: HttpRequest): Promise<HttpReply> => {
    asked.push(one);
    return { reached: true, status: 200, headers: evidence, body: '', ms: 7, ...reply } as HttpReply;
  };
  return { exchange: await exchangeMessages({ http }, url, key, request), asked };
}

const whole = JSON.stringify({
  type: 'message',
  content: [
    { type: 'text', text: 'hi' },
    { type: 'tool_use', name: 'a', input: {} },
    { type: 'tool_use', name: 'b', input: {} },
  ],
  usage: { input_tokens: 12, output_tokens: 3 },
});
const events = (...data: object[]) => data.map((one) => `event: x\ndata: ${JSON.stringify(one)}\n\n`).join('');
const start = { type: 'message_start', message: { usage: { input_tokens: 12, output_tokens: 1 } } };
const end = [{ type: 'message_delta', usage: { output_tokens: 9 } }, { type: 'message_stop' }];
const brokenStream = `${events(start)}event: error\ndata: {"type":"error","error":{"message":"the local server broke off"}}\n\n`;

describe('an exchange with the gateway', () => {
  it('sends the key as a secret, the headers, and waits as long as it was told', async () => {
    const { asked } = await came({ body: whole });
    expect(asked).toHaveLength(1);
    expect(asked[0]).toMatchObject({
      method: 'POST',
      url: `${url}/v1/messages`,
      timeoutMs: 1234,
      json: { model: 'local' },
    });
    expect(asked[0]?.headers?.['x-claude-routing']).toBe('drill');
    expect(asked[0]?.headers?.['authorization']).toBeInstanceOf(Secret);
  });

  it('reads a whole answer: calls, tokens, and who gave it', async () => {
    const { exchange } = await came({ body: whole });
    const usage = { input: 12, output: 3 };
    expect(exchange).toMatchObject({
      whole: true,
      toolCalls: 2,
      usage,
      modelId: 'lm-studio:local',
      attemptedFallbacks: 1,
    });
    expect(exchange.problem).toBeUndefined();
  });

  it('reads a stream, in which later numbers replace earlier ones', async () => {
    const { exchange } = await came({ body: events(start, ...end) });
    expect(exchange).toMatchObject({ whole: true, usage: { input: 12, output: 9 } });
  });

  it.each([
    ['a stream without its end', 200, events(start), undefined],
    ['a stream with an error in it', 200, brokenStream, 'the local server broke off'],
    ['an error and then an end', 200, `${brokenStream}${events(...end)}`, 'the local server broke off'],
    ['an error', 500, '{"error":{"message":"oh"}}', 'oh'],
    [
      'an error within an error',
      500,
      JSON.stringify({ error: { message: 'litellm.X: Y - {"error": {"message": "innermost"}}. LiteLLM: advice' } }),
      'innermost',
    ],
    [
      'two errors within one, the first being the cause',
      400,
      JSON.stringify({
        error: { message: 'X - {"error": "first"} Error doing the fallback: {"error": {"message": "2nd"}}' },
      }),
      'first',
    ],
    ['something else', 200, '<html>', undefined],
  ])('takes for no answer: %s', async (_, status, body, error) => {
    const { exchange } = await came({ status, body });
    expect(exchange).toMatchObject({ whole: false, status, error });
    expect(exchange.problem?.fix).toMatch(/\S/);
  });

  it('says that nothing came', async () => {
    const { exchange } = await came({ reached: false, failure: 'timeout', detail: 'too slow' } as Partial<HttpReply>);
    expect(exchange).toMatchObject({ whole: false, status: undefined, modelId: undefined, error: 'too slow', ms: 7 });
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
  ])('tells what it means: %s', async (_, code, status, message, words) => {
    const body = JSON.stringify({ type: 'error', error: { type: 'api_error', message } });
    const { exchange } = await came({ status, body });
    expect(exchange.problem).toEqual({ code, problem: expect.stringContaining(words), fix: expect.any(String) });
  });

  it('that is not answered in time says how long was waited', async () => {
    const { exchange } = await came({ reached: false, failure: 'timeout', detail: '', ms: 900 });
    expect(exchange.problem).toMatchObject({ code: 'gateway-silent', problem: expect.stringContaining('within 1 s') });
  });

  it.each(['', '{"error":"Unexpected endpoint or method. (POST /v1/messages)"}', events(start, end[0] as object)])(
    'an answer that breaks off, or is none, is not whole: %j',
    async (body) => expect((await came({ body })).exchange.whole).toBe(false),
  );

  it('never repeats the key', async () => {
    const { exchange } = await came({
      status: 401,
      body: JSON.stringify({ error: { message: `no: ${key.reveal()}` } }),
    });
    expect(JSON.stringify(exchange)).not.toContain(key.reveal());
  });
});

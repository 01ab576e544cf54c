import { randomBytes } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { at, eventsOf, saying, serve, TWO_TOOLS, toldBy } from './ask.ts';
import { lmStudio } from './lm-studio.ts';
import type { LmStudioOptions } from './lm-studio-settings.ts';
import { fingerprint } from './request-log.ts';

const BIG = 'qwen/qwen3.6-35b-a3b';
const SMALL = 'openai/gpt-oss-20b';
const ON_DISK = 'google/gemma-3-12b';

describe('the listings', () => {
  it.each([
    ['v1', '/api/v1/models', true],
    ['v1', '/api/v0/models', true],
    ['v1', '/v1/models', true],
    ['v0', '/api/v1/models', false],
    ['v0', '/api/v0/models', true],
    ['v0', '/v1/models', true],
    ['openai', '/api/v1/models', false],
    ['openai', '/api/v0/models', false],
    ['openai', '/v1/models', true],
  ] as const)('generation %s has %s: %s', async (generation, path, there) => {
    const ask = await serve(lmStudio({ generation }));
    const answer = await ask(path);
    expect(answer.status).toBe(200);
    if (there) expect([...answer.rows('models'), ...answer.rows('data')]).toHaveLength(4);
    else expect(answer.json).toEqual({ error: `Unexpected endpoint or method. (GET ${path})` });
  });

  it('says what is loaded, with how much context, and what can use tools', async () => {
    const ask = await serve(lmStudio({ contextLength: 98_304 }));
    const listed = (await ask('/api/v1/models')).rows('models');
    const rows = listed.map((row) => [
      row.key,
      row.type,
      at(row, 'loaded_instances', 0, 'config', 'context_length'),
      at(row, 'capabilities', 'trained_for_tool_use'),
    ]);
    expect(rows).toEqual([
      [BIG, 'llm', 98_304, true],
      [SMALL, 'llm', 16_384, true],
      [ON_DISK, 'llm', undefined, false],
      ['text-embedding-nomic-embed-text-v1.5', 'embedding', undefined, undefined],
    ]);
  });

  it('names the loaded context in the older listing only while loaded', async () => {
    const ask = await serve(lmStudio());
    const data = (await ask('/api/v0/models')).rows('data');
    expect(data[0]).toMatchObject({ state: 'loaded', loaded_context_length: 65_536, capabilities: ['tool_use'] });
    expect(data[2]).toMatchObject({ id: ON_DISK, type: 'vlm', state: 'not-loaded' });
    expect(data[2]).not.toHaveProperty('loaded_context_length');
    expect(data[3]).toMatchObject({ type: 'embeddings' });
  });

  it('lists only what is loaded by id when models are not loaded on demand', async () => {
    const ask = await serve(lmStudio({ loadOnDemand: false }));
    const ids = (await ask('/v1/models')).rows('data').map((row) => row.id);
    expect(ids).toEqual([BIG, SMALL]);
  });

  it.each(['/', '/v1/messages/count_tokens', '/api/version', '/props', '/api/hello'])(
    'answers the unknown path %s with 200 and an error',
    async (path) => {
      const ask = await serve(lmStudio());
      const answer = await ask(path, { method: 'POST', body: {} });
      expect(answer.status).toBe(200);
      expect(answer.json).toEqual({ error: `Unexpected endpoint or method. (POST ${path})` });
    },
  );
});

describe('loading', () => {
  it('loads a second instance of a key that is loaded, and echoes the configuration only when asked', async () => {
    const standIn = lmStudio();
    const ask = await serve(standIn);
    const second = await ask('/api/v1/models/load', { body: { model: BIG, context_length: 131_072 } });
    expect(second.json).toEqual({ type: 'llm', instance_id: `${BIG}:2`, load_time_seconds: 0, status: 'loaded' });
    const third = await ask('/api/v1/models/load', { body: { model: BIG, echo_load_config: true } });
    expect(third.json).toMatchObject({ instance_id: `${BIG}:3`, load_config: { context_length: 4096 } });
    expect(standIn.settings.models[0]?.loaded_instances).toHaveLength(3);
  });

  it('unloads by instance id, and loads again larger', async () => {
    const ask = await serve(lmStudio());
    expect((await ask('/api/v1/models/unload', { body: { instance_id: SMALL } })).json).toEqual({ instance_id: SMALL });
    const loaded = await ask('/api/v1/models/load', { body: { model: SMALL, context_length: 65_536 } });
    expect(loaded.at('instance_id')).toBe(SMALL);
    const models = (await ask('/api/v1/models')).rows('models');
    expect(models[1]?.loaded_instances).toMatchObject([{ id: SMALL, config: { context_length: 65_536 } }]);
  });

  it.each([
    [{ model: 'no/such' }, {}, 404, 'Invalid model identifier "no/such"'],
    [{ model: BIG, context_length: 1e9 }, {}, 500, 'Failed to load model'],
    [{ model: BIG, context_length: -1 }, {}, 400, 'positive integer'],
    [{ model: ON_DISK }, { loadFailure: 'not enough memory' }, 500, 'not enough memory'],
  ])('refuses %j with %j', async (body, options, status, words) => {
    const ask = await serve(lmStudio(options));
    const answer = await ask('/api/v1/models/load', { body });
    expect([answer.status, answer.at('error', 'message')]).toEqual([status, expect.stringContaining(words)]);
  });
});

describe('authentication', () => {
  const token = `sk-lm-${randomBytes(4).toString('hex')}:${randomBytes(10).toString('hex')}`;
  const bearer = (value: string) => ({ authorization: `Bearer ${value}` });

  it.each([
    ['nothing', '/api/v1/models', {}, 401, /^An LM Studio API token is required .* 'Bearer' scheme/],
    ['something else', '/api/v1/models', bearer('22aac52a71bbff'), 401, /^Malformed .*: 22aac52a71…$/],
    ['another token', '/v1/models', bearer('sk-lm-another'), 401, /^Invalid .*: sk-lm-anot…$/],
    ['an x-api-key where Bearer is meant', '/v1/models', { 'x-api-key': token }, 401, /is required/],
  ] as const)('refuses %s', async (_what, path, headers, status, words) => {
    const ask = await serve(lmStudio({ tokens: [token] }));
    const answer = await ask(path, { headers });
    expect(answer.status).toBe(status);
    expect(answer.at('error')).toMatchObject({ code: 'invalid_api_key', message: expect.stringMatching(words) });
  });

  it('takes the token as Bearer, and on the Messages endpoint as x-api-key', async () => {
    const standIn = lmStudio({ tokens: [token] });
    const ask = await serve(standIn);
    expect((await ask('/api/v1/models', { headers: bearer(token) })).status).toBe(200);
    const told = await ask('/v1/messages', { headers: { 'x-api-key': token }, body: saying(BIG, 'hi') });
    expect(told.status).toBe(200);
    expect(standIn.requests.map((request) => request.credentials)).toEqual([
      [{ header: 'authorization', scheme: 'Bearer', fingerprint: fingerprint(token) }],
      [{ header: 'x-api-key', scheme: 'x-api-key', fingerprint: fingerprint(token) }],
    ]);
    expect(JSON.stringify(standIn.requests)).not.toContain(token);
  });

  it('can lack the permission to load', async () => {
    const ask = await serve(lmStudio({ tokens: [token], tokensMayLoad: false }));
    const answer = await ask('/api/v1/models/load', { headers: bearer(token), body: { model: ON_DISK } });
    expect(answer.status).toBe(403);
    expect((await ask('/api/v1/models', { headers: bearer(token) })).status).toBe(200);
  });
});

describe('answers on the Messages endpoint', () => {
  it('names the model and what was said', async () => {
    const standIn = lmStudio();
    const ask = await serve(standIn);
    const answer = await ask('/v1/messages', { body: saying(BIG, 'good morning') });
    expect(answer.json).toMatchObject({
      type: 'message',
      role: 'assistant',
      model: BIG,
      content: [{ type: 'text', text: `I am ${BIG} on LM Studio. You said: good morning` }],
      stop_reason: 'end_turn',
    });
    expect(answer.at('usage', 'input_tokens')).toBeGreaterThan(5);
    expect(standIn.requests[0]?.answer).toMatchObject({ status: 200, kind: 'json', model: BIG });
  });

  it('streams the same, in the order of the Messages API', async () => {
    const ask = await serve(lmStudio());
    const { text, headers } = await ask('/v1/messages', { body: saying(BIG, 'good morning', { stream: true }) });
    expect(headers.get('content-type')).toContain('text/event-stream');
    expect([...new Set(eventsOf(text).map((event) => event.name))]).toEqual([
      'message_start',
      'content_block_start',
      'ping',
      'content_block_delta',
      'content_block_stop',
      'message_delta',
      'message_stop',
    ]);
    expect(toldBy(text).text).toBe(`I am ${BIG} on LM Studio. You said: good morning`);
  });

  it.each([
    ['use the tool Bash', [{ name: 'Bash', input: { command: 'stand-in' } }]],
    ['use the tool Bash with {"command":"ls {a}"} now', [{ name: 'Bash', input: { command: 'ls {a}' } }]],
    ['use the tool Read, then use the tool Bash', [{ name: 'Read', input: { file_path: 'stand-in' } }]],
    [
      'use the tool Read and use the tool Bash in parallel',
      [
        { name: 'Read', input: { file_path: 'stand-in' } },
        { name: 'Bash', input: { command: 'stand-in' } },
      ],
    ],
    ['use the tool Nothing', []],
  ])('%s', async (words, calls) => {
    const ask = await serve(lmStudio());
    const body = saying(BIG, words, { tools: TWO_TOOLS });
    const whole = await ask('/v1/messages', { body });
    const streamed = await ask('/v1/messages', { body: { ...body, stream: true } });
    expect(toldBy(streamed.text).calls).toEqual(calls);
    expect(whole.rows('content').filter((block) => block.type === 'tool_use')).toMatchObject(calls);
    expect(whole.at('stop_reason')).toBe(calls.length > 0 ? 'tool_use' : 'end_turn');
  });

  it('says what the tools said, and makes the second of two calls in the second round', async () => {
    const ask = await serve(lmStudio());
    const round = (words: string) =>
      saying(BIG, '', {
        tools: TWO_TOOLS,
        messages: [
          { role: 'user', content: words },
          { role: 'assistant', content: [{ type: 'tool_use', id: 't1', name: 'Bash', input: {} }] },
          { role: 'user', content: [{ type: 'tool_result', tool_use_id: 't1', content: 'forty-two' }] },
          { role: 'user', content: '<system-reminder>be brief</system-reminder>' },
        ],
      });
    const one = await ask('/v1/messages', { body: round('use the tool Bash') });
    expect(one.at('content', 0, 'text')).toContain('The tools said: forty-two');
    const two = await ask('/v1/messages', { body: round('use the tool Bash, then use the tool Read') });
    expect(two.at('content', 1)).toMatchObject({ type: 'tool_use', name: 'Read' });
  });

  it.each([
    [{ type: 'tool', name: 'Read' }, 'Read'],
    [{ type: 'any' }, 'Bash'],
  ])('obeys tool_choice %j', async (tool_choice, name) => {
    const ask = await serve(lmStudio());
    const answer = await ask('/v1/messages', { body: saying(BIG, 'hi', { tools: TWO_TOOLS, tool_choice }) });
    expect(answer.at('content', 1)).toMatchObject({ type: 'tool_use', name });
  });

  it('stops at max_tokens', async () => {
    const ask = await serve(lmStudio());
    const { json } = await ask('/v1/messages', { body: saying(BIG, 'hi', { max_tokens: 1 }) });
    expect(json).toMatchObject({ content: [{ text: 'I am' }], stop_reason: 'max_tokens' });
  });

  it('does not exist in 0.4.0', async () => {
    const ask = await serve(lmStudio({ messagesEndpoint: false }));
    const { json } = await ask('/v1/messages', { body: saying(BIG, 'hi') });
    expect(json).toEqual({ error: 'Unexpected endpoint or method. (POST /v1/messages)' });
  });
});

describe('answers on the chat completions endpoint', () => {
  const chat = (content: string, more: object = {}) => ({
    model: BIG,
    messages: [{ role: 'user', content }],
    tools: TWO_TOOLS.map((tool) => ({
      type: 'function',
      function: { name: tool.name, parameters: tool.input_schema },
    })),
    ...more,
  });

  it('names the model', async () => {
    const ask = await serve(lmStudio());
    const answer = await ask('/v1/chat/completions', { body: chat('good morning') });
    expect(answer.at('choices', 0)).toMatchObject({
      message: { role: 'assistant', content: `I am ${BIG} on LM Studio. You said: good morning` },
      finish_reason: 'stop',
    });
    expect(answer.at('usage', 'total_tokens')).toBe(
      Number(answer.at('usage', 'prompt_tokens')) + Number(answer.at('usage', 'completion_tokens')),
    );
  });

  it('calls tools', async () => {
    const ask = await serve(lmStudio());
    const answer = await ask('/v1/chat/completions', { body: chat('use the tool Bash with {"command":"ls"}') });
    expect(answer.at('choices', 0, 'finish_reason')).toBe('tool_calls');
    expect(answer.at('choices', 0, 'message', 'tool_calls', 0, 'function')).toEqual({
      name: 'Bash',
      arguments: '{"command":"ls"}',
    });
  });

  it('streams chunks, usage on demand, and the end mark', async () => {
    const ask = await serve(lmStudio());
    const body = chat('use the tool Bash', { stream: true, stream_options: { include_usage: true } });
    const { text } = await ask('/v1/chat/completions', { body });
    expect(text.trimEnd().endsWith('data: [DONE]')).toBe(true);
    const chunks = eventsOf(text).flatMap((event) => event.data ?? []);
    expect(chunks.at(-1)).toMatchObject({ choices: [], usage: { prompt_tokens: expect.any(Number) } });
    const calls = chunks.map((chunk) => at(chunk, 'choices', 0, 'delta', 'tool_calls', 0, 'function', 'arguments'));
    expect(calls.filter((given) => given !== undefined)).toEqual(['', '{"command":"stand-in"}']);
  });
});

describe('refusals', () => {
  const long = 'x'.repeat(4 * 17_000);
  it.each([
    ['n_keep', 'string', /n_keep: \d+>= n_ctx: 16384/],
    ['overflows', 'string', /^Trying to keep the first \d+ tokens when context the overflows/],
    ['exceed_context_size', 'object', /exceeds the available context size \(16384 tokens\)/],
  ] as const)('a prompt that is too long, worded %s', async (overflowWording, kind, words) => {
    const ask = await serve(lmStudio({ overflowWording }));
    for (const path of ['/v1/messages', '/v1/chat/completions']) {
      const answer = await ask(path, { body: saying(SMALL, long) });
      expect([answer.status, typeof answer.at('error')]).toEqual([400, kind]);
      expect(kind === 'object' ? answer.at('error', 'message') : answer.at('error')).toMatch(words);
    }
  });

  it.each([
    ['a top-level system prompt alone', { system: 'be kind' }, ['user'], 200],
    ['a system turn at the beginning', {}, ['system', 'user'], 200],
    ['a system turn after the user', {}, ['user', 'system'], 400],
    ['two system turns', {}, ['system', 'system', 'user'], 400],
    ['a system turn besides a system prompt', { system: 'be kind' }, ['system', 'user'], 400],
  ])('a template like that of Qwen, given %s', async (_what, more, roles, status) => {
    const ask = await serve(lmStudio({ strictTemplate: true }));
    const messages = roles.map((role) => ({ role, content: `a ${role} turn` }));
    const answer = await ask('/v1/messages', { body: saying(BIG, '', { messages, ...more }) });
    expect(answer.status).toBe(status);
    if (status === 400) {
      expect(answer.json).toMatchObject({ type: 'error', error: { type: 'api_error' } });
      expect(answer.at('error', 'message')).toContain('System message must be at the beginning');
    }
  });

  it('takes system turns anywhere without that template', async () => {
    const ask = await serve(lmStudio());
    const messages = ['user', 'system'].map((role) => ({ role, content: 'words' }));
    expect((await ask('/v1/chat/completions', { body: saying(BIG, '', { messages }) })).status).toBe(200);
  });

  it.each([
    [
      'nothing loaded, not on demand',
      { loadOnDemand: false, models: [] },
      BIG,
      404,
      /^No models loaded\. .*'lms load'/,
    ],
    ['something else loaded', { loadOnDemand: false }, ON_DISK, 404, /^Invalid model identifier/],
    ['not downloaded', {}, 'no/such', 404, /^Invalid model identifier "no\/such"/],
    ['on demand, but it cannot', { loadFailure: 'no memory' }, ON_DISK, 500, /no memory/],
  ] as [string, LmStudioOptions, string, number, RegExp][])(
    'a model with %s',
    async (_what, options, model, status, words) => {
      const ask = await serve(lmStudio(options));
      const answer = await ask('/v1/messages', { body: saying(model, 'hi') });
      expect([answer.status, answer.at('error', 'message')]).toEqual([status, expect.stringMatching(words)]);
    },
  );

  it('loads on demand with the default context', async () => {
    const standIn = lmStudio();
    const ask = await serve(standIn);
    expect((await ask('/v1/messages', { body: saying(ON_DISK, 'hi') })).at('model')).toBe(ON_DISK);
    expect(standIn.settings.models[2]?.loaded_instances).toMatchObject([{ config: { context_length: 4096 } }]);
  });

  it.each([
    [{}, 'model: Field required'],
    [{ model: BIG }, 'max_tokens: Field required'],
    [{ model: BIG, max_tokens: 1 }, 'messages: Field required'],
    [{ model: BIG, max_tokens: 1, messages: [] }, 'at least one message'],
  ])('the body %j', async (body, words) => {
    const ask = await serve(lmStudio());
    const answer = await ask('/v1/messages', { body });
    expect([answer.status, answer.at('error', 'message')]).toEqual([400, expect.stringContaining(words)]);
  });
});

describe('slowness', () => {
  it('says nothing while it reads the prompt', async () => {
    const ask = await serve(lmStudio({ prefillMilliseconds: 300 }));
    const body = saying(BIG, 'hi', { stream: true });
    await expect(ask('/v1/messages', { body, timeout: 100 })).rejects.toThrow(/timeout/);
    expect((await ask('/v1/messages', { body })).status).toBe(200);
  });

  it('pings while it reads the prompt, when set so', async () => {
    const ask = await serve(lmStudio({ prefillMilliseconds: 200, pingMilliseconds: 50 }));
    const { text } = await ask('/v1/messages', { body: saying(BIG, 'hi', { stream: true }) });
    const names = eventsOf(text).map((event) => event.name);
    expect(names.slice(0, 6)).toEqual(['message_start', 'ping', 'ping', 'ping', 'ping', 'content_block_start']);
    expect(toldBy(text).text).toContain('You said: hi');
  });

  it('reads at a speed', async () => {
    const ask = await serve(lmStudio({ prefillTokensPerSecond: 10_000 }));
    const started = Date.now();
    await ask('/v1/messages', { body: saying(BIG, 'x'.repeat(16_000)) });
    expect(Date.now() - started).toBeGreaterThan(350);
  });
});

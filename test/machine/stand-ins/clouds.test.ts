import { randomBytes } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { anthropic } from './anthropic.ts';
import { CLAUDE_ERRORS } from './anthropic-errors.ts';
import { at, eventsOf, saying, serve, TWO_TOOLS, toldBy } from './ask.ts';
import { deployment, FOUNDRY_ERRORS, foundry } from './foundry.ts';
import { fingerprint } from './request-log.ts';

const KEY = `sk-ant-${randomBytes(16).toString('hex')}`;
const HEADERS = { 'x-api-key': KEY, 'anthropic-version': '2023-06-01' };
const SONNET = 'claude-sonnet-4-6';

const api = (options: Parameters<typeof anthropic>[0] = {}) => serve(anthropic({ keys: { [KEY]: null }, ...options }));

describe('the model list of the Claude API', () => {
  it('comes newest first, with what each model takes', async () => {
    const ask = await api();
    const answer = await ask('/v1/models?limit=1000', { headers: HEADERS });
    const rows = answer.rows('data');
    expect(answer.json).toMatchObject({ has_more: false, first_id: 'claude-haiku-5-5', last_id: rows.at(-1)?.id });
    expect(rows).toHaveLength(9);
    const dates = rows.map((row) => String(row.created_at));
    expect(dates).toEqual([...dates].sort().reverse());
    const refusing = rows.filter(
      (row) => at(row, 'capabilities', 'thinking', 'types', 'adaptive', 'supported') === false,
    );
    expect(refusing.map((row) => row.id)).toEqual(['claude-haiku-4-5-20251001']);
    expect(rows.at(-1)).toMatchObject({ type: 'model', max_input_tokens: 200_000, max_tokens: 64_000 });
  });

  it('comes in pages, forwards and backwards', async () => {
    const ask = await api();
    const ids: unknown[] = [];
    let after = '';
    for (let more = true; more; ) {
      const page = await ask(`/v1/models?limit=4${after}`, { headers: HEADERS });
      ids.push(...page.rows('data').map((row) => row.id));
      after = `&after_id=${page.at('last_id')}`;
      more = page.at('has_more') === true;
    }
    expect(ids).toHaveLength(9);
    expect(new Set(ids).size).toBe(9);
    const back = await ask(`/v1/models?limit=2&before_id=${ids[4]}`, { headers: HEADERS });
    expect(back.rows('data').map((row) => row.id)).toEqual(ids.slice(2, 4));
    expect(back.at('has_more')).toBe(true);
  });

  it.each([
    ['/v1/models/claude-haiku-4-5', 200, 'claude-haiku-4-5-20251001'],
    ['/v1/models/claude-none', 404, undefined],
  ])('%s', async (path, status, id) => {
    const ask = await api();
    const answer = await ask(path, { headers: HEADERS });
    expect([answer.status, answer.at('id')]).toEqual([status, id]);
  });
});

describe('who gets in', () => {
  it.each([
    ['no credential', {}, 401, 'x-api-key header is required'],
    ['another key', { 'x-api-key': 'sk-ant-other' }, 401, 'invalid x-api-key'],
    ['the key as Bearer', { authorization: `Bearer ${KEY}` }, 401, 'Invalid bearer token'],
  ])('%s', async (_what, headers, status, message) => {
    const ask = await api();
    for (const path of ['/v1/models', '/v1/models?limit=1']) {
      const answer = await ask(path, { headers: { ...headers } });
      expect([answer.status, answer.at('error', 'message')]).toEqual([status, message]);
    }
  });

  it('wants a version', async () => {
    const ask = await api();
    const answer = await ask('/v1/models', { headers: { 'x-api-key': KEY } });
    expect([answer.status, answer.at('error', 'message')]).toEqual([400, 'anthropic-version: header is required']);
  });

  it.each(['GET', 'HEAD', 'POST', 'DELETE'])('%s of another path is 404', async (method) => {
    const ask = await api();
    const answer = await ask('/api/hello', { method });
    expect(answer.status).toBe(404);
    if (method !== 'HEAD') expect(answer.json).toMatchObject({ type: 'error', error: { type: 'not_found_error' } });
  });
});

describe('answers of the Claude API', () => {
  it('stream in the documented order, with usage at both ends', async () => {
    const standIn = anthropic({ keys: { [KEY]: null } });
    const ask = await serve(standIn);
    const body = saying(SONNET, 'good morning', { stream: true });
    const { text, headers } = await ask('/v1/messages?beta=true', { headers: HEADERS, body });
    const events = eventsOf(text);
    expect(events.slice(0, 3).map((event) => event.name)).toEqual(['message_start', 'content_block_start', 'ping']);
    expect(events.slice(-3).map((event) => event.name)).toEqual([
      'content_block_stop',
      'message_delta',
      'message_stop',
    ]);
    expect(at(events[0]?.data, 'message', 'usage')).toMatchObject({
      input_tokens: expect.any(Number),
      output_tokens: 1,
    });
    expect(events.at(-2)?.data).toMatchObject({ delta: { stop_reason: 'end_turn' }, usage: { output_tokens: 16 } });
    expect(toldBy(text).text).toBe(`I am ${SONNET} on the Claude API. You said: good morning`);
    expect(headers.get('request-id')).toMatch(/^req_01/);
    expect(standIn.requests[0]).toMatchObject({
      path: '/v1/messages?beta=true',
      headers: { 'x-api-key': `x-api-key ${fingerprint(KEY)}` },
      answer: { status: 200, kind: 'stream', model: SONNET },
    });
  });

  it('call tools, in parallel too', async () => {
    const ask = await api();
    const body = saying(SONNET, 'use the tool Bash and use the tool Read in parallel', { tools: TWO_TOOLS });
    const answer = await ask('/v1/messages', { headers: HEADERS, body });
    expect(answer.rows('content').map((block) => block.name ?? block.type)).toEqual(['text', 'Bash', 'Read']);
    expect(answer.at('stop_reason')).toBe('tool_use');
  });

  it('follow a JSON schema', async () => {
    const ask = await api();
    const schema = { type: 'object', properties: { title: { type: 'string' } }, required: ['title'] };
    const body = saying('claude-opus-5', 'name it', { output_config: { format: { type: 'json_schema', schema } } });
    const answer = await ask('/v1/messages', { headers: HEADERS, body });
    expect(JSON.parse(String(answer.at('content', 0, 'text')))).toEqual({ title: 'stand-in' });
  });

  it('count tokens', async () => {
    const ask = await api();
    const body = { model: SONNET, messages: [{ role: 'user', content: 'x'.repeat(4000) }] };
    const answer = await ask('/v1/messages/count_tokens', { headers: HEADERS, body });
    expect(answer.at('input_tokens')).toBeGreaterThan(1000);
    expect(answer.at('input_tokens')).toBeLessThan(1020);
  });
});

describe('errors of the Claude API', () => {
  it.each([
    ['invalid_request', 400, 'invalid_request_error'],
    ['credit', 400, 'invalid_request_error'],
    ['spend_limit', 400, 'invalid_request_error'],
    ['authentication', 401, 'authentication_error'],
    ['billing', 402, 'billing_error'],
    ['permission', 403, 'permission_error'],
    ['not_found', 404, 'not_found_error'],
    ['request_too_large', 413, 'request_too_large'],
    ['rate_limit', 429, 'rate_limit_error'],
    ['spend_cap', 429, 'rate_limit_error'],
    ['api', 500, 'api_error'],
    ['timeout', 504, 'timeout_error'],
    ['overloaded', 529, 'overloaded_error'],
  ])('%s, as a fault and as a key’s trouble', async (name, status, type) => {
    const bad = `sk-ant-${randomBytes(8).toString('hex')}`;
    const ask = await api({
      keys: { [KEY]: null, [bad]: name },
      faults: [{ on: 'models', does: 'error', error: name }],
    });
    const list = await ask('/v1/models', { headers: HEADERS });
    const told = await ask('/v1/messages', { headers: { ...HEADERS, 'x-api-key': bad }, body: saying(SONNET, 'hi') });
    for (const answer of [list, told]) {
      expect(answer.status).toBe(status);
      expect(answer.json).toEqual(CLAUDE_ERRORS[name]?.body);
      expect(answer.json).toMatchObject({ type: 'error', error: { type }, request_id: expect.stringMatching(/^req_/) });
      expect(answer.headers.has('retry-after')).toBe(name === 'rate_limit');
    }
  });

  it('covers every error there is', () => {
    expect(Object.keys(CLAUDE_ERRORS)).toHaveLength(14);
  });

  const system = {
    messages: [
      { role: 'user', content: 'a' },
      { role: 'system', content: 'b' },
    ],
  };
  it.each([
    ['claude-haiku-4-5', { thinking: { type: 'adaptive' } }, 400, 'adaptive thinking is not supported on this model'],
    [
      'claude-haiku-4-5',
      { output_config: { effort: 'high' } },
      400,
      'This model does not support the effort parameter.',
    ],
    ['claude-haiku-4-5', system, 400, 'messages: Unexpected role "system".'],
    ['claude-haiku-4-5', { thinking: { type: 'enabled', budget_tokens: 1024 } }, 200, ''],
    [SONNET, { thinking: { type: 'adaptive' }, output_config: { effort: 'high' } }, 200, ''],
    [SONNET, { output_config: { effort: 'xhigh' } }, 400, "does not support effort level 'xhigh'"],
    [SONNET, system, 400, "role 'system' is not supported on this model"],
    ['claude-opus-4-8', system, 200, ''],
    ['claude-sonnet-5-5', { thinking: { type: 'adaptive' }, output_config: { effort: 'xhigh' }, ...system }, 200, ''],
    [
      'claude-opus-5-5',
      { thinking: { type: 'enabled', budget_tokens: 9 } },
      400,
      '"thinking.type.enabled" is not supported',
    ],
    ['claude-haiku-4-5', { max_tokens: 100_000 }, 400, 'max_tokens: 100000 > 64000'],
    ['claude-sonnet', {}, 404, 'model: claude-sonnet'],
    ['local', {}, 404, 'model: local'],
  ])('%s given %j', async (model, more, status, words) => {
    const ask = await api();
    const answer = await ask('/v1/messages', { headers: HEADERS, body: saying(model, 'hi', more) });
    expect([answer.status, answer.at('error', 'message') ?? '']).toEqual([status, expect.stringContaining(words)]);
  });

  it.each([
    [{ maxBytes: 200 }, 413, 'Request exceeds the maximum size'],
    [{}, 400, 'prompt is too long: '],
  ])('a long prompt with %j', async (options, status, words) => {
    const ask = await api(options);
    const body = saying('claude-haiku-4-5', 'x'.repeat(4 * 200_001));
    const answer = await ask('/v1/messages', { headers: HEADERS, body });
    expect([answer.status, answer.at('error', 'message')]).toEqual([status, expect.stringContaining(words)]);
  });
});

describe('Microsoft Foundry', () => {
  const path = '/anthropic/v1/messages';
  const version = { 'anthropic-version': '2023-06-01' };
  const resource = (options: Parameters<typeof foundry>[0] = {}) =>
    serve(foundry({ keys: { [KEY]: null }, ...options }));

  it.each([
    ['api-key', { 'api-key': KEY }, 200],
    ['x-api-key', { 'x-api-key': KEY }, 200],
    ['an Entra token', { authorization: 'Bearer entra-token' }, 200],
    ['the key as Bearer', { authorization: `Bearer ${KEY}` }, 401],
    ['another key', { 'api-key': 'other' }, 401],
    ['nothing', {}, 401],
  ])('with %s', async (_what, headers, status) => {
    const ask = await resource({ entraTokens: ['entra-token'] });
    const answer = await ask(path, { headers: { ...version, ...headers }, body: saying(SONNET, 'hi') });
    expect(answer.status).toBe(status);
    if (status === 200) expect(answer.at('content', 0, 'text')).toContain(`I am ${SONNET} on Microsoft Foundry.`);
    else expect(answer.at('error', 'message')).toMatch(/^Access denied due to invalid subscription key/);
    expect(answer.headers.has('apim-request-id')).toBe(true);
  });

  it.each([
    ['POST', path, saying('gpt-5', 'hi'), 404, 'DeploymentNotFound'],
    ['GET', '/anthropic/v1/models', undefined, 404, '404'],
    ['GET', '/v1/models', undefined, 404, '404'],
    ['POST', '/v1/messages', saying(SONNET, 'hi'), 404, '404'],
    ['POST', '/models/chat/completions', saying(SONNET, 'hi'), 404, 'api_not_supported'],
  ])('%s %s of %j', async (method, where, body, status, code) => {
    const ask = await resource();
    const answer = await ask(where, { method, headers: { ...version, 'api-key': KEY }, body });
    expect([answer.status, answer.at('error', 'code')]).toEqual([status, code]);
  });

  it.each(Object.entries(FOUNDRY_ERRORS))('%s, as a fault and as a key’s trouble', async (name, error) => {
    const bad = randomBytes(16).toString('hex');
    const ask = await resource({
      keys: { [bad]: name },
      faults: [{ on: 'generation', does: 'error', error: name, times: 1 }],
    });
    for (let n = 0; n < 2; n += 1) {
      const answer = await ask(path, { headers: { ...version, 'api-key': bad }, body: saying(SONNET, 'hi') });
      expect([answer.status, answer.json]).toEqual([error.status, error.body]);
      expect([...answer.headers.keys()].filter((header) => /ratelimit|retry/.test(header))).toEqual([]);
    }
  });

  it.each([
    ['work-haiku', { thinking: { type: 'adaptive' } }, 400, 'adaptive thinking is not supported on this model'],
    [
      'strict',
      {
        messages: [
          { role: 'user', content: 'a' },
          { role: 'system', content: 'b' },
        ],
      },
      400,
      "role 'system' is not supported on this model",
    ],
    [
      'claude-opus-4-8',
      {
        messages: [
          { role: 'user', content: 'a' },
          { role: 'system', content: 'b' },
        ],
      },
      200,
      '',
    ],
    ['work-haiku', { stream: true }, 200, ''],
  ])('the deployment %s given %j', async (model, more, status, words) => {
    const deployments = [
      deployment('work-haiku', 'claude-haiku-4-5'),
      deployment('strict', 'claude-opus-4-8', { systemTurns: false }),
      deployment('claude-opus-4-8'),
    ];
    const ask = await resource({ deployments });
    const answer = await ask(path, { headers: { ...version, 'api-key': KEY }, body: saying(model, 'hi', more) });
    expect([answer.status, answer.at('error', 'message') ?? '']).toEqual([status, expect.stringContaining(words)]);
  });

  it('counts tokens', async () => {
    const ask = await resource();
    const answer = await ask(`${path}/count_tokens`, {
      headers: { ...version, 'api-key': KEY },
      body: saying(SONNET, 'hi'),
    });
    expect(answer.json).toEqual({ input_tokens: expect.any(Number) });
  });
});

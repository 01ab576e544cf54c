import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { AnswersInput } from '../../src/config/schema.ts';
import { CLAUDE_ERRORS } from '../machine/stand-ins/anthropic-errors.ts';
import type { Fault } from '../machine/stand-ins/fault.ts';
import { runClaude } from './claude-client.ts';
import { errorEvent, noAnswer } from './half-answers.ts';
import { type Line, loggedLines } from './logged-lines.ts';
import { ask, claudeRequest, type GatewayReply } from './messages-client.ts';
import { type GatewayConfig, type Scene, setScene } from './scene.ts';

const sonnet = 'claude-sonnet-5-5';
const other = 'foundry/claude-sonnet-4-6';
const answers: Partial<AnswersInput> = {
  cloud: {
    anthropic: { models: { sonnet } },
    foundry: {
      resource: 'my-resource',
      deployments: { sonnet: 'claude-sonnet-4-6', haiku: { deployment: 'cheap-one', model: 'claude-haiku-4-5' } },
    },
  },
  failover: { allowed: true, whenCloudFails: ['other-cloud', 'local'] },
};

/** Every try of a fault needs clouds that nobody has seen fail yet. */
const pairs = 55;
/** Clouds that cannot be reached: nobody accepts, nobody listens, there is no route, nobody knows the name. */
const dark = {
  silent: 'http://198.51.100.9:9',
  closed: 'http://127.0.0.1:9',
  unrouted: 'http://203.0.113.9:9',
  unknown: 'http://cloud.invalid:9',
};

function prepare(config: GatewayConfig): void {
  const fallbacks = config.router_settings.fallbacks as Record<string, string[]>[];
  const named = (name: string) => config.model_list.find(({ model_name }) => model_name === name);
  const add = (of: string, name: string, id: string, takers: string[], more: object = {}): void => {
    const model = named(of);
    if (model === undefined) throw new Error(`the configuration does not list ${of}`);
    const litellm_params = { ...model.litellm_params, stream_timeout: 2, timeout: 2, ...more };
    config.model_list.push({ model_name: name, litellm_params, model_info: { ...model.model_info, id } });
    fallbacks.push({ [name]: takers });
  };
  for (let pair = 0; pair < pairs; pair += 1) {
    add(sonnet, `claude-${pair}`, `claude-api-${pair}:${sonnet}`, [`other-${pair}`, 'local-only']);
    add(other, `other-${pair}`, `foundry-${pair}:claude-sonnet-4-6`, [`claude-${pair}`, 'local-only']);
  }
  for (const [name, api_base] of Object.entries(dark))
    add(sonnet, `claude-${name}`, `claude-api-${name}:${sonnet}`, [other, 'local-only'], { api_base });
}

let scene: Scene;
let home: string;
beforeAll(async () => {
  scene = await setScene({ answers, change: prepare });
  home = await mkdtemp(`${tmpdir()}/cloud-failover-`);
  await ask(scene.gateway, plain(sonnet));
});
afterAll(async () => {
  await scene?.close();
  await rm(home, { recursive: true, force: true });
});
beforeEach(() => scene.reset());

let used = 0;
/** The name of a cloud that has not failed yet. */
const fresh = (): string => `claude-${used++}`;

/** A request as Claude Code makes it for its newest models. */
function plain(model: string, more: Record<string, unknown> = {}): Record<string, unknown> {
  return claudeRequest(model, 'hello', { stream: true, ...more });
}

function asked(): Record<'claude' | 'azure' | 'local', number> {
  return {
    claude: scene.anthropic.requests.length,
    azure: scene.foundry.requests.length,
    local: scene.lmStudio.requests.filter(({ method }) => method === 'POST').length,
  };
}

async function logged(): Promise<Line | undefined> {
  await sleep(200);
  return (await loggedLines(scene.gateway)).at(-1);
}

const named = (error: string): Fault => ({ on: 'generation', does: 'error', error });
const status = (code: number, headers: Record<string, string> = {}): Fault => ({
  on: 'generation',
  does: 'status',
  status: code,
  headers,
});

/** The beginning of a stream, behind which nothing comes. */
const head = 'HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\n\r\n';

/** At its limit, for so many seconds. */
const limited = (seconds: number): Fault => {
  const { body, headers } = CLAUDE_ERRORS.rate_limit ?? {};
  return {
    on: 'generation',
    does: 'status',
    status: 429,
    body,
    headers: { ...headers, 'retry-after': String(seconds) },
  };
};

describe('a cloud that fails', () => {
  const faults: readonly (readonly [string, Fault, cause: string])[] = [
    ['429', named('rate_limit'), 'rate-limited'],
    ['529', named('overloaded'), 'server-error'],
    ['500', named('api'), 'server-error'],
    ['503', status(503), 'server-error'],
    ['504', named('timeout'), 'timeout'],
    ['no credit', named('credit'), 'no-credit'],
    ['its spending limit', named('spend_limit'), 'no-credit'],
    ['its monthly limit', named('spend_cap'), 'no-credit'],
    ['no payment', named('billing'), 'no-credit'],
    ['a revoked key', named('authentication'), 'refused-key'],
    ['a key without rights', named('permission'), 'refused-key'],
    ['a cut connection', { on: 'generation', does: 'disconnect' }, 'broken-off'],
    ['silence', { on: 'generation', does: 'silence' }, 'timeout'],
    ['a login page', { on: 'generation', does: 'html' }, 'unreachable'],
    ['a proxy that wants a login', status(407), 'unreachable'],
    ['a page that forbids', { ...status(403), body: '<html><h1>Blocked</h1>' } as Fault, 'unreachable'],
    ['an empty body', { on: 'generation', does: 'empty' }, 'unreachable'],
    ['an overload with status 200', { ...status(200), body: CLAUDE_ERRORS.overloaded?.body } as Fault, 'server-error'],
    ['an error of another shape with status 200', { ...status(200), body: { error: 'no' } } as Fault, 'server-error'],
    ['a reset behind its head', { on: 'generation', does: 'raw', text: head, end: 'reset' }, 'broken-off'],
    ['an old protocol and no word', { on: 'generation', does: 'raw', text: head.replace('1.1', '1.0') }, 'broken-off'],
  ];

  it.each(faults)('%s: the other one answers, and it is left alone for now', async (_, fault, cause) => {
    const name = fresh();
    scene.anthropic.settings.faults.push({ ...fault, times: 1 });
    const reply = await ask(scene.gateway, plain(name));
    expect(reply).toMatchObject({ status: 200, error: undefined });
    expect(reply.text).toContain('on Microsoft Foundry');
    const pair = name.slice('claude-'.length);
    expect(await logged()).toMatchObject({ from: `claude-api-${pair}:${sonnet}`, cause, status: 200, asked: name });
    const next = await ask(scene.gateway, plain(name));
    expect(next.text).toContain('on Microsoft Foundry');
    expect(await logged()).toMatchObject({ from: `claude-api-${pair}:${sonnet}`, cause });
    expect(asked()).toEqual({ claude: 1, azure: 2, local: 0 });
  });

  const alsoWhole = ['429', 'no credit', 'a cut connection', 'silence', 'a login page', 'an overload with status 200'];
  const whole = faults.filter(([what]) => alsoWhole.includes(what));
  it.each(whole)('%s: the same for an answer that is given whole', async (_, fault) => {
    scene.anthropic.settings.faults.push({ ...fault, times: 1 });
    const reply = await ask(scene.gateway, plain(fresh(), { stream: false }));
    expect(reply.text).toContain('on Microsoft Foundry');
    expect(asked()).toEqual({ claude: 1, azure: 1, local: 0 });
  });

  it.each(Object.keys(dark))('%s: the other one answers soon, and the next time at once', async (how) => {
    const reply = await ask(scene.gateway, plain(`claude-${how}`));
    expect(reply.text).toContain('on Microsoft Foundry');
    expect(reply.ms).toBeLessThan(7000);
    const next = await ask(scene.gateway, plain(`claude-${how}`));
    expect(next.text).toContain('on Microsoft Foundry');
    expect(next.ms).toBeLessThan(2000);
    expect(await logged()).toMatchObject({ cause: 'unreachable' });
  });

  it.each([
    ['an overload that a stream begins with', 'overloaded_error'],
    ['an error that a stream begins with', 'api_error'],
  ])('%s', async (_, type) => {
    const name = fresh();
    const event = errorEvent('Overloaded', true) as Extract<Fault, { does: 'status' }>;
    const body = String(event.body).replace('invalid_request_error', type);
    scene.anthropic.settings.faults.push({ ...event, body, times: 1 });
    for (let turn = 0; turn < 2; turn += 1)
      expect((await ask(scene.gateway, plain(name))).text).toContain('on Microsoft Foundry');
    expect(asked()).toEqual({ claude: 1, azure: 2, local: 0 });
  });

  it('a stream that ends before its first word', async () => {
    scene.anthropic.settings.faults.push({ ...noAnswer, times: 1 });
    expect((await ask(scene.gateway, plain(fresh()))).text).toContain('on Microsoft Foundry');
  });

  it('is asked again after the time that it told, by every name of the model', async () => {
    scene.anthropic.settings.faults.push({ ...limited(5), times: 1 });
    const places: string[] = [];
    for (const name of [sonnet, 'claude-sonnet', sonnet]) places.push((await ask(scene.gateway, plain(name))).text);
    for (const text of places) expect(text).toContain('on Microsoft Foundry');
    expect(asked()).toEqual({ claude: 1, azure: 3, local: 0 });
    await sleep(5000);
    expect((await ask(scene.gateway, plain(sonnet))).text).toContain('on the Claude API');
  });

  it.each([true, false])(
    'is not what a cloud does whose client left before the first word (streamed: %s)',
    async (stream) => {
      scene.anthropic.settings.delayMilliseconds = 20_000;
      const gone = new AbortController();
      const { url, key } = scene.gateway;
      const sent = fetch(`${url}/v1/messages`, {
        method: 'POST',
        headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json' },
        body: JSON.stringify(plain(fresh(), { stream })),
        signal: gone.signal,
      }).catch(() => undefined);
      await expect.poll(() => asked().claude).toBe(1);
      gone.abort();
      await sent;
      await expect.poll(() => scene.anthropic.requests[0]?.answer.cut, { timeout: 10_000 }).toBe(true);
      await expect.poll(logged).toMatchObject({ cause: 'cancelled', status: 499, answered: null, from: null });
      expect(asked()).toEqual({ claude: 1, azure: 0, local: 0 });
    },
  );

  it('keeps what is too large for the server in front of it, whose page says so', async () => {
    scene.anthropic.settings.faults.push({ ...status(413), body: '<html>413</html>', times: 1 } as Fault);
    const name = fresh();
    const reply = await ask(scene.gateway, plain(name));
    expect([reply.status, JSON.parse(reply.body).error.type]).toEqual([413, 'request_too_large']);
    expect((await ask(scene.gateway, plain(name))).text).toContain('on the Claude API');
    expect(asked()).toEqual({ claude: 2, azure: 0, local: 0 });
  });

  it.each(['invalid_request', 'not_found', 'request_too_large', 'conflict'])(
    'keeps an error that is the request’s own: %s',
    async (error) => {
      for (const stream of [true, false]) {
        scene.anthropic.settings.faults.push({ ...named(error), times: 1 });
        const reply = await ask(scene.gateway, plain(fresh(), { stream }));
        expect(reply.status).toBe(CLAUDE_ERRORS[error]?.status);
        expect(JSON.parse(reply.body)).toEqual(CLAUDE_ERRORS[error]?.body);
      }
      expect(asked()).toEqual({ claude: 2, azure: 0, local: 0 });
    },
  );
});

describe('when both clouds fail', () => {
  const fail = (): void => {
    scene.anthropic.settings.faults.push(limited(60));
    scene.foundry.settings.faults.push(status(500));
  };

  it.each([true, false])('the local model answers, and both are left alone (streamed: %s)', async (stream) => {
    fail();
    const name = fresh();
    for (let turn = 0; turn < 2; turn += 1) {
      const reply = await ask(scene.gateway, plain(name, { stream, max_tokens: 128_000 }));
      expect(reply).toMatchObject({ status: 200, text: expect.stringContaining('on LM Studio') });
      expect(reply.litellm['model-id']).toBe('lm-studio:local-only');
    }
    expect(asked()).toEqual({ claude: 1, azure: 1, local: 2 });
    expect(await logged()).toMatchObject({ asked: name, answered: 'lm-studio:local-only', cause: 'rate-limited' });
  });

  it('a conversation too large for the local window is not sent there, and that is said', async () => {
    fail();
    const messages = [{ role: 'user', content: 'x '.repeat(2 * 70_000) }];
    const reply = await ask(scene.gateway, plain(fresh(), { messages }));
    expect(reply.status).toBe(429);
    expect(reply.headers['retry-after']).toBe('60');
    expect(reply.error).toMatch(
      /rate limit.*claude-sonnet-4-6 said 500.*this conversation has about 7\d,\d{3} tokens.*window 65,536/s,
    );
    expect(asked()).toEqual({ claude: 1, azure: 1, local: 0 });
    expect(await logged()).toMatchObject({ answered: null, cause: 'rate-limited', status: 429 });
  });

  it.each([true, false])(
    'and so does the local model, the first one’s own error is told (streamed: %s)',
    async (stream) => {
      fail();
      scene.lmStudio.settings.faults.push(status(500));
      const name = fresh();
      const first = await ask(scene.gateway, plain(name, { stream }));
      const again = await ask(scene.gateway, plain(name, { stream }));
      for (const reply of [first, again]) {
        expect(reply.status).toBe(429);
        expect(JSON.parse(reply.body)).toMatchObject({ type: 'error', error: { type: 'rate_limit_error' } });
        expect(reply.error).toMatch(/^This request would exceed.*the local model did not answer\)$/s);
      }
      expect(Number(again.headers['retry-after'])).toBeLessThanOrEqual(60);
      expect(Number(again.headers['retry-after'])).toBeGreaterThan(30);
      expect(first.headers['anthropic-ratelimit-requests-remaining']).toBe('0');
      expect(asked()).toEqual({ claude: 1, azure: 1, local: 2 });
    },
  );

  it('the real Claude Code goes on with a tool call there, and comes back', async () => {
    const name = fresh();
    const tool = { command: 'echo over there', description: 'a word' };
    const say = async (...args: string[]): Promise<string> => {
      const ran = await runClaude(scene, home, name, [...args, '--allowedTools', 'Bash']);
      expect(ran).toMatchObject({ exitCode: 0, isError: false });
      return ran.result;
    };
    expect(await say('-p', 'say hi')).toContain('on the Claude API');
    for (const cloud of [scene.anthropic, scene.foundry])
      cloud.settings.faults.push(status(529, { 'retry-after': '3' }));
    const there = await say('-p', `use the tool Bash with ${JSON.stringify(tool)}`, '--continue');
    expect(there).toContain('on LM Studio');
    expect(asked().local).toBeGreaterThanOrEqual(2);
    scene.reset();
    await sleep(3000);
    expect(await say('-p', 'say bye', '--continue')).toContain('on the Claude API');
    expect(JSON.stringify(scene.anthropic.requests.at(-1)?.body)).toContain('over there');
  });
});

describe('a conversation that changes sides', () => {
  const signature = 'Eq'.repeat(200);
  const call = (id: string) => ({ type: 'tool_use', id, name: 'Read', input: { file_path: 'a' } });
  const result = (id: string) => ({ type: 'tool_result', tool_use_id: id, content: 'of a' });
  /** Turns of Claude and of a local model, whose thinking is not signed and whose ids are their own. */
  const messages = [
    { role: 'user', content: 'hello' },
    { role: 'assistant', content: [{ type: 'thinking', thinking: 'hm', signature }, call('toolu_1')] },
    { role: 'user', content: [result('toolu_1')] },
    {
      role: 'assistant',
      content: [{ type: 'thinking', thinking: 'so', signature: '5f3a'.repeat(8) }, call('functions.Read:0')],
    },
    { role: 'user', content: [result('functions.Read:0')] },
    { role: 'system', content: 'The folder is /tmp.' },
  ];

  it('is taken by a cloud again, with Claude’s thinking and without the other', async () => {
    const reply = await ask(scene.gateway, plain(fresh(), { messages }));
    expect(reply).toMatchObject({ status: 200, text: expect.stringContaining('on the Claude API') });
    expect(scene.anthropic.requests).toHaveLength(1);
    const sent = JSON.stringify(scene.anthropic.requests[0]?.body);
    expect(sent).toContain(signature);
    expect(sent).not.toMatch(/"so"|functions\.Read/);
  });

  it('is taken by an older model of the other cloud, which says less', async () => {
    scene.anthropic.settings.faults.push({ ...named('overloaded'), times: 1 });
    const reply = await ask(scene.gateway, plain(fresh(), { messages, max_tokens: 128_000 }));
    expect(reply).toMatchObject({ status: 200, text: expect.stringContaining('on Microsoft Foundry') });
    expect(scene.foundry.requests.at(-1)?.body).toMatchObject({ max_tokens: 64_000 });
  });

  it('is taken by the local model, images as notes', async () => {
    for (const cloud of [scene.anthropic, scene.foundry]) cloud.settings.faults.push(named('overloaded'));
    const image = { type: 'image', source: { type: 'base64', media_type: 'image/png', data: 'iVBORw0KGgo' } };
    const shown = [...messages, { role: 'user', content: [image, { type: 'text', text: 'and?' }] }];
    const reply = await ask(scene.gateway, plain(fresh(), { messages: shown, max_tokens: 128_000 }));
    expect(reply).toMatchObject({ status: 200, text: expect.stringContaining('on LM Studio') });
  });
});

describe('what was meant for the local model', () => {
  it('goes on to the other cloud, and never back', async () => {
    scene.lmStudio.settings.faults.push(status(500));
    scene.foundry.settings.faults.push(status(500, { 'retry-after': '1' }));
    const reply = await ask(scene.gateway, claudeRequest('local', 'hello', { stream: true }));
    expect(reply.text).toContain('on the Claude API');
    scene.anthropic.settings.faults.push({ ...status(500, { 'retry-after': '1' }), times: 1 });
    await sleep(1100);
    const lost = await ask(scene.gateway, claudeRequest('local', 'hello', { stream: true }));
    expect(lost.status).toBe(500);
    // The Haiku of the one, the Sonnet of the other, and the Sonnet of the one, each of them once.
    expect(asked()).toEqual({ claude: 2, azure: 3, local: 2 });
    await sleep(1100);
  });

  it.each([
    ['local-only', {}],
    ['local-only', { 'x-claude-routing': 'claude-offline; local-only' }],
    [sonnet, { 'x-claude-routing': 'claude-offline; local-only' }],
  ])('stays with it where it has to: %s %o', async (name, headers) => {
    scene.lmStudio.settings.faults.push(status(500));
    const reply: GatewayReply = await ask(scene.gateway, plain(name), undefined, headers);
    expect(reply.status).toBeGreaterThanOrEqual(400);
    expect(asked()).toMatchObject({ claude: 0, azure: 0 });
  });
});

describe("failover to Foundry's Haiku 4.5 under a name that does not say Claude", () => {
  it.each([false, true])('takes what Claude Code sends for `local` (streamed: %s)', async (stream) => {
    scene.lmStudio.settings.faults.push(status(500));
    const reply = await ask(scene.gateway, claudeRequest('local', 'hello', { stream, max_tokens: 32_000 }));
    expect(reply).toMatchObject({ status: 200, text: expect.stringContaining('cheap-one on Microsoft Foundry') });
    expect(reply.litellm).toMatchObject({ 'attempted-fallbacks': '1', 'model-id': 'foundry:claude-haiku-4-5' });
  });
});

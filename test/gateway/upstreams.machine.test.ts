import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { CLAUDE_ERRORS } from '../machine/stand-ins/anthropic-errors.ts';
import type { Fault } from '../machine/stand-ins/fault.ts';
import { FOUNDRY_ERRORS } from '../machine/stand-ins/foundry.ts';
import { runClaude } from './claude-client.ts';
import { errorEvent, halfAnswer } from './half-answers.ts';
import { loggedLines } from './logged-lines.ts';
import { ask, claudeRequest, type GatewayReply } from './messages-client.ts';
import { type GatewayConfig, type Scene, setScene } from './scene.ts';

const clouds = { anthropic: 'claude-haiku-4-5', foundry: 'foundry/claude-sonnet-4-6' } as const;
type Cloud = keyof typeof clouds;
const names = Object.keys(clouds) as readonly Cloud[];
const places = { local: 'on LM Studio', 'claude-haiku': 'on the Claude API', 'foundry-haiku': 'on Microsoft Foundry' };
const CLIENTS = 10;
const routerWords = /litellm|model group|fallback/i;

/** A name of the Claude API in whose place Foundry answers. */
const followed = 'claude-followed';
function addFollowed({ model_list, router_settings }: GatewayConfig): void {
  const cloud = model_list.find(({ model_name }) => model_name === clouds.anthropic);
  if (cloud === undefined) throw new Error(`the configuration does not list ${clouds.anthropic}`);
  model_list.push({
    ...cloud,
    model_name: followed,
    model_info: { ...cloud.model_info, id: `claude-api:${followed}` },
  });
  (router_settings.fallbacks as Record<string, string[]>[]).push({ [followed]: [clouds.foundry] });
}

let scene: Scene;
beforeAll(async () => {
  scene = await setScene({ keepAliveMilliseconds: 1000, change: addFollowed });
});
afterAll(() => scene?.close());
beforeEach(() => scene.reset());

/** A request of a name that Claude Code recognises. */
function plain(model: string, more: Record<string, unknown> = {}): Record<string, unknown> {
  const messages = [{ role: 'user', content: 'hello' }];
  return claudeRequest(model, 'hello', { messages, thinking: undefined, output_config: undefined, ...more });
}

function refused(cloud: Cloud, stream: boolean, fault: Fault): Promise<GatewayReply> {
  scene[cloud].settings.faults.push(fault);
  return ask(scene.gateway, plain(clouds[cloud], { stream }));
}

async function count(model: string): Promise<{ status: number; headers: Headers; body: unknown }> {
  const { url, key } = scene.gateway;
  const headers = { authorization: `Bearer ${key}`, 'content-type': 'application/json' };
  const body = JSON.stringify({ model, messages: [{ role: 'user', content: 'hello' }] });
  const response = await fetch(`${url}/v1/messages/count_tokens`, { method: 'POST', headers, body });
  return { status: response.status, headers: response.headers, body: await response.json() };
}

const errors = { anthropic: CLAUDE_ERRORS, foundry: FOUNDRY_ERRORS };
const named = names.flatMap((cloud) =>
  Object.entries(errors[cloud]).map(([error, answer]) => [cloud, error, answer] as const),
);
/** What Azure's own layer says in another shape, said in the Messages API's. */
const azureTypes: Readonly<Record<number, string>> = {
  401: 'authentication_error',
  403: 'permission_error',
  404: 'not_found_error',
  429: 'rate_limit_error',
};

describe('what a cloud refuses reaches the client as the cloud said it', () => {
  it.each(named)('%s: %s', async (cloud, error, { status, body, headers = {} }) => {
    const said = body as { type?: string; error: { message: string } };
    for (const stream of [false, true]) {
      const reply = await refused(cloud, stream, { on: 'generation', does: 'error', error, times: 1 });
      expect(reply.status).toBe(status);
      expect(reply.headers).toMatchObject(headers);
      const heard = JSON.parse(reply.body) as { request_id: string };
      expect(heard.request_id).toBe(reply.headers['request-id']);
      if (said.type === 'error') expect(heard).toEqual(body);
      else
        expect(heard).toMatchObject({
          type: 'error',
          error: { type: azureTypes[status], message: said.error.message },
        });
      expect(reply.body).not.toMatch(routerWords);
      expect((await loggedLines(scene.gateway)).at(-1)).toMatchObject({ status, answered: null });
    }
  });

  const others: readonly (readonly [string, number, unknown, string, RegExp])[] = [
    ['a status of its own', 418, 'I am a teapot', 'invalid_request_error', /^I am a teapot$/],
    ['503 in words', 503, { error: 'Service unavailable' }, 'api_error', /^Service unavailable$/],
    ['a page', 502, '<html><h1>Bad gateway</h1>', 'api_error', /^the cloud answered with status 502$/],
    ['nothing', 520, '', 'api_error', /^the cloud answered with status 520$/],
    [
      'a new type',
      451,
      { type: 'error', error: { type: 'brand_new_error', message: 'no' } },
      'brand_new_error',
      /^no$/,
    ],
  ];
  it.each(names.flatMap((cloud) => others.map((other) => [cloud, ...other] as const)))(
    '%s: %s',
    async (cloud, _, status, body, type, message) => {
      const reply = await refused(cloud, false, { on: 'generation', does: 'status', status, body, times: 1 });
      expect(reply.status).toBe(status);
      expect(JSON.parse(reply.body)).toMatchObject({ type: 'error', error: { type } });
      expect(reply.error).toMatch(message);
    },
  );

  it.each(names)('%s: without the keys that it says', async (cloud) => {
    const error = {
      type: 'authentication_error',
      message: `not Bearer ${scene.gateway.key}, nor sk-ant-api03-abcdefgh`,
    };
    const body = { type: 'error', error };
    const reply = await refused(cloud, false, { on: 'generation', does: 'status', status: 401, body, times: 1 });
    expect(reply.error).toBe('not Bearer ••••, nor ••••');
  });

  it('nor does the local model, nor anybody in a stream', async () => {
    const message = `not Bearer ${scene.gateway.key}, nor sk-ant-api03-abcdefgh`;
    const status = { on: 'generation', does: 'status', times: 1 } as const;
    for (const model of ['local-only', ...Object.values(clouds)]) {
      const standIn =
        model === 'local-only' ? scene.lmStudio : model === clouds.anthropic ? scene.anthropic : scene.foundry;
      for (const fault of [
        { ...status, status: 401, body: { error: { message } } },
        { ...errorEvent(message, true), times: 1 },
        { ...errorEvent(message, false), times: 1 },
      ]) {
        standIn.settings.faults.push(fault);
        const reply = await ask(scene.gateway, plain(model, { stream: true }));
        expect(reply.error).toContain('••••');
        expect(reply.body).not.toMatch(/sk-/);
      }
    }
    expect(scene.gateway.log()).not.toContain(scene.gateway.key);
  });

  it.each(names)('%s: when tokens are counted', async (cloud) => {
    const said = { status: 429, body: errors[cloud].rate_limit?.body, headers: { 'retry-after': '3' } };
    scene[cloud].settings.faults.push({ on: 'count-tokens', does: 'status', ...said, times: 1 });
    const { status, headers, body } = await count(clouds[cloud]);
    expect(status).toBe(429);
    expect(headers.get('retry-after')).toBe('3');
    expect(body).toMatchObject({ type: 'error', error: { type: 'rate_limit_error' } });
  });

  it.each([false, true])('after a failover that failed as well (streamed: %s)', async (stream) => {
    scene.lmStudio.settings.faults.push({ on: 'generation', does: 'status', status: 500, times: 1 });
    scene.anthropic.settings.faults.push({ on: 'generation', does: 'error', error: 'overloaded', times: 1 });
    const reply = await ask(scene.gateway, claudeRequest('local', 'hello', { stream }));
    expect(reply.status).toBe(529);
    expect(JSON.parse(reply.body)).toEqual(CLAUDE_ERRORS.overloaded?.body);
  });

  it('a refusal that a fallback makes good is not told', async () => {
    scene.anthropic.settings.faults.push({ on: 'generation', does: 'error', error: 'overloaded', times: 1 });
    const reply = await ask(scene.gateway, plain(followed));
    expect(reply).toMatchObject({ status: 200, error: undefined });
  });

  it.each(names)('%s: an error in mid-stream, and a stream that just ends', async (cloud) => {
    const told = await refused(cloud, true, { ...errorEvent('Overloaded', true), times: 1 });
    expect(told.events.at(-1)).toBe('error');
    expect(told.error).toBe('Overloaded');
    const half = await refused(cloud, true, { ...halfAnswer, times: 1 });
    expect(half.text).not.toBe('');
    expect(half.events.at(-1)).toBe('error');
    expect(half.error).toBe('the cloud broke off before its answer was complete');
  });

  it.each(names)('%s: no advice on a router, where nothing was answered at all', async (cloud) => {
    const reply = await refused(cloud, false, { on: 'generation', does: 'disconnect', times: 1 });
    expect(reply.status).toBe(500);
    expect(reply.error).toMatch(/\w/);
    expect(reply.error).not.toMatch(/model group|router_settings/i);
  });
});

describe('the real Claude Code', () => {
  const model = clouds.anthropic;
  let home: string;
  beforeAll(async () => {
    home = await mkdtemp(`${tmpdir()}/upstreams-`);
  });
  afterAll(() => rm(home, { recursive: true, force: true }));
  const say = (...faults: Fault[]): ReturnType<typeof runClaude> => {
    scene.anthropic.settings.faults.push(...faults);
    return runClaude(scene, home, model, ['-p', 'say hi']);
  };
  const times = (): readonly number[] => scene.anthropic.requests.map(({ time }) => Date.parse(time));

  it.each([
    ['overloaded', 0],
    ['rate_limit', 1900],
  ] as const)('asks again after %s, as late as it is told', async (error, least) => {
    const ran = await say({ on: 'generation', does: 'error', error, times: 1 });
    expect(ran).toMatchObject({ exitCode: 0, isError: false });
    const [first = 0, second = 0, ...more] = times();
    expect(second - first).toBeGreaterThanOrEqual(least);
    expect(more).toEqual([]);
  });

  it.each([
    ['overloaded', 2, /529.*overloaded/i],
    ['credit', 1, /credit balance is too low/i],
    ['request_too_large', 1, /too large|maximum size/i],
  ] as const)('tells a person of %s', async (error, asked, words) => {
    const ran = await say({ on: 'generation', does: 'error', error });
    expect(ran).toMatchObject({ isError: true, result: expect.stringMatching(words) });
    expect(ran.result).not.toMatch(routerWords);
    expect(times()).toHaveLength(asked);
  });
});

describe('an answer that is none', () => {
  const faults: readonly (readonly [string, Fault])[] = [
    ['a web page', { on: 'generation', does: 'html' }],
    ['nothing', { on: 'generation', does: 'status', status: 204 }],
    ['JSON', { on: 'generation', does: 'status', status: 200, body: { type: 'message', content: [] } }],
  ];
  it.each(faults)('in the place of a stream of events ends as an error: %s', async (_, fault) => {
    for (const [model, standIn] of [
      ['local-only', scene.lmStudio],
      [clouds.anthropic, scene.anthropic],
    ] as const) {
      standIn.settings.faults.push(fault);
      const reply = await ask(scene.gateway, plain(model, { stream: true }));
      expect([model, reply.error ?? 'no error']).toEqual([model, expect.not.stringMatching(/^no error$/)]);
    }
  });

  it.each([204, 305, 700])('is an error to the client, too: %i', async (status) => {
    for (const [model, standIn] of [
      ['local-only', scene.lmStudio],
      [clouds.anthropic, scene.anthropic],
    ] as const) {
      standIn.settings.faults.push({ on: 'generation', does: 'status', status });
      expect((await ask(scene.gateway, plain(model))).status).toBeGreaterThanOrEqual(500);
    }
  });

  it('was asked for as it is', async () => {
    for (const name of Object.keys(places)) await ask(scene.gateway, plain(name));
    for (const { requests } of [scene.lmStudio, scene.anthropic, scene.foundry])
      expect(requests.map(({ headers }) => headers['accept-encoding'])).toEqual(['identity']);
  });
});

it('an advisor is asked by no cloud in whose place LiteLLM would ask it', async () => {
  const tools = [{ type: 'advisor_20260301', name: 'advisor', model: clouds.anthropic }];
  for (const cloud of names) await ask(scene.gateway, plain(clouds[cloud], { tools }));
  const sent = ({ requests }: { readonly requests: readonly { readonly body: unknown }[] }) =>
    requests.map(({ body }) => (body as { readonly tools?: unknown }).tools);
  expect([sent(scene.anthropic), sent(scene.foundry)]).toEqual([[tools], [undefined]]);
});

describe.each([301, 302, 303, 307, 308])('a server that says with %i where else to go', (status) => {
  it.each([
    ['/v1/messages', 'local-only', false],
    ['/v1/messages', 'local-only', true],
    ['/v1/messages', clouds.anthropic, false],
    ['/v1/messages', clouds.anthropic, true],
    ['/v1/messages/count_tokens', clouds.anthropic, false],
    ['/v1/chat/completions', 'local-only', false],
    ['/v1/chat/completions', clouds.anthropic, true],
  ])('is not believed: %s, %s (streamed: %s)', async (path, model, stream) => {
    const standIn = model === 'local-only' ? scene.lmStudio : scene.anthropic;
    const headers = { location: `${scene.urls.azure}/v1/messages` };
    standIn.settings.faults.push({ on: 'any', does: 'status', status, headers });
    const { url, key } = scene.gateway;
    const response = await fetch(`${url}${path}`, {
      method: 'POST',
      headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json' },
      body: JSON.stringify(plain(model, { stream })),
      redirect: 'manual',
    });
    await response.text();
    expect(scene.foundry.requests).toEqual([]);
    // The client would follow it, too.
    if (!path.endsWith('count_tokens')) expect(response.status).toBeGreaterThanOrEqual(400);
  });
});

describe('a connection that the other side has just closed is no failure of the other side', () => {
  async function burst(name: keyof typeof places): Promise<void> {
    const asked = Array.from({ length: CLIENTS }, (_, index) =>
      ask(scene.gateway, claudeRequest(name, 'hello', { stream: index % 2 === 0 })),
    );
    for (const reply of await Promise.all(asked)) expect(reply.text).toContain(places[name]);
  }

  it.each(Object.keys(places) as (keyof typeof places)[])(
    '%s answers, whatever became of connections',
    async (name) => {
      const { local, claude, azure } = scene.urls;
      const port = Number(new URL({ local, 'claude-haiku': claude, 'foundry-haiku': azure }[name]).port);
      await burst(name);
      for (const idle of [950, 1000, 1050]) {
        await sleep(idle);
        await burst(name);
      }
      await scene.stopLmStudio().then(scene.startLmStudio);
      await scene.restartClouds();
      await burst(name);
      await scene.wire.severConnections(port);
      await burst(name);
    },
  );

  it('because none is used for two requests', async () => {
    for (let request = 0; request < 3; request += 1)
      for (const name of Object.keys(places)) await ask(scene.gateway, claudeRequest(name));
    for (const { requests } of [scene.lmStudio, scene.anthropic, scene.foundry])
      expect(new Set(requests.map(({ port }) => port)).size).toBe(3);
  });
});

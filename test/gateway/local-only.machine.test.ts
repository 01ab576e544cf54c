import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { request } from 'node:http';
import { tmpdir } from 'node:os';
import { promisify } from 'node:util';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { gatewayModels, localOnlyNames } from '../../src/components/gateway/models.ts';
import { localOnlyMark, routingHeader } from '../../src/components/launchers/environment.ts';
import type { AnswersInput } from '../../src/config/schema.ts';
import { litellmEnvironment } from './litellm-program.ts';
import { ask, claudeRequest } from './messages-client.ts';
import { offlineSessions, runOffline } from './offline-sessions.ts';
import { addressOf, type GatewayRoute, knock, routeTableModule } from './route-table.ts';
import { type Scene, sceneAnswers, setScene } from './scene.ts';

const mark = { [routingHeader]: `claude-offline; ${localOnlyMark}` };
const others = gatewayModels(sceneAnswers())
  .map(({ name }) => name)
  .filter((name) => !localOnlyNames.includes(name));
/** What a project's settings may put into the body of every launcher's requests. */
const steering: readonly Record<string, unknown>[] = [
  { fallbacks: ['claude-haiku'] },
  { fallbacks: [{ model: 'claude-sonnet-4-6' }] },
  { fallbacks: [{ 'local-only': ['claude-haiku'] }] },
  { context_window_fallbacks: [{ 'local-only': ['foundry-haiku'] }] },
  { content_policy_fallbacks: [{ 'local-only': ['foundry-haiku'] }] },
  { router_settings_override: { fallbacks: [{ 'local-only': ['claude-haiku'] }] } },
  { mock_testing_fallbacks: true },
  { mock_response: 'hello' },
  { api_base: 'http://192.0.2.7' },
  { base_url: 'http://192.0.2.7' },
  { user_config: { model_list: [] } },
  { custom_llm_provider: 'anthropic' },
  { litellm_metadata: { tags: ['x'] } },
  { tags: ['x'] },
  { guardrails: ['x'] },
  { Fallbacks: ['claude-haiku'] },
];

/** What LiteLLM takes from a body for itself, by its own lists, but for what the Messages API has as well. */
async function namesOfLitellm(): Promise<readonly string[]> {
  const code = `
import json
from litellm.types.router import GenericLiteLLMParams
from litellm.types.utils import all_litellm_params
print(json.dumps(sorted({*all_litellm_params, *GenericLiteLLMParams.model_fields} - {"metadata"})))`;
  const env = { PATH: process.env.PATH, LITELLM_LOCAL_MODEL_COST_MAP: 'True' };
  const { stdout } = await promisify(execFile)(`${await litellmEnvironment()}/bin/python`, ['-c', code], { env });
  return JSON.parse(stdout) as readonly string[];
}

// What becomes of it when the local model fails is in gateway-failover and broken-answers: it does so under this name alone.
describe('a request that is marked as local-only', () => {
  let scene: Scene;
  let routes: readonly GatewayRoute[];
  const directory = mkdtempSync(`${tmpdir()}/routes-`);
  beforeAll(async () => {
    // Both agreed to: a failover and prompts that are too long going to the cloud.
    const { cloud } = sceneAnswers();
    const answers: Partial<AnswersInput> = { cloud, failover: { allowed: true, overflow: 'cloud' } };
    scene = await setScene({
      answers,
      modules: { 'route_table.py': routeTableModule },
      // What LiteLLM otherwise loads at the first request to it is then there from the start.
      environment: { LITELLM_DISABLE_LAZY_ROUTES: 'True', ROUTE_TABLE: `${directory}/routes.json` },
      change: ({ litellm_settings }) =>
        void (litellm_settings.callbacks as string[]).push('route_table.proxy_handler_instance'),
    });
    await ask(scene.gateway, claudeRequest('local-only'));
    routes = JSON.parse(readFileSync(`${directory}/routes.json`, 'utf8')) as readonly GatewayRoute[];
  });
  afterAll(async () => {
    await scene?.close();
    rmSync(directory, { recursive: true });
  });
  beforeEach(() => scene.reset());

  const askMarked = (model: string) => ask(scene.gateway, claudeRequest(model), scene.gateway.key, mark);

  function expectNoCloud(): void {
    expect([...scene.anthropic.requests, ...scene.foundry.requests]).toEqual([]);
    expect(scene.names).toEqual([]);
  }

  const question = { max_tokens: 16, messages: [{ role: 'user', content: 'hello' }], input: 'hello', prompt: 'hello' };

  /** Tries every way in that this LiteLLM has; returns what was answered, by way. */
  async function knockEverywhere(
    model: string,
    headers: Readonly<Record<string, string>>,
  ): Promise<Map<string, number>> {
    const body = JSON.stringify({ model, query: 'hello', documents: ['hello'], ...question });
    const answered = new Map<string, number>();
    const common = { 'content-type': 'application/json', authorization: `Bearer ${scene.gateway.key}`, ...headers };
    for (const route of routes) {
      const path = addressOf(route);
      const way = `${route.method} ${path}`;
      if (!answered.has(way)) answered.set(way, await knock(scene.gateway.url, { ...route, path }, common, body));
    }
    return answered;
  }

  const ways = (answered: ReadonlyMap<string, number>, status: (status: number) => boolean): readonly string[] =>
    [...answered].filter(([, got]) => status(got)).map(([way]) => way);

  it('is refused on every route that may lead out, whatever the route is', async () => {
    expect(routes.length).toBeGreaterThan(500);
    const answered = await knockEverywhere('claude-opus-4-8', mark);
    const safe = ['/', '/v1/models', '/models', '/health/liveliness', '/health/liveness', '/health/readiness'];
    expect(ways(answered, (status) => status !== 400).filter((way) => !safe.includes(way.split(' ')[1] ?? ''))).toEqual(
      [],
    );
    expectNoCloud();
    expect(scene.lmStudio.requests).toEqual([]);
    console.log(
      `${answered.size} ways in, ${ways(answered, (status) => status === 400).length} refused to marked requests`,
    );
  });

  it('reaches nobody but the local model by any route, with the local model’s name', async () => {
    const answered = await knockEverywhere('local-only', mark);
    const took = ways(answered, (status) => status === 200).filter((way) => way.startsWith('POST'));
    expect(took.sort()).toEqual(['POST /v1/messages', 'POST /v1/messages/count_tokens']);
    expectNoCloud();
  });

  it.each(['local', 'local-only', 'anthropic-local', 'lm-studio:local', `lm_studio/qwen/qwen3.6-35b-a3b`])(
    'is not needed for that: without it %s reaches nobody else, either',
    async (model) => {
      await knockEverywhere(model, {});
      expectNoCloud();
    },
  );

  it.each([
    ['capitals', { 'X-Claude-Routing': 'Claude-Offline; LOCAL-ONLY' }],
    ['no blanks', { 'x-claude-routing': 'claude-offline;local-only' }],
    ['more blanks', { 'x-claude-routing': '  claude-offline  ;   local-only  ' }],
    ['the mark alone', { 'x-claude-routing': 'local-only' }],
    ['the launcher alone', { 'x-claude-routing': 'claude-offline' }],
    ['a comma', { 'x-claude-routing': 'claude-routed, local-only' }],
    ['another header of the name in front', { 'x-claude-routing': ['claude-routed', 'claude-offline; local-only'] }],
    ['another header of the name behind', { 'x-claude-routing': ['claude-offline; local-only', 'claude-routed'] }],
  ])('is known by its mark with %s', async (_, headers) => {
    for (const path of ['/v1/messages', '/v1/messages/count_tokens'])
      expect(await send(path, { model: 'claude-opus-4-8' }, headers)).toMatchObject({ status: 400 });
    expectNoCloud();
  });

  interface Sent {
    readonly status: number;
    readonly body: string;
  }

  /** One request by hand; a body that is a text or bytes is sent as it is. */
  function send(
    path: string,
    body: Record<string, unknown> | string | Buffer,
    headers: Readonly<Record<string, string | string[]>> = mark,
  ): Promise<Sent> {
    const raw = typeof body === 'string' || Buffer.isBuffer(body) ? body : JSON.stringify({ ...question, ...body });
    return new Promise((resolve, reject) => {
      const asked = request(`${scene.gateway.url}${path}`, {
        method: 'POST',
        headers: { 'content-type': 'application/json', authorization: `Bearer ${scene.gateway.key}`, ...headers },
      });
      asked.on('error', reject).on('response', (answer) => {
        let said = '';
        answer.setEncoding('utf8').on('data', (piece: string) => (said += piece));
        answer.on('end', () => resolve({ status: answer.statusCode ?? 0, body: said }));
      });
      asked.end(raw);
    });
  }

  const cloudBody = JSON.stringify({ ...question, model: 'claude-opus-4-8' });
  const local = '"model":"local-only"';
  const tail = '"max_tokens":9,"messages":[{"role":"user","content":"hello"}]}';
  it.each<[string, string | Buffer | Record<string, unknown>, Record<string, string>, string]>([
    ['compressed', gzipSync(cloudBody), { 'content-encoding': 'gzip' }, ''],
    ['compressed, for the local name', gzipSync(`{${local},${tail}`), { 'content-encoding': 'gzip' }, ''],
    ['in chunks', cloudBody, { 'transfer-encoding': 'chunked' }, ''],
    ['as a form', 'model=claude-opus-4-8&messages=x', { 'content-type': 'application/x-www-form-urlencoded' }, ''],
    [
      'as a form for the local name',
      'model=local-only&fallbacks=x',
      { 'content-type': 'application/x-www-form-urlencoded' },
      '',
    ],
    [
      'in parts',
      `--x\r\ncontent-disposition: form-data; name="model"\r\n\r\nclaude-opus-4-8\r\n--x--\r\n`,
      { 'content-type': 'multipart/form-data; boundary=x' },
      '',
    ],
    ['as another type', cloudBody, { 'content-type': 'application/x-protobuf' }, ''],
    ['without a type', cloudBody, { 'content-type': '' }, ''],
    ['with two models, the cloud’s last', `{${local},"model":"claude-opus-4-8",${tail}`, {}, ''],
    ['with several models', { model: 'local-only,claude-opus-4-8' }, {}, ''],
    ['with a list of models', { model: ['local-only', 'claude-opus-4-8'] }, {}, ''],
    ['with blanks about the model', { model: ' local-only ' }, {}, ''],
    ['without a model', question, {}, ''],
    ['that is a list', '[]', {}, ''],
    ['that is no JSON', `{${local},`, {}, ''],
    ['with a model in the address, too', { model: 'local-only' }, {}, '?model=claude-opus-4-8'],
    ['with fallbacks in the address', { model: 'local-only' }, {}, '?fallbacks=claude-opus-4-8'],
    ['with a header for the tags', { model: 'local-only' }, { 'x-litellm-tags': 'x' }, ''],
    ['with a header for the model', { model: 'local-only' }, { 'X-LiteLLM-Model': 'claude-opus-4-8' }, ''],
    ['with a header for the time', { model: 'local-only' }, { 'x-litellm-timeout': '1' }, ''],
  ])('is refused with a body %s', async (_, body, headers, query) => {
    for (const path of ['/v1/messages', '/v1/messages/count_tokens'])
      expect(await send(`${path}${query}`, body, { ...mark, ...headers })).toMatchObject({ status: 400 });
    expectNoCloud();
    expect(scene.lmStudio.requests).toEqual([]);
  });

  it('with two models, the local one last, goes to that and is no cloud’s', async () => {
    expect(await send('/v1/messages', `{"model":"claude-opus-4-8",${local},${tail}`)).toMatchObject({ status: 200 });
    expectNoCloud();
  });

  it.each(['local-only', 'claude-haiku-4-5'])('makes the gateway fetch nothing that it names, as %s', async (model) => {
    const url = 'http://files.example/x.png';
    const said = (part: object): object => ({ messages: [{ role: 'user', content: [part] }] });
    const bodies: readonly (readonly [path: string, body: object])[] = [
      ['/v1/chat/completions', said({ type: 'file', file: { file_id: url } })],
      ['/v1/chat/completions', said({ type: 'file', file: { file_data: url } })],
      ['/v1/chat/completions', said({ type: 'image_url', image_url: { url } })],
      ['/v1/chat/completions', said({ type: 'image_url', image_url: { url, format: 'application/pdf' } })],
      ['/v1/chat/completions', said({ type: 'image_url', image_url: { url, detail: 'high' } })],
      ['/v1/messages/count_tokens', said({ type: 'image_url', image_url: { url, detail: 'high' } })],
      ['/v1/messages/count_tokens', said({ type: 'image', source: { type: 'url', url } })],
      ['/utils/token_counter', said({ type: 'image_url', image_url: { url, detail: 'high' } })],
      ['/v1/responses', { input: [{ role: 'user', content: [{ type: 'input_file', file_url: url }] }] }],
      ['/v1/responses', { input: [{ role: 'user', content: [{ type: 'input_image', image_url: url }] }] }],
      ['/v1/messages', said({ type: 'image', source: { type: 'url', url } })],
      ['/v1/messages', said({ type: 'document', source: { type: 'url', url } })],
    ];
    for (const [path, body] of bodies)
      await fetch(`${scene.gateway.url}${path}`, {
        method: 'POST',
        headers: { authorization: `Bearer ${scene.gateway.key}`, 'content-type': 'application/json' },
        body: JSON.stringify({ model, max_tokens: 9, ...body }),
      });
    expect(scene.names).toEqual([]);
  });

  it('is refused in the shape that Claude Code shows', async () => {
    const { body } = await send('/v1/messages', { model: 'claude-opus-4-8' });
    expect(JSON.parse(body)).toEqual({
      type: 'error',
      error: {
        type: 'invalid_request_error',
        message: 'claude-offline never leaves this network, and claude-opus-4-8 is not the local model',
      },
    });
  });

  it('leaves out what neither asks nor steers, so that a newer client goes on working', async () => {
    expect(
      await send('/v1/messages', { model: 'local-only', newest: { of: 'fields' }, mcp_servers: ['newest'] }),
    ).toMatchObject({
      status: 200,
    });
    expect(JSON.stringify(scene.lmStudio.requests)).not.toContain('newest');
  });

  it.each([...['local-only', 'local'].flatMap((model) => [true, false].map((marked) => [model, marked] as const))])(
    'counts the tokens of a local prompt by itself: %s, marked: %s',
    async (model, marked) => {
      const got = await send('/v1/messages/count_tokens?beta=true', { model }, marked ? mark : {});
      if (marked && model === 'local') expect(got.status).toBe(400);
      else expect(JSON.parse(got.body)).toMatchObject({ input_tokens: expect.any(Number) });
      expectNoCloud();
      expect(scene.lmStudio.requests).toEqual([]);
    },
  );

  it.each(steering)(
    'cannot be steered by its body, nor can any other request for the local model: %o',
    async (more) => {
      for (const [model, headers] of [
        ['local-only', mark],
        ['local-only', {}],
        ['local', {}],
      ] as const) {
        for (const path of ['/v1/messages', '/v1/messages/count_tokens', '/v1/chat/completions']) {
          const { status } = await send(path, { model, ...more }, headers);
          expect([path, status]).toEqual([path, 400]);
        }
      }
      expectNoCloud();
      expect(scene.lmStudio.requests).toEqual([]);
    },
  );

  it.each([...steering, { extra_headers: { 'x-steered': '1' } }])(
    'cannot be steered by its body, nor can one to a cloud: %o',
    async (more) => {
      scene.anthropic.settings.faults.push({ on: 'generation', does: 'status', status: 500 });
      const { status } = await send('/v1/messages', { model: 'claude-opus-4-8', ...more }, { 'x-litellm-tags': 'x' });
      expect(status).toBe(500);
      expect(scene.anthropic.requests.map(({ body }) => (body as { model: string }).model)).toEqual([
        'claude-opus-4-8',
      ]);
      expect(JSON.stringify(scene.anthropic.requests)).not.toContain('x-steered');
      expect([...scene.foundry.requests, ...scene.lmStudio.requests, ...scene.names]).toEqual([]);
    },
  );

  it.each([true, false])(
    'goes to a cloud as if none of the names were in it that LiteLLM takes for its own (streamed: %s)',
    async (stream) => {
      const named = Object.fromEntries((await namesOfLitellm()).map((name) => [name, 'claude-haiku']));
      const metadata = {
        user_id: 'me',
        api_base: 'http://192.0.2.7',
        tags: ['x'],
        guardrails: ['x'],
        model_group: 'x',
      };
      const asked = { model: 'claude-opus-4-8', stream, metadata: { user_id: 'me' } };
      expect(Object.keys(named).length).toBeGreaterThan(300);
      for (const more of [{}, { ...named, metadata }])
        expect((await send('/v1/messages', { ...asked, ...more }, {})).status).toBe(200);
      const [plain, steered] = scene.anthropic.requests.map(({ path, body }) => ({ path, body }));
      expect(steered).toEqual(plain);
      expect(scene.anthropic.requests).toHaveLength(2);
      expect([...scene.foundry.requests, ...scene.lmStudio.requests, ...scene.names]).toEqual([]);
    },
  );

  const wrong = [7, true, 'x', [7], ['x', null], [[]], { a: 1 }, { type: 7 }];
  const fields = 'system tools tool_choice thinking output_config stop_sequences context_management metadata';
  it.each(fields.split(' '))('for the local model stays at home with whatever mistake in %s', async (field) => {
    for (const value of wrong)
      for (const stream of [true, false]) {
        await send('/v1/messages', { model: 'local', stream, [field]: value }, {});
        expect([value, scene.anthropic.requests.length, scene.foundry.requests.length]).toEqual([value, 0, 0]);
      }
  });

  it.each([7, true])(
    'for the local model that nobody can read (messages: %s) is refused, and no cloud is asked',
    async (messages) => {
      for (const stream of [true, false])
        expect((await send('/v1/messages', { model: 'local', stream, messages }, {})).status).toBe(400);
      expect([...scene.anthropic.requests, ...scene.foundry.requests, ...scene.lmStudio.requests]).toEqual([]);
    },
  );

  it.each(['local-only', 'claude-haiku-4-5'])('is taken by %s with half a letter in it', async (model) => {
    const content = 'half a smile: \\ud83d';
    const text = `{"model":"${model}","max_tokens":9,"messages":[{"role":"user","content":"${content}"}]}`;
    expect(await send('/v1/messages', text, {})).toMatchObject({ status: 200 });
    const asked = JSON.stringify([...scene.lmStudio.requests, ...scene.anthropic.requests]);
    expect(asked).toContain('half a smile: ?');
  });

  it.each(offlineSessions)(
    'comes from the real client when a session names $name, and no cloud hears of it',
    async (session) => {
      const ran = await runOffline(scene, session);
      console.log(`${session.name}: ${ran.exitCode} ${(ran.stdout + ran.stderr).slice(0, 160).replace(/\s+/g, ' ')}`);
      expect([...scene.anthropic.requests, ...scene.foundry.requests]).toEqual([]);
      expect(ran.stdout + ran.stderr).toMatch(/\w/);
    },
  );

  it('is answered by the local model', async () => {
    const reply = await askMarked('local-only');
    expect(reply).toMatchObject({ status: 200, litellm: { 'model-id': 'lm-studio:local-only' } });
  });

  it.each(others)('is refused for %s, and no cloud hears of it', async (model) => {
    const reply = await askMarked(model);
    expect(reply.status).toBe(400);
    expect(reply.body).toContain('never leaves this network');
    expectNoCloud();
  });
});

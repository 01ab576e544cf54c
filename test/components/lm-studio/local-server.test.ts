import { randomBytes } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { findUsualPort, identifyServer, withUsualPort } from '../../../src/components/lm-studio/local-server.ts';
import type { HttpFailure, HttpRequest, Probe } from '../../../src/host/host.ts';
import { exchange } from '../../../src/host/http-client.ts';
import { Secret } from '../../../src/host/secret.ts';
import type { Problem } from '../../../src/problem.ts';
import type { ProblemCode } from '../../../src/problem-codes/index.ts';
import { anthropic } from '../../machine/stand-ins/anthropic.ts';
import { lmStudio } from '../../machine/stand-ins/lm-studio.ts';
import { closedAddress } from '../../machine/stand-ins/stand-in.ts';
import { recordingProbe, serve, serveRaw, serveRoutes } from '../../services/loopback.ts';
import { problemIn, valueIn } from '../../value-in.ts';

const unknown = { body: { error: 'Unexpected endpoint or method. (GET /x)' } };
const ids = (...rows: object[]) => ({ body: { object: 'list', data: rows } });

describe('LM Studio', () => {
  it('is known after one request, with its models, embedding models left out', async () => {
    const probe = recordingProbe();
    const found = await identifyServer(probe, await serve(lmStudio()));
    expect(valueIn(found)).toMatchObject({ kind: 'lm-studio', listing: 'lm-studio-v1', tokenUsed: false });
    expect(valueIn(found).models.map(({ id, loaded, contextWindow }) => [id, loaded, contextWindow])).toEqual([
      ['qwen/qwen3.6-35b-a3b', true, 65_536],
      ['openai/gpt-oss-20b', true, 16_384],
      ['google/gemma-3-12b', false, undefined],
    ]);
    expect(probe.sent).toEqual(['GET /api/v1/models']);
  });

  it.each([
    ['v0', 'lm-studio-v0'],
    ['openai', 'openai'],
  ] as const)(
    'is known in its older generation %s, although it answers 200 to every path',
    async (generation, listing) => {
      const found = await identifyServer(recordingProbe(), await serve(lmStudio({ generation })));
      expect(valueIn(found)).toMatchObject({ kind: 'lm-studio', listing });
      expect(valueIn(found).models.map(({ id }) => id)).toContain('qwen/qwen3.6-35b-a3b');
    },
  );

  it('without any model is LM Studio all the same', async () => {
    const found = await identifyServer(recordingProbe(), await serve(lmStudio({ models: [] })));
    expect(valueIn(found)).toMatchObject({ kind: 'lm-studio', models: [] });
  });
});

describe('LM Studio with authentication', () => {
  const token = `sk-lm-${randomBytes(8).toString('hex')}`;
  const wrong = randomBytes(16).toString('hex');

  it.each(['v1', 'v0', 'openai'] as const)('asks for a token when none was given (%s)', async (generation) => {
    const address = await serve(lmStudio({ generation, tokens: [token] }));
    expect(problemIn(await identifyServer(recordingProbe(), address))).toMatchObject({ code: 'local-token-missing' });
  });

  it.each([wrong, `sk-lm-${wrong}`])('refuses a wrong one, and no part of it is shown', async (given) => {
    const address = await serve(lmStudio({ tokens: [token] }));
    const found = await identifyServer(recordingProbe(), address, new Secret(given));
    expect(problemIn(found)).toMatchObject({ code: 'local-token-refused' });
    expect(JSON.stringify(found)).not.toContain(wrong.slice(0, 6));
  });

  it('opens up for the right one', async () => {
    const address = await serve(lmStudio({ tokens: [token] }));
    expect(valueIn(await identifyServer(recordingProbe(), address, new Secret(token)))).toMatchObject({
      tokenUsed: true,
    });
  });
});

const tags = (...models: object[]) => ({
  'GET /api/version': { body: { version: '0.14.2' } },
  'GET /api/tags': { body: { models } },
});

it.each<[name: string, routes: Parameters<typeof serveRoutes>[0], found: object]>([
  [
    'Ollama, with the window of what is running',
    {
      ...tags({ name: 'qwen3:8b', capabilities: ['completion', 'tools'] }, { name: 'nomic-embed-text:latest' }),
      'GET /api/ps': { body: { models: [{ name: 'qwen3:8b', context_length: 32_768 }] } },
      'GET /v1/models': ids({ id: 'qwen3:8b', owned_by: 'library' }),
    },
    { kind: 'ollama', models: [{ id: 'qwen3:8b', loaded: true, contextWindow: 32_768, toolUse: true }] },
  ],
  [
    'Ollama, without the models of its own cloud, which are no local ones',
    tags(
      { name: 'qwen3-coder:30b' },
      { name: 'glm-4.7:cloud', remote_host: 'https://ollama.com:443', remote_model: 'glm-4.7' },
      { name: 'gpt-oss:120b-cloud' },
    ),
    { kind: 'ollama', models: [{ id: 'qwen3-coder:30b' }] },
  ],
  [
    'llama.cpp, with its window per request',
    {
      'GET /props': { body: { default_generation_settings: { n_ctx: 65_536 }, total_slots: 1 } },
      'GET /v1/models': ids({ id: 'model.gguf', owned_by: 'llamacpp', meta: { n_ctx_train: 131_072 } }),
    },
    {
      kind: 'llama.cpp',
      models: [{ id: 'model.gguf', loaded: true, contextWindow: 65_536, maxContextWindow: 131_072, slots: 1 }],
    },
  ],
  [
    'vLLM',
    { 'GET /v1/models': ids({ id: 'q', owned_by: 'vllm', max_model_len: 40_960 }) },
    { kind: 'vllm', models: [{ contextWindow: 40_960 }] },
  ],
  [
    'one of the OpenAI kind that is none of these',
    { 'GET /v1/models': ids({ id: 'q' }) },
    { kind: 'openai-compatible', models: [{ id: 'q' }] },
  ],
])('another model server: %s', async (_, routes, found) => {
  expect(valueIn(await identifyServer(recordingProbe(), await serveRoutes(routes)))).toMatchObject(found);
});

describe('what answers and cannot be used', () => {
  const authenticated = { status: 'healthy', db: 'Not connected' };
  const invalidKey = { error: { message: 'Invalid API Key', type: 'authentication_error', code: 401 } };
  const noKey = { error: { message: 'Authentication Error, No api key passed in.', code: '401' } };
  const keyed = ['/api/v1/models', '/v1/models', '/props'].map((path) => [
    `GET ${path}`,
    { status: 401, body: invalidKey },
  ]);
  const redirect = (location: string) => ({
    'GET /api/v1/models': { status: 302, body: '', headers: { location } },
  });
  it.each<[name: string, code: ProblemCode, routes: Parameters<typeof serveRoutes>[0], words: string]>([
    ['a gateway', 'not-a-model-server', { 'GET /health/readiness': { body: authenticated } }, 'LiteLLM'],
    [
      'a gateway that wants a key, and is not LM Studio with authentication',
      'not-a-model-server',
      {
        'GET /api/v1/models': { status: 404, body: { detail: 'Not Found' } },
        'GET /v1/models': { status: 401, body: noKey },
        'GET /health/readiness': { body: authenticated },
      },
      'LiteLLM',
    ],
    [
      'vLLM whose key guards its API alone, with where that is from',
      'local-token-missing',
      {
        'GET /version': { body: { version: '0.33.0' } },
        'GET /v1/models': { status: 401, body: { error: 'Unauthorized' } },
      },
      'vllm serve',
    ],
    ['llama.cpp with a key, in its own words', 'local-token-missing', Object.fromEntries(keyed), '--api-key'],
    [
      'a web page',
      'not-a-model-server',
      { 'GET /api/v1/models': { body: '<!doctype html><h1>Router</h1>' } },
      'a web page',
    ],
    ['an error page', 'not-a-model-server', {}, 'status 404'],
    [
      'LM Studio without any listing',
      'not-a-model-server',
      { 'GET /api/v1/models': unknown, 'GET /v1/models': unknown },
      'nothing that lists models',
    ],
    ['a redirect', 'not-a-model-server', redirect('https://login.example/x'), 'https://login.example'],
    ['a redirect to no address', 'not-a-model-server', redirect('http://[::bad'), 'an invalid address'],
    [
      'a TLS port',
      'https-wanted',
      { 'GET /api/v1/models': { status: 400, body: 'Client sent an HTTP request to an HTTPS server.' } },
      'wants https',
    ],
  ])('%s is named', async (_, code, routes, words) => {
    const found = problemIn(await identifyServer(recordingProbe(), await serveRoutes(routes)));
    expect(found).toMatchObject({ code });
    expect(`${found.problem} ${found.fix}`).toContain(words);
  });

  it('the Claude API is no local model server', async () => {
    const found = await identifyServer(recordingProbe(), await serve(anthropic()));
    expect(problemIn(found)).toMatchObject({
      code: 'not-a-model-server',
      problem: expect.stringContaining('not a model server'),
    });
  });

  it.each(['malformed', 'html', 'empty'] as const)('an answer that is %s', async (does) => {
    const address = await serve(lmStudio({ faults: [{ on: 'any', does }] }));
    expect(problemIn(await identifyServer(recordingProbe(), address))).toMatchObject({ code: 'not-a-model-server' });
  });
});

describe('no answer', () => {
  it('a closed port ends it after one attempt and tells how to open it', async () => {
    const probe = recordingProbe();
    const found = await identifyServer(probe, await closedAddress());
    expect(problemIn(found)).toMatchObject({
      code: 'connection-refused',
      problem: expect.stringContaining('nothing listens'),
      fix: expect.stringContaining('listen on 0.0.0.0, port '),
    });
    expect(probe.sent).toHaveLength(1);
  });

  it('silence is given three seconds', async () => {
    const address = await serve(lmStudio({ faults: [{ on: 'any', does: 'silence' }] }));
    const found = await identifyServer(recordingProbe(), address);
    expect(problemIn(found)).toMatchObject({ code: 'timed-out', problem: expect.stringContaining('within 3 s') });
  });

  it('a program that speaks something else ends it as well', async () => {
    const address = await serveRaw((socket) => socket.write('SSH-2.0-OpenSSH_10.0\r\n'));
    expect(problemIn(await identifyServer(recordingProbe(), address))).toMatchObject({ code: 'not-a-model-server' });
  });

  it('https typed where plain http is spoken', async () => {
    const address = (await serve(lmStudio())).replace('http:', 'https:');
    expect(problemIn(await identifyServer(recordingProbe(), address))).toMatchObject({
      fix: expect.stringContaining('type http://127.0.0.1:'),
    });
  });

  it.each<[HttpFailure, ProblemCode, string]>([
    ['name-not-found', 'name-not-found', 'IPv4 address'],
    ['unreachable', 'host-unreachable', 'own networks: ip -4 route'],
    ['broken', 'connection-cut', 'Stop and start the model server'],
    ['not-http', 'not-a-model-server', 'The usual ones: LM Studio 1234, Ollama 11434'],
    ['timeout', 'timed-out', 'firewall'],
  ])('%s has a way out of its own', async (failure, code, fix) => {
    const probe: Pick<Probe, 'http'> = { http: async () => ({ reached: false, failure, detail: '', ms: 1 }) };
    expect(problemIn(await identifyServer(probe, 'http://box:1234'))).toMatchObject({
      code,
      fix: expect.stringContaining(fix),
    });
  });
});

const machine = 'http://192.168.1.20';

/** A machine on which these ports are served by what stands at these addresses; every other port is closed. */
function machineWith(ports: Readonly<Record<string, string>>) {
  const dialled: string[] = [];
  return {
    dialled,
    http: async (request: HttpRequest) => {
      const { origin, port } = new URL(request.url);
      dialled.push(`${origin}${Object.keys(request.headers ?? {}).length === 0 ? '' : ' with headers'}`);
      const there = ports[port];
      if (there === undefined) return { reached: false, failure: 'refused', detail: 'ECONNREFUSED', ms: 1 } as const;
      return await exchange({ ...request, url: request.url.replace(origin, there) });
    },
  };
}

const problem = (code: ProblemCode): Problem => ({ code, problem: 'Nothing there.', fix: 'start it' });
const ollama = async () => await serveRoutes({ 'GET /api/version': { body: { version: '0.14.2' } } });

describe('a model server at another port of the same machine', () => {
  it('is found at the usual ports, the likeliest first, without a token', async () => {
    const probe = machineWith({ '11434': await ollama(), '1234': await serve(lmStudio()) });
    const found = await findUsualPort(probe, `${machine}:5555`, problem('connection-refused'));
    expect(found).toEqual({ address: `${machine}:1234`, port: '1234', who: 'LM Studio' });
    expect(new Set(probe.dialled)).toEqual(
      new Set([1234, 11434, 8080, 8000, 1337].map((port) => `${machine}:${port}`)),
    );
  });

  it('is not looked for at the port that was dialled, nor taken for one when it is something else', async () => {
    const web = await serveRoutes({ 'GET /': { body: '<!doctype html>' } });
    const probe = machineWith({ '8080': web });
    expect(await findUsualPort(probe, `${machine}:1234`, problem('timed-out'))).toBeUndefined();
    expect(probe.dialled).not.toContain(`${machine}:1234`);
  });

  it('is told where it wants a token', async () => {
    const probe = machineWith({ '1234': await serve(lmStudio({ tokens: ['sk-lm-x'] })) });
    const found = await findUsualPort(probe, `${machine}:80`, problem('not-a-model-server'));
    expect(found).toMatchObject({ port: '1234', who: 'A model server that wants a token' });
  });

  it.each(['name-not-found', 'host-unreachable', 'local-token-missing', 'local-token-refused'] as const)(
    'is not looked for where the port is not what is wrong: %s',
    async (code) => {
      const probe = machineWith({ '1234': await serve(lmStudio()) });
      expect(await findUsualPort(probe, `${machine}:80`, problem(code))).toBeUndefined();
      expect(probe.dialled).toEqual([]);
    },
  );

  it('is named in the problem, with what to type', async () => {
    const probe = machineWith({ '11434': await ollama() });
    expect(await withUsualPort(probe, `${machine}:1234`, problem('connection-refused'))).toEqual({
      code: 'connection-refused',
      problem: 'Nothing there. Ollama answers on port 11434 of the same machine.',
      fix: 'use that port:  claude-routing-install --set localModel.address=http://192.168.1.20:11434',
    });
    const closed = machineWith({});
    expect(await withUsualPort(closed, `${machine}:1234`, problem('timed-out'))).toEqual(problem('timed-out'));
  });
});

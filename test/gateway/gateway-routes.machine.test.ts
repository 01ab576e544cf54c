import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { backendOfId, unlistedNames } from '../../src/components/gateway/models.ts';
import { litellmVersion } from './litellm-program.ts';
import { ask, claudeRequest } from './messages-client.ts';
import { type GatewayConfig, localModel, type Scene, sceneAnswers, setScene } from './scene.ts';

let scene: Scene;
beforeAll(async () => {
  scene = await setScene({ change: addOddModels });
});
afterAll(() => scene?.close());
beforeEach(() => scene.reset());

const names = [
  'local',
  'local-only',
  'claude-opus-4-8',
  'claude-sonnet-4-6',
  'claude-haiku-4-5',
  'claude-fable-5-2',
  'foundry/claude-sonnet-4-6',
  'foundry/claude-haiku-4-5',
  'claude-opus',
  'claude-sonnet',
  'claude-haiku',
  'claude-fable',
  'foundry-sonnet',
  'foundry-haiku',
  'anthropic-local',
];

/** Ids as a local server may list them; each means something to YAML, to a shell, to an address or to LiteLLM. */
const oddIds = [
  ...[
    'my model',
    'größe',
    '日本語 😀',
    `it's "quoted"`,
    '$HOME `id` \\',
    'a: b #c',
    '- x',
    '--help',
    '{x} [y] %s',
    '*',
    '123',
  ],
  ...[
    'os.environ/HOME',
    'lm_studio/lm_studio/x',
    'azure/gpt',
    'bedrock/a,b',
    '../../etc?a=b#c',
    'a//b/',
    'y'.repeat(300),
  ],
];

/** The shipped local deployment once more for each of them, under names that only this file knows. */
function addOddModels({ model_list: models }: GatewayConfig): void {
  const [local] = models;
  if (local === undefined) throw new Error('the configuration has no local model');
  for (const [index, id] of oddIds.entries())
    models.push({
      model_name: `odd-${index}`,
      litellm_params: { ...local.litellm_params, model: `lm_studio/${id}` },
      model_info: { ...local.model_info, id: `lm-studio:odd-${index}` },
    });
}

async function get(path: string, headers: Record<string, string> = {}): Promise<{ status: number; body: unknown }> {
  const response = await fetch(`${scene.gateway.url}${path}`, { headers });
  return { status: response.status, body: await response.json() };
}

/** A request of a name that Claude Code recognises: no system turns between the others. */
function plainRequest(model: string, more: Record<string, unknown> = {}): Record<string, unknown> {
  return claudeRequest(model, 'hello', { messages: [{ role: 'user', content: 'hello' }], ...more });
}

/** The conversation in a request's body; empty when there was no request. */
function messagesOf(
  body: unknown,
): readonly { readonly role: string; readonly content: readonly { readonly type: string }[] }[] {
  const { messages = [] } = (body ?? {}) as { messages?: { role: string; content: { type: string }[] }[] };
  return messages;
}

describe('the shipped configuration in the real gateway', () => {
  it('offers every name, in the shape that Claude Code reads', async () => {
    const headers = { authorization: `Bearer ${scene.gateway.key}`, 'anthropic-version': '2023-06-01' };
    const started = performance.now();
    const { status, body } = await get('/v1/models?limit=1000', headers);
    expect(status).toBe(200);
    // Claude Code waits three seconds for the list.
    expect(performance.now() - started).toBeLessThan(3000);
    const listed = (body as { data: { id: string }[] }).data.map(({ id }) => id);
    expect(listed.filter((id) => !id.startsWith('odd-'))).toEqual(names);
  });

  it('lists each model once where a launcher asks, and takes the other names all the same', async () => {
    const headers = {
      authorization: `Bearer ${scene.gateway.key}`,
      'x-claude-routing': 'claude-routed',
      // LiteLLM has other names for whom it takes for Claude Code.
      'user-agent': 'claude-cli/2.1.332 (external, cli)',
      'anthropic-version': '2023-06-01',
    };
    const { body } = await get('/v1/models?limit=1000', headers);
    const listed = (body as { data: { id: string }[] }).data.map(({ id }) => id);
    const unlisted = unlistedNames(sceneAnswers());
    expect(unlisted).toContain('claude-sonnet');
    expect(listed.filter((id) => !id.startsWith('odd-'))).toEqual(names.filter((name) => !unlisted.includes(name)));
    for (const name of ['claude-sonnet', 'anthropic-local'])
      expect(await ask(scene.gateway, plainRequest(name))).toMatchObject({ status: 200 });
  });

  it.each(oddIds.map((id, index) => [id, `odd-${index}`] as const))(
    'asks LM Studio for %j by just that id',
    async (id, name) => {
      for (const stream of [false, true]) await ask(scene.gateway, claudeRequest(name, 'hello', { stream }));
      expect(scene.lmStudio.requests.map(({ body }) => (body as { model?: unknown }).model)).toEqual([id, id]);
    },
  );

  it('answers nobody without the key', async () => {
    expect((await get('/v1/models')).status).toBe(401);
    expect(await ask(scene.gateway, claudeRequest('local'), null)).toMatchObject({ status: 401, text: '' });
    // Without a database LiteLLM calls a wrong key a missing database.
    expect(await ask(scene.gateway, claudeRequest('local'), 'sk-wrong')).toMatchObject({
      status: 400,
      error: 'No connected db.',
    });
    expect(scene.lmStudio.requests).toEqual([]);
  });

  it('shows no pages for people and calls no model to see whether it is well', async () => {
    expect((await fetch(`${scene.gateway.url}/docs`)).status).toBe(404);
    const health = await get('/health', { authorization: `Bearer ${scene.gateway.key}` });
    expect(health.body).toMatchObject({ healthy_count: 0, unhealthy_count: 0 });
    expect([scene.lmStudio, scene.anthropic, scene.foundry].flatMap(({ requests }) => requests)).toEqual([]);
  });

  it.each(names.flatMap((name) => [false, true].map((stream) => [name, stream] as const)))(
    'answers %s (streamed: %s) and tells in a header who did',
    async (name, stream) => {
      const recognised = /\d/.test(name);
      const reply = await ask(
        scene.gateway,
        recognised ? plainRequest(name, { stream }) : claudeRequest(name, 'hello', { stream }),
      );
      expect(reply).toMatchObject({ status: 200, error: undefined });
      const backend = name.includes('local') ? 'local' : name.startsWith('foundry') ? 'foundry' : 'anthropic';
      const place = { local: 'on LM Studio', anthropic: 'on the Claude API', foundry: 'on Microsoft Foundry' }[backend];
      expect(reply.text).toContain(place);
      expect(backendOfId(reply.litellm['model-id'])).toBe(backend);
      expect(reply.litellm).toMatchObject({
        'attempted-fallbacks': '0',
        'attempted-retries': '0',
        version: litellmVersion,
      });
      expect(reply.contentType).toContain(stream ? 'text/event-stream' : 'application/json');
    },
  );

  it("hands a local request to LM Studio's own Messages API", async () => {
    await ask(scene.gateway, claudeRequest('local'));
    const [request] = scene.lmStudio.requests;
    expect(request).toMatchObject({ method: 'POST', path: '/v1/messages', body: { model: localModel } });
    expect(request?.credentials.map(({ scheme }) => scheme)).toEqual(['Bearer']);
  });

  it('folds a late system turn for a local model, leaves the billing line and the thinking out', async () => {
    await ask(scene.gateway, claudeRequest('local'));
    expect(scene.lmStudio.requests[0]?.body).toMatchObject({
      system: [{ type: 'text', text: 'You are a coding agent.' }],
      messages: [
        {
          role: 'user',
          content: [
            { type: 'text', text: 'hello' },
            { type: 'text', text: '<system-reminder>\nThe folder is /tmp.\n</system-reminder>' },
          ],
        },
      ],
    });
    expect(scene.lmStudio.requests[0]?.body).not.toHaveProperty('thinking');
  });

  it('leaves requests for a recognised cloud model as they are', async () => {
    await ask(scene.gateway, claudeRequest('claude-fable-5-2'));
    const { system, messages, thinking, output_config } = claudeRequest('claude-fable-5-2');
    expect(scene.anthropic.requests[0]?.body).toMatchObject({ system, messages, thinking, output_config });
  });

  it('makes a short form plain, whatever the model behind it', async () => {
    const reply = await ask(scene.gateway, claudeRequest('claude-sonnet'));
    expect(reply.status).toBe(200);
    expect(scene.anthropic.requests[0]?.body).toMatchObject({
      messages: [{ role: 'user' }],
      thinking: { type: 'adaptive' },
    });
  });

  it('reaches a Foundry deployment whose name does not say Claude', async () => {
    const reply = await ask(scene.gateway, plainRequest('foundry/claude-haiku-4-5'));
    expect(reply.text).toContain('cheap-one on Microsoft Foundry');
    expect(scene.foundry.requests[0]).toMatchObject({ path: '/anthropic/v1/messages', answer: { status: 200 } });
  });

  it('keeps words and keys out of its log', async () => {
    const canary = `canary${randomBytes(8).toString('hex')}`;
    await ask(scene.gateway, claudeRequest('local', canary));
    await ask(scene.gateway, claudeRequest('local-only', `${canary} ${'x'.repeat(300_000)}`));
    expect(scene.gateway.log()).toContain('n_keep');
    expect(scene.gateway.log()).not.toContain(canary);
    expect(scene.gateway.log()).not.toContain(scene.gateway.key);
  });
});

describe('a tool round trip over the native route', () => {
  const tools = [
    { name: 'Look', description: 'looks', input_schema: { type: 'object', properties: { path: { type: 'string' } } } },
  ];
  const said = 'use the tool Look with {"path": "/etc/hostname"}';

  it.each([false, true])('keeps the call and its result in order (streamed: %s)', async (stream) => {
    const call = await ask(scene.gateway, claudeRequest('local', said, { tools, stream }));
    expect(scene.lmStudio.requests[0]?.answer.toolCalls).toEqual(['Look']);
    expect(call.body).toContain('tool_use');
    const id = /toolu_\w+/.exec(call.body)?.[0];
    const messages = [
      { role: 'user', content: said },
      { role: 'assistant', content: [{ type: 'tool_use', id, name: 'Look', input: { path: '/etc/hostname' } }] },
      { role: 'system', content: 'The folder changed.' },
      { role: 'user', content: [{ type: 'tool_result', tool_use_id: id, content: 'my-host' }] },
    ];
    const answer = await ask(scene.gateway, claudeRequest('local', said, { tools, stream, messages }));
    expect(answer.text).toContain('The tools said: my-host');
    const sent = messagesOf(scene.lmStudio.requests[1]?.body);
    expect(sent.map(({ role }) => role)).toEqual(['user', 'assistant', 'user']);
    expect(sent[2]?.content.map(({ type }) => type)).toEqual(['tool_result', 'text']);
  });
});

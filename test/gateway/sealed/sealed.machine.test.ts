import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { put } from '../../render/scratch.ts';
import { ask, claudeRequest, type GatewayReply } from '../messages-client.ts';
import { addressOf, type GatewayRoute, knock, routeTableModule } from '../route-table.ts';
import { type Scene, sceneAnswers, setScene } from '../scene.ts';
import { canary, leaked, notes, type SealedHome, sealedHome } from './canaries.ts';

const sonnet = 'claude-sonnet-4-6';
const strict = 'lm-studio:local-only';
const answers = {
  ...sceneAnswers(),
  failover: { allowed: true as const, overflow: 'cloud' as const, images: 'cloud' as const },
  routing: { rules: [{ name: 'all', when: {}, model: 'claude-haiku-4-5' }] },
};

let home: SealedHome;
let scene: Scene;
let routes: readonly GatewayRoute[];
beforeAll(async () => {
  home = sealedHome({ 'notes.md': notes, 'whole.bin': `\0${'some bytes '.repeat(20)}` });
  const directory = mkdtempSync(`${tmpdir()}/routes-`);
  const { cloud, failover, routing } = answers;
  scene = await setScene({
    answers: { cloud, failover, routing },
    modules: { 'route_table.py': routeTableModule },
    environment: {
      ...home.environment,
      LITELLM_DISABLE_LAZY_ROUTES: 'True',
      ROUTE_TABLE: `${directory}/routes.json`,
    },
    change: (config) => {
      (config.litellm_settings.callbacks as string[]).push('route_table.proxy_handler_instance');
    },
  });
  await ask(scene.gateway, claudeRequest('local-only'));
  routes = JSON.parse(readFileSync(`${directory}/routes.json`, 'utf8')) as readonly GatewayRoute[];
});
afterAll(async () => {
  await scene?.close();
  rmSync(home.home, { recursive: true, force: true, maxRetries: 5 });
});
beforeEach(() => scene.reset());

const user = (content: unknown): object => ({ role: 'user', content });
const text = (words: string): object => ({ type: 'text', text: words });
const result = (content: unknown): object => user([{ type: 'tool_result', tool_use_id: 'toolu_1', content }]);
const call = (name: string, input: object): object => ({
  role: 'assistant',
  content: [{ type: 'tool_use', id: 'toolu_1', name, input }],
});
const called = (name: string, input: object): object => ({
  messages: [user('hello'), call(name, input), result('done')],
});
const got = (content: unknown): object => ({
  messages: [user('hello'), call('Bash', { command: 'make' }), result(content)],
});
const stands = text('Primary working directory: HOME/clients\n');
const here = (body: object): object => JSON.parse(JSON.stringify(body).replaceAll('HOME', home.home)) as object;

const split = canary.match(/\S+ ?\S*/g) ?? [];
const packed = (words: string): string => Buffer.from(words).toString('base64');
const source = { type: 'base64', media_type: 'text/plain', data: packed(`of it: ${canary}.`) };

const rows: readonly [name: string, body: object, headers?: object][] = [
  ['in what is typed', { messages: [user(`please read: ${canary}`)] }],
  ['in the system prompt', { system: [text(canary)] }],
  ['in a system prompt of one string', { system: `You are. ${canary}` }],
  ['in what the model said', { messages: [user('a'), { role: 'assistant', content: [text(canary)] }, user('b')] }],
  ['in a result', got(canary)],
  ['in a result of parts', got([text('x'), text(canary)])],
  [
    'with the line numbers of Read',
    got(
      notes
        .split('\n')
        .map((line, at) => `${String(at).padStart(6)}→${line}`)
        .join('\n'),
    ),
  ],
  ['with the prefix of grep', got(`src/a.ts:12:${canary}`)],
  ['in capitals, quoted and broken', got(`> "${canary.toUpperCase().replaceAll(' ', '  \n> ')}"`)],
  ['as JSON in a string', got(JSON.stringify({ line: `x\n${canary}` }))],
  ['in part', got(canary.split(' ').slice(1, 8).join(' '))],
  ['as a number that is in it', got('what about K4n4ry2719Zq88?')],
  ['in a call', called('Write', { file_path: '/tmp/x', content: canary })],
  ['in the description of a tool', { tools: [{ name: 'x', description: canary, input_schema: { type: 'object' } }] }],
  [
    'as a whole file',
    got([
      {
        type: 'document',
        source: {
          type: 'base64',
          media_type: 'application/pdf',
          data: Buffer.from(`\0${'some bytes '.repeat(20)}`).toString('base64'),
        },
      },
    ]),
  ],
  ['as a part of a file', { messages: [user([{ type: 'document', source }])] }],
  [
    'in a document of text',
    { messages: [user([{ type: 'document', source: { ...source, type: 'text', data: canary } }])] },
  ],
  [
    'in an address',
    { messages: [user([{ type: 'image', source: { type: 'url', url: `data:text/plain;base64,${packed(canary)}` } }])] },
  ],
  ['in a block of what was found', got([{ type: 'search_result', source: 'x', title: 'y', content: [text(canary)] }])],
  [
    'in what is cited',
    {
      messages: [
        user('a'),
        {
          role: 'assistant',
          content: [{ ...text('So it is.'), citations: [{ type: 'char_location', cited_text: canary }] }],
        },
        user('b'),
      ],
    },
  ],
  [
    'in what the model thought',
    {
      messages: [
        user('a'),
        { role: 'assistant', content: [{ type: 'thinking', thinking: canary, signature: 'x'.repeat(99) }] },
        user('b'),
      ],
    },
  ],
  ['in a result of blocks with two words each', got(split.map(text))],
  [
    'in what an MCP server answered, a line in each block',
    {
      messages: [
        user('a'),
        { role: 'assistant', content: [{ type: 'mcp_tool_result', tool_use_id: 'm', content: split.map(text) }] },
        user('b'),
      ],
    },
  ],
  [
    'by a path that an MCP server takes',
    {
      system: [stands],
      messages: [
        user('a'),
        { role: 'assistant', content: [{ type: 'mcp_tool_use', id: 'm', name: 'read', input: { path: 'private/x' } }] },
        user('b'),
      ],
    },
  ],
  ['by the path that Read takes', called('Read', { file_path: 'HOME/clients/private/x' })],
  ['by a path from home', called('Bash', { command: 'cat ~/clients/private/x | wc -l' })],
  ['by a path from where it stands', { system: [stands], ...called('Bash', { command: 'cat private/x' }) }],
  ['by a detour', { system: [stands], ...called('Bash', { command: 'cat ../clients/other/../private/x' }) }],
  ['by a wildcard', called('Bash', { command: 'cat HOME/*/priv*/x' })],
  ['by where a command went', called('Bash', { command: 'cd HOME/clients && cat private/x' })],
  ['by a line of a result', { system: [stands], ...got('private/notes.md:3:a') }],
  [
    'by a path in a reminder',
    { messages: [user([text('<system-reminder>Contents of HOME/clients/private/CLAUDE.md')])] },
  ],
  ['by where it stands', { system: [text('Working directory: HOME/clients/private/deep')] }],
  ['by where it was started', {}, { 'x-claude-routing': 'claude-routed; MARK' }],
];

const plain = { thinking: undefined, output_config: undefined };
function send(body: object, headers: object = {}, more: object = {}): Promise<GatewayReply> {
  const marked = JSON.parse(JSON.stringify(headers).replaceAll('MARK', home.mark)) as Record<string, string>;
  return ask(
    scene.gateway,
    claudeRequest(sonnet, 'hello', { ...plain, ...here(body), ...more }),
    scene.gateway.key,
    marked,
  );
}

describe('a request with something of a sealed folder', () => {
  it.each(rows)('stays local: %s', async (_, body, headers = {}) => {
    for (const stream of [false, true]) {
      const reply = await send(body, headers, { stream });
      expect([reply.status, reply.litellm['model-id']], reply.body).toEqual([200, strict]);
    }
    expect([...scene.anthropic.requests, ...scene.foundry.requests]).toEqual([]);
    expect(scene.names).toEqual([]);
  });

  it.each([
    ['nothing of it', {}],
    ['another folder whose name begins alike', called('Bash', { command: 'cat ~/clients/private-not/x' })],
    ['the folder in instructions', { system: [text('Never read ~/clients/private or HOME/clients/private.')] }],
    ['everything where it is found', { system: [stands], ...called('Glob', { pattern: '**/*.md' }) }],
    ['a few words of it', got('the seventh canary of ours')],
  ])('goes where it is meant to go with %s', async (_, body) => {
    expect((await send(body)).litellm['model-id']).toBe('claude-api:claude-haiku-4-5');
  });

  it('is known from the moment on that the file is there', async () => {
    const words = 'another bird whispers of silver rivers under the winter moon';
    expect((await send(got(words))).litellm['model-id']).toBe('claude-api:claude-haiku-4-5');
    put(`${home.folder}/new.txt`, words);
    expect((await send(got(words))).litellm['model-id']).toBe(strict);
  });
});

it('has no way out by any route, and counts nowhere else', async () => {
  const body = JSON.stringify({
    model: sonnet,
    max_tokens: 16,
    messages: [user(canary)],
    input: canary,
    prompt: canary,
    query: canary,
    documents: [canary],
  });
  const headers = { 'content-type': 'application/json', authorization: `Bearer ${scene.gateway.key}` };
  expect(routes.length).toBeGreaterThan(500);
  for (const route of routes) await knock(scene.gateway.url, { ...route, path: addressOf(route) }, headers, body);
  expect(leaked(scene)).toEqual([]);
  expect(scene.names).toEqual([]);
});

import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { Fault } from '../machine/stand-ins/fault.ts';
import { hardTool, image, templateCases } from '../templates/cases.ts';
import { ask, claudeRequest, type GatewayReply } from './messages-client.ts';
import { type Scene, setScene } from './scene.ts';

/** Listed with sight. */
const seeingModel = 'google/gemma-3-12b';

let scene: Scene;
beforeAll(async () => {
  const anthropic = { models: { sonnet: 'claude-sonnet-4-6', haiku: 'claude-haiku-4-5' } };
  scene = await setScene({
    answers: { cloud: { anthropic }, failover: { allowed: true, images: 'cloud' } },
    lmStudio: { defaultContext: 65_536 },
    change: ({ model_list }) => {
      const strict = model_list.find(({ model_name }) => model_name === 'local-only');
      if (strict === undefined) throw new Error('there is no strict name');
      const litellm_params = { ...strict.litellm_params, model: `lm_studio/${seeingModel}` };
      model_list.push({
        ...strict,
        model_name: 'anthropic-seeing',
        litellm_params,
        model_info: { ...strict.model_info, id: 'lm-studio:seeing' },
      });
    },
  });
});
afterAll(() => scene?.close());
beforeEach(() => scene.reset());

const text = (words: string) => ({ type: 'text', text: words });
const user = (...content: unknown[]) => ({ role: 'user', content });
const send = (model: string, more: Record<string, unknown>): Promise<GatewayReply> =>
  ask(scene.gateway, claudeRequest(model, 'hello', more));
const messagesTo = ({ requests }: Scene['lmStudio'] | Scene['anthropic']) =>
  requests.filter(({ path }) => path.startsWith('/v1/messages'));
/** What LM Studio was sent last. */
const received = () =>
  messagesTo(scene.lmStudio).at(-1)?.body as {
    messages: { role: string; content: unknown[] }[];
    tools?: { name: string; input_schema: unknown }[];
  };

const search = { type: 'web_search_20250305', name: 'web_search', max_uses: 3 };
const pictureRead = [
  user(text('look')),
  { role: 'assistant', content: [{ type: 'tool_use', id: 'toolu_1', name: 'Read', input: { file_path: 'a.png' } }] },
  user({ type: 'tool_result', tool_use_id: 'toolu_1', content: [image] }),
];

describe('what Claude Code sends and LM Studio refuses', () => {
  it.each(templateCases)('is answered by the local model: $name', async ({ body }) => {
    expect(await send('local-only', body)).toMatchObject({ status: 200, error: undefined });
  });

  it('a conversation with an image goes on, and its beginning stays the same', async () => {
    const first = await send('local-only', { messages: pictureRead });
    const before = received().messages;
    const next = [...pictureRead, { role: 'assistant', content: [text('I see.')] }, user(text('go on'))];
    const second = await send('local-only', { messages: next });
    expect([first.status, second.status]).toEqual([200, 200]);
    expect(received().messages.slice(0, before.length)).toEqual(before);
    expect(JSON.stringify(before)).toContain('image/png, 0 KB: not shown, this model cannot see images');
  });

  it('a server tool is not offered, and the others are', async () => {
    const tools = [{ name: 'Look', description: 'd', input_schema: { type: 'object' } }, search];
    expect((await send('local-only', { tools, tool_choice: { type: 'tool', name: 'web_search' } })).status).toBe(200);
    expect(received().tools?.map(({ name }) => name)).toEqual(['Look']);
    expect(received()).not.toHaveProperty('tool_choice');
  });
});

describe('a model that sees', () => {
  it('gets the image, in the turn and not in the tool result', async () => {
    expect(await send('anthropic-seeing', { messages: pictureRead })).toMatchObject({ status: 200 });
    expect(received().messages.at(-1)?.content).toEqual([
      expect.objectContaining({ type: 'tool_result', content: '[the image follows]' }),
      image,
    ]);
  });

  it('and whose engine refuses it all the same, gets a note: at once, and from then on', async () => {
    scene.lmStudio.settings.engineSees = false;
    expect(await send('anthropic-seeing', { messages: pictureRead })).toMatchObject({ status: 200 });
    expect(messagesTo(scene.lmStudio)).toHaveLength(2);
    expect(await send('anthropic-seeing', { messages: pictureRead })).toMatchObject({ status: 200 });
    expect(messagesTo(scene.lmStudio)).toHaveLength(3);
  });
});

describe('the cloud', () => {
  it('answers the turn with the image where that was chosen, with the image; the next one is local', async () => {
    const reply = await send('local', { messages: pictureRead });
    expect(reply.litellm['model-id']).toBe('claude-api:claude-haiku-4-5');
    expect(JSON.stringify(scene.anthropic.requests.at(-1)?.body)).toContain(image.source.data);
    const next = [...pictureRead, { role: 'assistant', content: [text('I see.')] }, user(text('go on'))];
    expect((await send('local', { messages: next })).litellm['model-id']).toBe('lm-studio:local');
  });

  it('never gets it from the strict name', async () => {
    expect((await send('local-only', { messages: pictureRead })).litellm['model-id']).toBe('lm-studio:local-only');
    expect(scene.anthropic.requests).toEqual([]);
  });

  it('gets schemas and blocks as the client sent them when it takes over', async () => {
    scene.lmStudio.settings.faults.push({ on: 'generation', does: 'status', status: 500 });
    await send('local', { tools: [hardTool, search] });
    const body = scene.anthropic.requests.at(-1)?.body as { tools: unknown };
    expect(body.tools).toEqual([hardTool, search]);
  });
});

describe('a schema that is refused all the same', () => {
  const grammar = (message: string): Fault => ({
    on: 'generation',
    does: 'status',
    status: 500,
    body: {
      type: 'error',
      error: {
        type: 'api_error',
        message: `Engine protocol predict request returned 400: ${JSON.stringify({ error: { code: 400, message } })}`,
      },
    },
  });
  const plain = { name: 'Look', input_schema: { type: 'object', properties: {} } };

  it.each([
    [
      'Failed to initialize samplers: failed to parse grammar',
      /schema of the tool mcp__mail__send \(failed to parse grammar\)/,
    ],
    [
      "JSON schema conversion failed:\nUnrecognized schema in 'Look'",
      /schema of the tool Look \(Unrecognized schema in/,
    ],
  ])('%s: 400, and the tool is named', async (message, words) => {
    scene.lmStudio.settings.faults.push(grammar(message));
    const reply = await send('local-only', { tools: [plain, hardTool] });
    expect(reply.status).toBe(400);
    expect(reply.error).toMatch(words);
  });
});

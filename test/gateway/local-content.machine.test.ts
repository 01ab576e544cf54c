import { afterAll, describe, expect, it } from 'vitest';
import { dot } from '../templates/cases.ts';
import { startPython } from './python-call.ts';

const python = startPython();
afterAll(() => python.end());

type Block = Record<string, unknown>;
interface Turn {
  readonly role: string;
  readonly content: readonly Block[];
}

const fitted = (messages: unknown, sees = false) =>
  python.call('local_content', 'fit_messages', messages, sees) as Promise<Turn[]>;
const text = (words: string) => ({ type: 'text', text: words });
const user = (...content: unknown[]) => ({ role: 'user', content });
const assistant = (...content: unknown[]) => ({ role: 'assistant', content });
const call = (id: string) => ({ type: 'tool_use', id, name: 'Read', input: {} });
const result = (id: string, content: unknown = 'x') => ({ type: 'tool_result', tool_use_id: id, content });
const image = { type: 'image', source: { type: 'base64', media_type: 'image/png', data: dot } };
const unseen = text('[image/png, 0 KB: not shown, this model cannot see images]');

/** One turn of the person after a call of the model, fitted. */
const afterCall = async (block: unknown, sees = false) =>
  (await fitted([user(text('a')), assistant(call('c1')), user(block)], sees)).at(-1)?.content;
/** What becomes of one block in a turn of this role. */
const alone = async (role: string, block: unknown, sees = false) =>
  (await fitted([user(text('a')), { role, content: [block, text('z')] }], sees))
    .at(-1)
    ?.content.filter(({ text: words }) => words !== 'z' && words !== 'a');

describe('a block that a local model takes', () => {
  it.each([
    ['text, without what only clouds read', { ...text('b'), cache_control: {}, citations: [] }, text('b')],
    ['text as a bare string', 'b', text('b')],
  ])('%s', async (_, block, kept) => {
    expect(await alone('user', block)).toEqual([kept]);
  });

  it('an image, where the model sees', async () => {
    expect(await alone('user', { ...image, cache_control: {} }, true)).toEqual([image]);
  });

  it('an image in a tool result, behind the results', async () => {
    expect(await afterCall(result('c1', [text('a picture'), image]), true)).toEqual([
      result('c1', [text('a picture'), text('[the image follows]')]),
      image,
    ]);
  });

  it('an image whose label is wrong, by what it is', async () => {
    const labelled = { type: 'image', source: { type: 'base64', media_type: 'image/jpeg', data: dot } };
    expect(await alone('user', labelled, true)).toEqual([image]);
  });

  it("the model's own thinking", async () => {
    const thinking = { type: 'thinking', thinking: 'hm', signature: 's' };
    expect((await fitted([user(text('a')), assistant(thinking, text('b'))])).at(-1)?.content).toEqual([
      thinking,
      text('b'),
    ]);
  });
});

const base64 = (media_type: string, data: string) => ({ type: 'base64', media_type, data });
const search = { type: 'web_search_result', title: 'T', url: 'https://e.org', encrypted_content: 'QUJD' };

/** A block whose source is this. */
const from = (type: string, source: object, more: object = {}) => ({ type, source, ...more });
const undecoded = '0 KB: not shown, it cannot be decoded]';

describe('a block that a local model does not take is told in words', () => {
  it('an image, where the model does not see', async () => {
    expect(await alone('user', image)).toEqual([unseen]);
  });

  it.each<[string, Block, string]>([
    ['an image that is none', from('image', base64('image/png', 'PGh0bWw+')), `[image/png, ${undecoded}`],
    ['a GIF', from('image', base64('image/gif', 'R0lGODlh')), `[image/gif, ${undecoded}`],
    [
      'an image at an address',
      from('image', { type: 'url', url: 'https://e.org/a.png' }),
      '[an image at https://e.org/a.png: not fetched, this model cannot open addresses]',
    ],
    [
      'an uploaded image',
      from('image', { type: 'file', file_id: 'f' }),
      '[an image that is kept elsewhere: not shown to this model]',
    ],
    [
      'a PDF',
      from('document', base64('application/pdf', 'JVBERi0x'), { title: 'plan.pdf' }),
      '[plan.pdf, a PDF, 0 KB: not shown, this model reads text only]',
    ],
    [
      'a document at an address',
      from('document', { type: 'url', url: 'https://e.org' }),
      '[a document at https://e.org: not fetched, this model cannot open addresses]',
    ],
    [
      'a search result',
      { type: 'search_result', title: 'T', source: 's', content: [text('w')] },
      '[search_result:\nT\nw\ns]',
    ],
    [
      'an upload',
      { type: 'container_upload', file_id: 'f' },
      '[container_upload: not shown, this model does not know it]',
    ],
    ['a block of tomorrow', { type: 'hologram', words: 'w' }, '[hologram: not shown, this model does not know it]'],
    ['a block without a type', { words: 'w' }, '[unknown:\nw]'],
    ['a tool call in a turn of the person', call('c'), '[tool_use Read {}]'],
  ])('%s', async (_, block, words) => {
    expect(await alone('user', block, true)).toEqual([text(words)]);
  });

  it.each<[string, type: string, Block, string]>([
    [
      'a search by the cloud',
      'server_tool_use',
      { id: 's', name: 'web_search', input: { query: 'q' } },
      ' web_search {"query": "q"}',
    ],
    ['its results', 'web_search_tool_result', { tool_use_id: 's', content: [search] }, ':\nT\nhttps://e.org'],
    [
      'its failure',
      'web_search_tool_result',
      { content: { type: 'web_search_tool_result_error', error_code: 'unavailable' } },
      ':\nunavailable',
    ],
    [
      'code that the cloud ran',
      'bash_code_execution_tool_result',
      { content: { stdout: 'out', return_code: 0 } },
      ':\nout',
    ],
    ['a call of a remote server', 'mcp_tool_use', { id: 'm', name: 'n', server_name: 's', input: {} }, ' n {}'],
    ['and its result', 'mcp_tool_result', { tool_use_id: 'm', content: [text('w')] }, ':\nw'],
  ])('%s', async (_, type, block, words) => {
    expect(await alone('assistant', { type, ...block })).toEqual([text(`[${type}${words}]`)]);
  });

  it.each([
    ['an image in a tool result', [text('a picture'), image], [text('a picture'), unseen]],
    [
      'a document in one',
      [{ type: 'document', source: { type: 'text', data: 'd' } }],
      [text('[a document:]'), text('d')],
    ],
    ['a tool that was found', [{ type: 'tool_reference', tool_name: 'Look' }], '[tool_reference:\nLook]'],
    ['nothing in one', [], '(no text)'],
    ['no content at all', null, '(no text)'],
    ['a number', 5, '(no text)'],
  ])('%s', async (_, content, plain) => {
    const before = typeof content === 'number' ? [] : content;
    expect(await afterCall(result('c1', before))).toEqual([result('c1', plain)]);
  });

  it('what is encrypted, and what nobody heard, says nothing', async () => {
    const hidden = [
      { type: 'redacted_thinking', data: 'QUJD' },
      { type: 'thinking', thinking: '', signature: 's' },
    ];
    expect((await fitted([user(text('a')), assistant(...hidden, text('b'))])).at(-1)?.content).toEqual([text('b')]);
    expect((await fitted([user(text('a')), assistant(...hidden)])).at(-1)?.content).toEqual([text('(no text)')]);
  });
});

describe('turns', () => {
  it.each([
    [
      'an empty one says so',
      [user(text('a')), { role: 'assistant', content: [] }, { role: 'user', content: '' }],
      ['a', '(no text)', '(no text)'],
    ],
    ['one without a content too', [user(text('a')), { role: 'assistant' }, user(text('b'))], ['a', '(no text)', 'b']],
    [
      'the same role twice is one',
      [user(text('a')), { role: 'user', content: 'b' }, assistant(text('c')), assistant(text('d'))],
      ['a b', 'c d'],
    ],
    ['a role that nobody knows is the person', [{ role: 'narrator', content: 'a' }, assistant(text('b'))], ['a', 'b']],
    ['the first is the person', [assistant(text('a')), user(text('b'))], ['(no text)', 'a', 'b']],
    ['rubbish is left out', [7, user(text('a'), 7, null, text(''))], ['a']],
  ])('%s', async (_, messages, texts) => {
    expect((await fitted(messages)).map(({ content }) => content.map((block) => block.text).join(' '))).toEqual(texts);
  });

  it('every call has one result, and every result a call', async () => {
    const messages = [
      user(text('a')),
      assistant(call('c1'), call('c2')),
      user(text('b'), result('c2'), result('c2', 'twice'), result('c9', 'of nobody')),
    ];
    expect((await fitted(messages)).at(-1)?.content).toEqual([
      result('c2'),
      result('c1', '(no text)'),
      text('b'),
      text('[the result of a tool call:]'),
      text('twice'),
      text('[the result of a tool call:]'),
      text('of nobody'),
    ]);
  });

  it("a cloud's ids become short ones, the same everywhere; others stay", async () => {
    const [, called, answered] = await fitted([
      user(text('a')),
      assistant(call('toolu_01ABC')),
      user(result('toolu_01ABC')),
    ]);
    expect(called?.content[0]?.id).toMatch(/^[0-9a-f]{9}$/);
    expect(answered?.content[0]?.tool_use_id).toBe(called?.content[0]?.id);
    expect((await fitted([user(text('a')), assistant(call('functions.Read:0'))]))[1]?.content[0]?.id).toBe(
      'functions.Read:0',
    );
  });

  it.each([false, true])('what was sent before keeps its form (sees: %s)', async (sees) => {
    const conversation = [
      user(text('a'), image),
      assistant({ type: 'redacted_thinking', data: 'x' }, call('toolu_1'), call('toolu_2')),
      user(result('toolu_1', [image]), result('toolu_2'), text('reminder')),
      assistant({ type: 'server_tool_use', id: 's', name: 'web_search', input: { b: 1, a: 2 } }, text('b')),
      user({ type: 'document', source: base64('application/pdf', 'JVBERi0x') }),
      { role: 'assistant', content: [] },
      user(text('c')),
    ];
    const whole = await fitted(conversation, sees);
    expect(whole).toHaveLength(conversation.length);
    for (const length of [1, 3, 5])
      expect(await fitted(conversation.slice(0, length), sees)).toEqual(whole.slice(0, length));
  });
});

describe('an image that is being talked about', () => {
  const asks = (...messages: unknown[]) => python.call('local_content', 'asks_about_image', messages);
  it.each([
    ['in the last turn', [user(text('a'), image)], true],
    ['read by a tool since', [user(text('a')), assistant(call('c')), user(result('c', [image]))], true],
    ['and gone on with', [user(image), assistant(call('c')), user(result('c'))], true],
    ['before the person spoke again', [user(image), assistant(text('b')), user(text('c'))], false],
    ['none', [user(text('a'))], false],
  ])('%s', async (_, messages, expected) => {
    expect(await asks(...messages)).toBe(expected);
  });
});

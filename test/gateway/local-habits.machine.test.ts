import { readFile } from 'node:fs/promises';
import { afterAll, expect, it } from 'vitest';
import { startPython } from './python-call.ts';

const python = startPython('httpx');
afterAll(() => python.end());

const text = (words: string) => ({ type: 'text', text: words });
const user = (...content: unknown[]) => ({ role: 'user', content });
const assistant = (...content: unknown[]) => ({ role: 'assistant', content });
const call = (id: string) => ({ type: 'tool_use', id, name: 'Read', input: { file_path: `/${id}` } });
const result = (id: string, more: object = {}) => ({
  type: 'tool_result',
  tool_use_id: id,
  content: `of ${id}`,
  ...more,
});
const image = { type: 'image', source: { type: 'base64', media_type: 'image/png', data: 'iVBORw0KGgo' } };

/** Each habit with the words of a real server by which it is learnt, a request, and what is sent in its place. */
const habits: readonly {
  readonly name: string;
  readonly words: string;
  readonly sent: object;
  readonly instead: object;
}[] = [
  {
    name: 'no-images',
    words: 'image input is not supported - hint: if this is unexpected, you may need to provide the mmproj',
    sent: { messages: [user(text('look'), image)] },
    instead: {
      messages: [user(text('look'), text('[image/png, 0 KB: not shown, this model cannot see images]'))],
    },
  },
  {
    name: 'one-call',
    words: 'Jinja Exception: This model only supports single tool-calls at once!',
    sent: {
      messages: [
        user(text('a')),
        assistant(text('b'), call('1'), call('2')),
        user(result('1'), result('2'), text('c')),
      ],
    },
    instead: {
      messages: [
        user(text('a')),
        assistant(text('b'), call('1')),
        user(result('1')),
        assistant(call('2')),
        user(result('2'), text('c')),
      ],
    },
  },
  {
    name: 'no-system',
    words: 'Jinja Exception: System role not supported',
    sent: { system: [text('be short')], messages: [user(text('a'))] },
    instead: { messages: [user(text('<system-reminder>\nbe short\n</system-reminder>'), text('a'))] },
  },
  {
    name: 'no-tool-turns',
    words: 'Error: Jinja Exception: Conversation roles must alternate user/assistant/user/assistant/...',
    sent: {
      messages: [
        user(text('a')),
        assistant(text('b'), call('1'), call('2')),
        user(result('1', { content: [text('x'), text('y')] }), result('2', { is_error: true }), text('c')),
      ],
    },
    instead: {
      messages: [
        user(text('a')),
        assistant(text('b'), text('[tool_use Read {"file_path": "/1"}]'), text('[tool_use Read {"file_path": "/2"}]')),
        user(
          text('[the result of a tool call:\nx\n\ny]'),
          text('[the result of a tool call that failed:\nof 2]'),
          text('c'),
        ),
      ],
    },
  },
  {
    name: 'no-thinking',
    words: 'thinking blocks are not supported',
    sent: { messages: [user(text('a')), assistant({ type: 'thinking', thinking: 't' }), user(text('b'))] },
    instead: { messages: [user(text('a')), assistant(text('(no text)')), user(text('b'))] },
  },
  {
    name: 'plain-arguments',
    words:
      'Unable to generate parser for this template.\nWhile executing MemberExpression at line 10, column 32 in source:',
    sent: {
      messages: [user(text('a'))],
      tools: [
        { name: 'Plain', input_schema: { type: 'object', properties: { path: { type: 'string' } } } },
        {
          name: 'Hard',
          description: 'Does.',
          input_schema: {
            type: 'object',
            properties: {
              to: { type: 'string', description: 'whom' },
              list: { type: 'array', items: { type: 'string' } },
            },
            required: ['to', 'list'],
          },
        },
      ],
    },
    instead: {
      messages: [user(text('a'))],
      tools: [
        { name: 'Plain', input_schema: { type: 'object', properties: { path: { type: 'string' } } } },
        {
          name: 'Hard',
          description:
            'Does.\n\nFurther arguments, as JSON Schema: {"list": {"type": "array", "items": {"type": "string"}}}',
          input_schema: {
            type: 'object',
            properties: { to: { type: 'string', description: 'whom' } },
            required: ['to'],
            additionalProperties: true,
          },
        },
      ],
    },
  },
];

it.each(habits)(
  '$name is learnt from a refusal, tried once, and kept to when that was answered',
  async ({ name, words, sent, instead }) => {
    const refused = ['local_habits', 'without_refused', words, JSON.stringify(sent), name] as const;
    const [learnt, again] = (await python.call(...refused)) as [string, string];
    expect({ learnt, again: JSON.parse(again) }).toEqual({ learnt: name, again: instead });
    expect(await python.call(...refused, [name])).toBeNull();
    expect(await python.call('local_habits', 'of', name)).toEqual([]);
    await python.call('local_habits', 'remember', [name], name);
    expect(await python.call('local_habits', 'of', name)).toEqual([name]);
    expect(await python.call('local_habits', 'adapted', sent, name)).toEqual(instead);
    expect(await python.call('local_habits', 'adapted', sent, 'another model')).toEqual(sent);
  },
);

it('what nothing can be learnt from is refused as it was', async () => {
  const body = JSON.stringify({ messages: [user(text('a'))] });
  expect(await python.call('local_habits', 'without_refused', 'out of memory', body, 'm')).toBeNull();
  expect(await python.call('local_habits', 'without_refused', 'roles must alternate', body, 'm')).toBeNull();
  expect(await python.call('local_habits', 'of', 'm')).toEqual([]);
});

it('every habit stands above', async () => {
  const source = await readFile(new URL('../../templates/gateway/local/local_habits.py', import.meta.url), 'utf8');
  const table = /^HABITS = \{\n(.*?)^\}/ms.exec(source)?.[1] ?? '';
  expect(table.match(/^ {4}(?:"[\w-]+"|[A-Z_]+): \(/gm)).toHaveLength(habits.length);
});

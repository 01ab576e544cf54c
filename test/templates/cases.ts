/** What Claude Code sends, each in the form that has stopped a local server before. */
export interface TemplateCase {
  /** A column of the table. */
  readonly name: string;
  readonly body: Readonly<Record<string, unknown>>;
}

/** A picture of one dot. */
export const dot = 'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mP8z8BQDwAEhQGAhKmMIQAAAABJRU5ErkJggg==';

const text = (words: string) => ({ type: 'text', text: words });
const user = (...content: unknown[]) => ({ role: 'user', content });
const assistant = (...content: unknown[]) => ({ role: 'assistant', content });
const call = (id: string, name = 'Read', input: unknown = { file_path: '/tmp/a' }) => ({
  type: 'tool_use',
  id,
  name,
  input,
});
const result = (id: string, content: unknown = 'one line') => ({ type: 'tool_result', tool_use_id: id, content });
export const image = { type: 'image', source: { type: 'base64', media_type: 'image/png', data: dot } };

const tools = [
  {
    name: 'Read',
    description: 'Reads a file.',
    input_schema: {
      $schema: 'https://json-schema.org/draft/2020-12/schema',
      type: 'object',
      properties: {
        file_path: { type: 'string', description: 'Where it is' },
        offset: { type: 'integer', exclusiveMinimum: 0 },
        pages: { type: 'string' },
      },
      required: ['file_path'],
      additionalProperties: false,
    },
  },
  {
    name: 'Bash',
    description: 'Runs a command.',
    input_schema: {
      type: 'object',
      properties: { command: { type: 'string' }, timeout: { type: 'number' } },
      required: ['command'],
    },
  },
];

/** One tool whose schema holds everything that a grammar has been known to stumble over. */
export const hardTool = {
  name: 'mcp__mail__send',
  description: 'Sends a message.',
  input_schema: {
    $schema: 'http://json-schema.org/draft-07/schema#',
    type: 'object',
    properties: {
      to: { type: 'string', format: 'email', pattern: String.raw`^(?!\.)(?!.*\.\.)([a-z]+)@[a-z]+$` },
      body: { type: 'string', minLength: 1, maxLength: 10_000 },
      id: { type: 'string', pattern: String.raw`\d+` },
      when: { type: ['string', 'null'], format: 'date-time' },
      parts: {
        type: 'array',
        maxItems: 5000,
        items: { type: 'array', maxItems: 500, items: { $ref: '#/$defs/part' } },
      },
      kind: { enum: ['a', 'b', null] },
      anything: true,
      nothing: false,
      loose: {},
      either: { anyOf: [{ type: 'string', maxLength: 5000 }, { type: 'null' }] },
      map: {
        type: 'object',
        propertyNames: { pattern: '^[a-z]+$' },
        patternProperties: { '^x-': { type: 'string' } },
        additionalProperties: { type: 'number' },
      },
      never: { not: { type: 'string' } },
      many: { enum: Array.from({ length: 120 }, (_, index) => `v${index}`) },
    },
    required: ['to', 'body'],
    if: { properties: { kind: { const: 'a' } } },
    // biome-ignore lint/suspicious/noThenProperty: JSON Schema's own word.
    then: { required: ['id'] },
    $defs: { part: { type: 'object', properties: { children: { type: 'array', items: { $ref: '#/$defs/part' } } } } },
  },
};

const ask = (more: Readonly<Record<string, unknown>>) => ({
  max_tokens: 4,
  system: [text('You are a coding agent.')],
  ...more,
});
const afterCall = (content: unknown) =>
  ask({ tools, messages: [user(text('look')), assistant(call('toolu_01ABCDEFGHIJKLMNOP')), user(content)] });

/** In the order of the table's columns. */
export const templateCases: readonly TemplateCase[] = [
  { name: 'plain', body: ask({ messages: [user(text('Say: ready'))] }) },
  { name: 'tools', body: ask({ tools, messages: [user(text('Say: ready'))] }) },
  {
    name: 'late system turn',
    body: ask({
      tools,
      messages: [
        user(text('Say: ready')),
        { role: 'system', content: 'The folder is /tmp.' },
        assistant(text('ready')),
        { role: 'system', content: [text('The file changed.')] },
        user(text('again')),
        { role: 'developer', content: 'Be short.' },
      ],
    }),
  },
  { name: 'tool result', body: afterCall(result('toolu_01ABCDEFGHIJKLMNOP')) },
  {
    name: 'parallel calls',
    body: ask({
      tools,
      messages: [
        user(text('look')),
        assistant(text('Both.'), call('toolu_01A'), call('toolu_01B', 'Bash', { command: 'ls' })),
        user(result('toolu_01A'), result('toolu_01B', [text('a'), text('b')])),
      ],
    }),
  },
  { name: 'image in a result', body: afterCall(result('toolu_01ABCDEFGHIJKLMNOP', [text('a picture'), image])) },
  {
    name: 'thinking from a cloud',
    body: ask({
      tools,
      messages: [
        user(text('look')),
        assistant(
          { type: 'thinking', thinking: 'Let me look.', signature: 'EqQBCgIYAhIM1gbcDa9GJwZA2b3h' },
          { type: 'redacted_thinking', data: 'EmwKAhgBEgy3va3pzix/LafPsn4a' },
          call('toolu_01ABCDEFGHIJKLMNOP'),
        ),
        user(result('toolu_01ABCDEFGHIJKLMNOP')),
        assistant({ type: 'thinking', thinking: '', signature: 'EqQBCgIYAhIM' }, text('Done.')),
        user(text('and now?')),
      ],
    }),
  },
  {
    name: 'empty turn',
    body: ask({
      messages: [
        user(text('Say: ready')),
        { role: 'assistant', content: [] },
        { role: 'user', content: '' },
        user(text('hello?')),
        assistant(text('')),
        user(text('again')),
        user(text('and again')),
      ],
    }),
  },
  {
    name: 'what only clouds know',
    body: ask({
      tools: [...tools, { type: 'web_search_20250305', name: 'web_search', max_uses: 5 }],
      messages: [
        user(text('search'), {
          type: 'document',
          title: 'a.pdf',
          source: { type: 'base64', media_type: 'application/pdf', data: 'JVBERi0xLjQK' },
        }),
        assistant(
          { type: 'server_tool_use', id: 'srvtoolu_01', name: 'web_search', input: { query: 'x' } },
          {
            type: 'web_search_tool_result',
            tool_use_id: 'srvtoolu_01',
            content: [{ type: 'web_search_result', title: 'X', url: 'https://example.org', encrypted_content: 'Eo8' }],
          },
          { ...text('Found.'), citations: [{ type: 'web_search_result_location', url: 'https://example.org' }] },
        ),
        user({ type: 'container_upload', file_id: 'file_1' }, { type: 'brand_new', words: 'x' }, text('more')),
      ],
    }),
  },
  {
    name: 'hard schema',
    body: ask({
      tools: [hardTool],
      tool_choice: { type: 'any' },
      messages: [user(text('Use the tool mcp__mail__send'))],
    }),
  },
];

/** What Claude Code sends beside words and that not every local model takes. The gateway makes it fit; the trial asks how it is taken as it is. */
export type ContentTrial = 'images' | 'longResult' | 'hardSchema' | 'serverTools';

/** A red square of 64 by 64. */
const redSquare =
  'iVBORw0KGgoAAAANSUhEUgAAAEAAAABACAIAAAAlC+aJAAAAS0lEQVR42u3PQQkAAAgAsetfWiP4FgYrsKZeS0BAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEDgsqnc8OJg6Ln3AAAAAElFTkSuQmCC';

/** A tool that a question may want to be called. */
export const weather = {
  name: 'get_weather',
  description: 'The weather in a city right now.',
  input_schema: { type: 'object', properties: { city: { type: 'string' } }, required: ['city'] },
};

const user = (content: unknown) => ({ role: 'user', content });
const image = { type: 'image', source: { type: 'base64', media_type: 'image/png', data: redSquare } };
const read = {
  name: 'read_file',
  description: 'Reads a file.',
  input_schema: { type: 'object', properties: { path: { type: 'string' } }, required: ['path'] },
};
const called = {
  role: 'assistant',
  content: [{ type: 'tool_use', id: 'toolu_01', name: 'read_file', input: { path: 'a' } }],
};
const result = (content: unknown) => user([{ type: 'tool_result', tool_use_id: 'toolu_01', content }]);
/** About 3,000 tokens: what a tool brings in when it reads a file. */
const longText = Array.from({ length: 300 }, (_, line) => `line ${line} of the file that was read`).join('\n');

/** Keywords that grammars have stumbled over, in one tool. */
const hardTool = {
  name: 'send_message',
  description: 'Sends a message.',
  input_schema: {
    type: 'object',
    properties: {
      to: { type: 'string', format: 'email', pattern: '^(?!\\.)[a-z.]+@[a-z]+$' },
      body: { type: 'string', maxLength: 10_000 },
      thread: { $ref: '#/$defs/message' },
    },
    $defs: {
      message: { type: 'object', properties: { answers: { type: 'array', items: { $ref: '#/$defs/message' } } } },
    },
  },
};

/** A short request of each kind, without a model's name. */
export const contentTrials: Readonly<Record<ContentTrial, object>> = {
  images: { max_tokens: 16, tools: [read], messages: [user('Read a.'), called, result([image])] },
  longResult: { max_tokens: 16, tools: [read], messages: [user('Read a, then say: ready'), called, result(longText)] },
  hardSchema: { max_tokens: 16, tools: [hardTool], messages: [user('Say: ready')] },
  serverTools: {
    max_tokens: 16,
    tools: [{ type: 'web_search_20250305', name: 'web_search', max_uses: 1 }, read],
    messages: [user('Say: ready')],
  },
};

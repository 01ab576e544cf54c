import * as z from 'zod';
import type { HttpReply, Probe } from '../../host/host.ts';
import type { Secret } from '../../host/secret.ts';
import { bearer, readBody, streamEvents, tellsError } from '../../http/reply-body.ts';
import type { Problem } from '../../problem.ts';
import { localProblem } from './errors.ts';
import type { ServerKind } from './server-kinds.ts';

/** What Claude Code sends besides text and not every local model takes. The gateway adapts it; the trial asks how it is taken unchanged. */
export type ContentTrial = 'images' | 'longResult' | 'hardSchema' | 'serverTools';

/** A red square of 64 by 64. */
const redSquare =
  'iVBORw0KGgoAAAANSUhEUgAAAEAAAABACAIAAAAlC+aJAAAAS0lEQVR42u3PQQkAAAgAsetfWiP4FgYrsKZeS0BAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEDgsqnc8OJg6Ln3AAAAAElFTkSuQmCC';

/** A tool that a question may ask the model to call. */
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
  longResult: {
    max_tokens: 16,
    tools: [read],
    messages: [user('Read a, then say: ready'), called, result(longText)],
  },
  hardSchema: { max_tokens: 16, tools: [hardTool], messages: [user('Say: ready')] },
  serverTools: {
    max_tokens: 16,
    tools: [{ type: 'web_search_20250305', name: 'web_search', max_uses: 1 }, read],
    messages: [user('Say: ready')],
  },
};

export type Mark = 'yes' | 'no' | 'not tried';

/**
 * What a local model can do when it is asked in Claude Code's way. What it takes badly (`lateSystemTurn`, a system message after the
 * first user turn, and every content trial) is fixed by the gateway.
 */
export interface Scorecard extends Readonly<Record<Trial, Mark>> {
  /** Milliseconds until the first answer was whole; includes loading when the model was not loaded. */
  readonly ms: number;
  /** Why the model does not answer at all. */
  readonly problem?: Problem;
}

/** Three minutes for the first question, which may load the model; one for the others. */
const firstTimeoutMs = 180_000;
const timeoutMs = 60_000;

const message = z.object({
  type: z.literal('message'),
  role: z.literal('assistant'),
  content: z.array(z.object({ type: z.string(), name: z.string().optional(), input: z.unknown().optional() })),
});
const weatherInput = z.object({ city: z.string() });
const parallelText =
  'Call two tools in parallel: use the tool get_weather with {"city":"Oslo"} and use the tool get_weather with {"city":"Lima"}. Call both at once, in one answer.';

/** What is tried of a model that answers, in this order. */
const laterTrials = [
  'streaming',
  'toolCall',
  'parallelCalls',
  'lateSystemTurn',
  'images',
  'longResult',
  'hardSchema',
  'serverTools',
] as const;
type LaterTrial = (typeof laterTrials)[number];
type Trial = 'answers' | LaterTrial;

const untried = Object.fromEntries(laterTrials.map((trial) => [trial, 'not tried'])) as Record<LaterTrial, 'not tried'>;

/** What is asked: small, and with room for a model that thinks before it answers. */
const questions: Readonly<Record<Trial, object>> = {
  answers: { max_tokens: 16, messages: [user('Say: ready')] },
  streaming: { max_tokens: 16, stream: true, messages: [user('Say: ready')] },
  toolCall: {
    max_tokens: 1024,
    tools: [weather],
    messages: [user('Please use the tool get_weather with {"city":"Oslo"}')],
  },
  parallelCalls: { max_tokens: 1024, tools: [weather], messages: [user(parallelText)] },
  lateSystemTurn: {
    max_tokens: 16,
    messages: [user('Say: ready'), { role: 'system', content: 'Answer in one word.' }],
  },
  ...contentTrials,
};

/** What passes where a message is not enough. */
const passes: Readonly<Partial<Record<Trial, (body: string) => boolean>>> = {
  streaming: isMessageStream,
  toolCall: (body) => weatherCalls(body) >= 1,
  parallelCalls: (body) => weatherCalls(body) >= 2,
};

/**
 * Asks a model nine small questions through the server's Messages endpoint, one after the other. Nothing is changed on the
 * server, except that a model which is not loaded may be loaded by the first question.
 */
export async function probeModel(
  probe: Pick<Probe, 'http'>,
  address: string,
  model: string,
  token?: Secret,
  kind?: ServerKind,
): Promise<Scorecard> {
  const ask = (trial: Trial): Promise<HttpReply> =>
    probe.http({
      method: 'POST',
      url: `${address}/v1/messages`,
      headers: { 'anthropic-version': '2023-06-01', ...bearer(token) },
      json: { model, ...questions[trial] },
      timeoutMs: trial === 'answers' ? firstTimeoutMs : timeoutMs,
    });
  const first = await ask('answers');
  if (!first.reached || !isMessage(first.body)) {
    const problem = localProblem(first, address, 'answer in the form of the Messages API', token, kind);
    return { ...untried, answers: 'no', ms: first.ms, problem };
  }
  const marks: Record<LaterTrial, Mark> = { ...untried };
  for (const trial of laterTrials)
    if (trial !== 'parallelCalls' || marks.toolCall === 'yes') marks[trial] = markOf(trial, await ask(trial));
  return { answers: 'yes', ...marks, ms: first.ms };
}

/** A question that got no reply at all says nothing about the model. */
function markOf(trial: Trial, reply: HttpReply): Mark {
  if (!reply.reached) return 'not tried';
  return (passes[trial] ?? isMessage)(reply.body) ? 'yes' : 'no';
}

function isMessage(body: string): boolean {
  return readBody(message, body) !== undefined;
}

function isMessageStream(body: string): boolean {
  const told = (word: string): boolean => streamEvents(body).some(({ data }) => data.includes(`"${word}"`));
  // If the first event is missing, the gateway adds it.
  return told('content_block_start') && told('message_stop') && !tellsError(body);
}

/** How many well-formed calls of the offered tool an answer makes. */
function weatherCalls(body: string): number {
  const blocks = readBody(message, body)?.content ?? [];
  return blocks.filter(
    ({ type, name, input }) => type === 'tool_use' && name === weather.name && weatherInput.safeParse(input).success,
  ).length;
}

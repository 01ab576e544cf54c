import { randomBytes } from 'node:crypto';
import type { StreamEvent } from './exchange.ts';
import { pieces, type Telling } from './messages-api.ts';
import type { ToolCall } from './reply.ts';

const STOPS = { end_turn: 'stop', tool_use: 'tool_calls', max_tokens: 'length' } as const;

/** The whole answer of a chat completions endpoint. */
export function completionBody(telling: Telling): Record<string, unknown> {
  const { reply } = telling;
  const message = {
    role: 'assistant',
    content: reply.text,
    ...(reply.toolCalls.length > 0 ? { tool_calls: reply.toolCalls.map(toolCall) } : {}),
  };
  return {
    ...frame(telling, 'chat.completion', newId()),
    choices: [{ index: 0, message, logprobs: null, finish_reason: STOPS[reply.stop] }],
    usage: usage(telling),
    stats: {},
  };
}

/** The same answer in chunks, ended by `[DONE]`; with usage in a chunk of its own when it was asked for. */
export function* completionEvents(telling: Telling, withUsage: boolean): Generator<StreamEvent> {
  const { reply, pause } = telling;
  const completion = frame(telling, 'chat.completion.chunk', newId());
  const chunk = (delta: object, finish: string | null = null): StreamEvent =>
    event({ ...completion, choices: [{ index: 0, delta, logprobs: null, finish_reason: finish }] });

  for (const piece of pieces(reply.text)) {
    yield { ...chunk({ role: 'assistant', content: piece }), after: pause };
  }
  for (const [index, call] of reply.toolCalls.entries()) {
    const described = toolCall(call);
    yield chunk({ tool_calls: [{ index, ...described, function: { name: call.name, arguments: '' } }] });
    yield chunk({ tool_calls: [{ index, function: { arguments: described.function.arguments } }] });
  }
  yield chunk({}, STOPS[reply.stop]);
  if (withUsage) yield event({ ...completion, choices: [], usage: usage(telling) });
  yield { data: '[DONE]' };
}

function frame(telling: Telling, object: string, id: string): Record<string, unknown> {
  return {
    id,
    object,
    created: Math.floor(Date.now() / 1000),
    model: telling.model,
    system_fingerprint: telling.model,
  };
}

function newId(): string {
  return `chatcmpl-${randomBytes(12).toString('hex')}`;
}

function toolCall(call: ToolCall): { id: string; type: string; function: { name: string; arguments: string } } {
  const id = String(Math.floor(Math.random() * 1e9)).padStart(9, '0');
  return { id, type: 'function', function: { name: call.name, arguments: JSON.stringify(call.input) } };
}

function usage(telling: Telling): Record<string, number> {
  const { tokens } = telling.prompt;
  const { outputTokens } = telling.reply;
  return { prompt_tokens: tokens, completion_tokens: outputTokens, total_tokens: tokens + outputTokens };
}

function event(data: object): StreamEvent {
  return { data: JSON.stringify(data) };
}

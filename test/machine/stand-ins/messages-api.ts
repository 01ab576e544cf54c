import { randomBytes } from 'node:crypto';
import type { StreamEvent } from './exchange.ts';
import type { Prompt } from './prompt.ts';
import type { Reply } from './reply.ts';

/** How a reply is told: by whom, and how slowly. */
export interface Telling {
  readonly model: string;
  readonly prompt: Prompt;
  readonly reply: Reply;
  /** Milliseconds between two pieces of text. */
  readonly pause: number;
  /** The cloud reports cache figures and the like; a local server does not. */
  readonly cloud: boolean;
  /** Tokens of the prompt that a cloud took from its cache, and that it put there. */
  readonly cached?: CachedTokens;
}

export interface CachedTokens {
  readonly read: number;
  readonly written: number;
  /** Of those that it put there: for an hour instead of five minutes. */
  readonly hour?: number;
}

/** The whole answer of the Messages API as one JSON body. */
export function messageBody(telling: Telling): Record<string, unknown> {
  const { reply } = telling;
  return {
    ...emptyMessage(telling),
    content: [
      ...(reply.text === '' ? [] : [{ type: 'text', text: reply.text }]),
      ...reply.toolCalls.map((call) => ({ type: 'tool_use', id: id('toolu'), name: call.name, input: call.input })),
    ],
    stop_reason: reply.stop,
    usage: usage(telling, reply.outputTokens),
  };
}

/** The same answer as the Messages API streams it: ping after the first block has begun, then text and tools piecemeal. */
export function* messageEvents(telling: Telling): Generator<StreamEvent> {
  yield messageStart(telling);
  yield* contentEvents(telling);
}

/** The first event alone, for a server that says it before it has read the prompt. */
export function messageStart(telling: Telling): StreamEvent {
  return event('message_start', { message: { ...emptyMessage(telling), usage: usage(telling, 1) } });
}

/** What keeps a connection alive while nothing is said. */
export function ping(after = 0): StreamEvent {
  return { ...event('ping', {}), after };
}

/** Everything after the first event. */
export function* contentEvents(telling: Telling): Generator<StreamEvent> {
  const { reply, pause } = telling;
  let index = 0;
  if (reply.text !== '') yield* textBlock(index++, reply.text, pause);
  for (const call of reply.toolCalls) yield* toolBlock(index++, call.name, JSON.stringify(call.input), pause);
  yield event('message_delta', {
    delta: { stop_reason: reply.stop, stop_sequence: null },
    usage: telling.cloud ? usage(telling, reply.outputTokens) : { output_tokens: reply.outputTokens },
  });
  yield event('message_stop', {});
}

function* textBlock(index: number, text: string, pause: number): Generator<StreamEvent> {
  yield event('content_block_start', { index, content_block: { type: 'text', text: '' } });
  if (index === 0) yield ping();
  for (const piece of pieces(text)) {
    yield { ...event('content_block_delta', { index, delta: { type: 'text_delta', text: piece } }), after: pause };
  }
  yield event('content_block_stop', { index });
}

function* toolBlock(index: number, name: string, input: string, pause: number): Generator<StreamEvent> {
  yield event('content_block_start', { index, content_block: { type: 'tool_use', id: id('toolu'), name, input: {} } });
  const middle = Math.ceil(input.length / 2);
  for (const piece of ['', input.slice(0, middle), input.slice(middle)]) {
    const delta = { type: 'input_json_delta', partial_json: piece };
    yield { ...event('content_block_delta', { index, delta }), after: pause };
  }
  yield event('content_block_stop', { index });
}

/** A text in pieces of about three words, at most two hundred of them; joined again they are the text. */
export function pieces(text: string): readonly string[] {
  const words = text.match(/\S+\s*/g) ?? [text];
  const size = Math.max(3, Math.ceil(words.length / 200));
  const result: string[] = [];
  for (let at = 0; at < words.length; at += size) result.push(words.slice(at, at + size).join(''));
  return result;
}

function emptyMessage(telling: Telling): Record<string, unknown> {
  return {
    id: id('msg'),
    type: 'message',
    role: 'assistant',
    model: telling.model,
    content: [],
    stop_reason: null,
    stop_sequence: null,
  };
}

function usage(telling: Telling, outputTokens: number): Record<string, unknown> {
  const { read, written, hour = 0 } = telling.cached ?? { read: 0, written: 0 };
  const counted = { input_tokens: telling.prompt.tokens - read - written, output_tokens: outputTokens };
  if (!telling.cloud) return counted;
  const cached = { cache_creation_input_tokens: written, cache_read_input_tokens: read };
  const cache_creation = { ephemeral_5m_input_tokens: written - hour, ephemeral_1h_input_tokens: hour };
  return { ...counted, ...cached, cache_creation, service_tier: 'standard' };
}

function event(type: string, fields: Record<string, unknown>): StreamEvent {
  return { event: type, data: JSON.stringify({ type, ...fields }) };
}

/** An id in the style of the API, such as `msg_01…`. */
export function id(prefix: string): string {
  return `${prefix}_01${randomBytes(12).toString('hex').slice(0, 22)}`;
}

import type { Fault } from '../machine/stand-ins/fault.ts';

/** Says this with 200 as a stream of events, and ends the answer in good order. */
function streamed(body: string): Fault {
  return {
    on: 'generation',
    does: 'status',
    status: 200,
    body,
    headers: { 'content-type': 'text/event-stream; charset=utf-8' },
  };
}

function event(type: string, fields: Record<string, unknown>): string {
  return `event: ${type}\ndata: ${JSON.stringify({ type, ...fields })}\n\n`;
}

const message = { id: 'msg_1', type: 'message', role: 'assistant', model: 'm', content: [], stop_reason: null };
const begun =
  event('message_start', {
    message: { ...message, stop_sequence: null, usage: { input_tokens: 1, output_tokens: 1 } },
  }) + event('content_block_start', { index: 0, content_block: { type: 'text', text: '' } });
const words = event('content_block_delta', { index: 0, delta: { type: 'text_delta', text: 'The first half' } });

/** An answer of the Messages API that stops after its first words. */
export const halfAnswer = streamed(begun + words);
/** One that stops before them. */
export const emptyAnswer = streamed(begun);
/** A whole one but for its first event. */
export const headlessAnswer = streamed(
  event('content_block_start', { index: 0, content_block: { type: 'text', text: '' } }) +
    words +
    event('content_block_stop', { index: 0 }) +
    event('message_delta', { delta: { stop_reason: 'end_turn', stop_sequence: null }, usage: { output_tokens: 3 } }) +
    event('message_stop', {}),
);
/** No event at all. */
export const noAnswer = streamed('');

/** An error that is told with 200, as an event of the stream, before the first word; `typed` as the Messages API does it. */
export function errorEvent(text: string, typed: boolean): Fault {
  if (typed) return streamed(begun + event('error', { error: { type: 'invalid_request_error', message: text } }));
  return streamed(`event: error\ndata: ${JSON.stringify({ error: { message: text } })}\n\n`);
}

const chunk = { id: 'c', object: 'chat.completion.chunk', created: 1, model: 'm' };
const choice = { index: 0, delta: { role: 'assistant', content: 'The first half' }, finish_reason: null };

/** The same half in the other protocol. */
export const halfCompletion = streamed(`data: ${JSON.stringify({ ...chunk, choices: [choice] })}\n\n`);

import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';

/** A server on a port of this machine's. */
export interface Serving {
  readonly url: string;
  close(): Promise<void>;
}

/** About so many letters are a token. */
export const LETTERS = 4;
/** A request that has these words at its end is answered with the call of a tool. */
export const CALLS = 'now call a tool';

/**
 * One GPU as most engines have it: one request at once, in the order in which they came, and in its memory the last prompt alone.
 * What begins as that one did is not read again; the rest takes its time.
 */
export async function oneGpu(tokensPerSecond: number, answerMilliseconds: number): Promise<Serving> {
  let last = '';
  let busy = Promise.resolve();
  const answer = async (response: ServerResponse, prompt: string): Promise<void> => {
    if (response.destroyed) return;
    const known = commonLength(last, prompt);
    const usage = {
      input_tokens: Math.ceil((prompt.length - known) / LETTERS),
      cache_read_input_tokens: Math.floor(known / LETTERS),
    };
    last = prompt;
    await sleep((usage.input_tokens / tokensPerSecond) * 1000);
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    const say = (event: object & { readonly type: string }): void =>
      void response.write(`event: ${event.type}\ndata: ${JSON.stringify(event)}\n\n`);
    const message = { id: 'm', type: 'message', role: 'assistant', content: [], model: 'm', stop_reason: null };
    say({
      type: 'message_start',
      message: { ...message, stop_sequence: null, usage: { ...usage, output_tokens: 0 } },
    } as never);
    say({ type: 'content_block_start', index: 0, content_block: { type: 'text', text: '' } } as never);
    say({ type: 'content_block_delta', index: 0, delta: { type: 'text_delta', text: 'yes' } } as never);
    await sleep(answerMilliseconds);
    say({ type: 'content_block_stop', index: 0 } as never);
    say({
      type: 'message_delta',
      delta: { stop_reason: 'end_turn', stop_sequence: null },
      usage: { output_tokens: 1 },
    } as never);
    say({ type: 'message_stop' });
    response.end();
  };
  const server = createServer(async (request, response) => {
    if (request.url?.startsWith('/props')) return void response.end(JSON.stringify({ total_slots: 1 }));
    if (request.method !== 'POST') return void response.writeHead(404).end('{}');
    const { system, messages } = JSON.parse(await textOf(request)) as { system: unknown; messages: unknown };
    const prompt = JSON.stringify([system, messages]).replace(/\]+$/, '');
    busy = busy.then(() => answer(response, prompt)).catch(() => undefined);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const close = async (): Promise<void> => {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  };
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, close };
}

function commonLength(one: string, other: string): number {
  let at = 0;
  while (at < one.length && one[at] === other[at]) at += 1;
  return at;
}

async function textOf(request: IncomingMessage): Promise<string> {
  const pieces: Buffer[] = [];
  for await (const piece of request) pieces.push(piece as Buffer);
  return Buffer.concat(pieces).toString();
}

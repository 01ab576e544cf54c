import {
  createServer,
  type IncomingHttpHeaders,
  type IncomingMessage,
  type RequestListener,
  type Server,
  type ServerResponse,
} from 'node:http';
import { createServer as createTlsServer } from 'node:https';

/** One request as it came in, nothing hidden: these tests ask where a key went. */
export interface Recorded {
  /** Name of the listener that was reached. */
  readonly at: string;
  readonly method: string;
  /** Path and query; a full URL when a client took the listener for a proxy. */
  readonly url: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: unknown;
}

export interface Recorder {
  readonly requests: readonly Recorded[];
  /** Forgets what was asked so far. */
  clear(): void;
  close(): Promise<void>;
}

/** Model names as they are listed; the answer of `GET /v1/models`. */
export type Listing = readonly string[];

/** A certificate that a client was told to trust, and its key, as PEM. */
export interface Identity {
  readonly cert: string;
  readonly key: string;
}

/** Listens on every given port or socket path and answers each as the Messages API does. What is asked through a tunnel is recorded as `internet`. */
export async function record(
  listeners: Readonly<Record<string, number | string>>,
  models: Listing,
  identity: Identity,
): Promise<Recorder> {
  const requests: Recorded[] = [];
  const handle = (at: string): RequestListener => recording(at, models, requests);
  const internet = createTlsServer(identity, handle('internet'));
  internet.on('tlsClientError', () => undefined);
  const servers = Object.entries(listeners).map(async ([at, address]) => {
    const server = createServer(handle(at));
    server.on('connect', ({ url = '', headers }, socket) => {
      requests.push({ at, method: 'CONNECT', url, headers, body: undefined });
      socket.on('error', () => undefined).write('HTTP/1.1 200 Connection Established\r\n\r\n');
      internet.emit('connection', socket);
    });
    await listening(server, address);
    return server;
  });
  const running = await Promise.all(servers);
  return {
    requests,
    clear: () => {
      requests.length = 0;
    },
    close: async () => {
      internet.closeAllConnections();
      await Promise.all(running.map((server) => stopped(server)));
    },
  };
}

function recording(at: string, models: Listing, requests: Recorded[]): RequestListener {
  return (request, response) => {
    readBody(request).then(
      (body) => {
        requests.push({ at, method: request.method ?? '', url: request.url ?? '', headers: request.headers, body });
        answer(request, response, body, models);
      },
      (error: unknown) => response.destroy(error instanceof Error ? error : undefined),
    );
  };
}

async function listening(server: Server, address: number | string): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    if (typeof address === 'number') server.listen(address, '127.0.0.1', resolve);
    else server.listen(address, resolve);
  });
}

async function stopped(server: Server): Promise<void> {
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
}

async function readBody(request: IncomingMessage): Promise<unknown> {
  const parts: Buffer[] = [];
  for await (const part of request) parts.push(part as Buffer);
  const text = Buffer.concat(parts).toString('utf8');
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return text;
  }
}

function answer(request: IncomingMessage, response: ServerResponse, body: unknown, models: Listing): void {
  const path = new URL(request.url ?? '/', 'http://x').pathname;
  const { model = '', stream } = body as { model?: string; stream?: boolean };
  if (path.endsWith('/v1/models'))
    json(response, { data: models.map((id) => ({ id, type: 'model', display_name: id })) });
  else if (path.endsWith('/count_tokens')) json(response, { input_tokens: 10 });
  else if (!path.endsWith('/messages')) json(response, {}, 404);
  else if (stream === true) streamed(response, model);
  else json(response, message(model, [{ type: 'text', text: 'hello' }]));
}

function json(response: ServerResponse, body: unknown, status = 200): void {
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
}

function message(model: string, content: readonly unknown[]): Record<string, unknown> {
  const usage = { input_tokens: 10, output_tokens: 1 };
  return {
    id: 'msg_1',
    type: 'message',
    role: 'assistant',
    model,
    content,
    stop_reason: 'end_turn',
    stop_sequence: null,
    usage,
  };
}

function streamed(response: ServerResponse, model: string): void {
  const events: readonly { readonly type: string; readonly [field: string]: unknown }[] = [
    { type: 'message_start', message: { ...message(model, []), stop_reason: null } },
    { type: 'content_block_start', index: 0, content_block: { type: 'text', text: '' } },
    { type: 'content_block_delta', index: 0, delta: { type: 'text_delta', text: 'hello' } },
    { type: 'content_block_stop', index: 0 },
    { type: 'message_delta', delta: { stop_reason: 'end_turn', stop_sequence: null }, usage: { output_tokens: 1 } },
    { type: 'message_stop' },
  ];
  response.writeHead(200, { 'content-type': 'text/event-stream' });
  response.end(events.map((event) => `event: ${event.type}\ndata: ${JSON.stringify(event)}\n\n`).join(''));
}

import { randomBytes } from 'node:crypto';
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

/** Listens on every given port and answers each as the Messages API does. What is asked through a tunnel is recorded as `internet`. */
export async function record(
  listeners: Readonly<Record<string, number>>,
  models: Listing,
  identity: Identity,
): Promise<Recorder> {
  const requests: Recorded[] = [];
  const handle = (at: string): RequestListener => recording(at, models, requests);
  const internet = createTlsServer(identity, handle('internet'));
  internet.on('tlsClientError', () => undefined);
  const servers = Object.entries(listeners).map(async ([at, port]) => {
    const server = createServer(handle(at));
    server.on('connect', ({ url = '', headers }, socket) => {
      requests.push({ at, method: 'CONNECT', url, headers, body: undefined });
      socket.on('error', () => undefined).write('HTTP/1.1 200 Connection Established\r\n\r\n');
      internet.emit('connection', socket);
    });
    await listening(server, port);
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

async function listening(server: Server, port: number): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject).listen(port, '127.0.0.1', resolve);
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
  const asked = body as Asked;
  if (path.endsWith('/v1/models'))
    json(response, { data: models.map((id) => ({ id, type: 'model', display_name: id })) });
  else if (path.endsWith('/count_tokens')) json(response, { input_tokens: 10 });
  else if (!path.endsWith('/messages')) json(response, {}, 404);
  else if (asked.stream === true) streamed(response, asked.model ?? '', contentFor(asked));
  else json(response, message(asked.model ?? '', contentFor(asked)));
}

/** As much of a request for an answer as the answer depends on. */
interface Asked {
  readonly model?: string;
  readonly stream?: boolean;
  readonly tools?: readonly { readonly name: string }[];
  readonly messages?: readonly { readonly role: string; readonly content: string | readonly Block[] }[];
}

interface Block {
  readonly type: string;
  readonly text?: string;
}

type Content = { type: 'text'; text: string } | { type: 'tool_use'; id: string; name: string; input: unknown };

/** Says hello; a last turn of the person with lines `use the tool NAME with {…}` gets those calls, where they are offered. */
function contentFor({ messages = [], tools = [] }: Asked): readonly Content[] {
  const last = messages.findLast(({ role }) => role === 'user')?.content ?? '';
  const blocks = typeof last === 'string' ? [{ type: 'text', text: last }] : last;
  const text = blocks.map((block) => (block.type === 'text' ? (block.text ?? '') : '')).join('\n');
  const wanted = blocks.some(({ type }) => type === 'tool_result')
    ? []
    : [...text.matchAll(/^use the tool (\w+) with (\{.*\})$/gm)];
  const calls = wanted
    .filter(([, name]) => tools.some((tool) => tool.name === name))
    .map(([, name = '', input = ''], index): Content => {
      return { type: 'tool_use', id: `toolu_${index}`, name, input: JSON.parse(input) as unknown };
    });
  return calls.length === 0 ? [{ type: 'text', text: 'hello' }] : calls;
}

function json(response: ServerResponse, body: unknown, status = 200): void {
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
}

function message(model: string, content: readonly Content[]): Record<string, unknown> {
  return {
    id: `msg_${randomBytes(8).toString('hex')}`,
    type: 'message',
    role: 'assistant',
    model,
    content,
    stop_reason: stopReason(content),
    stop_sequence: null,
    usage: { input_tokens: 10, output_tokens: 1 },
  };
}

function stopReason(content: readonly Content[]): string {
  return content.some(({ type }) => type === 'tool_use') ? 'tool_use' : 'end_turn';
}

interface Event {
  readonly type: string;
  readonly [field: string]: unknown;
}

function streamed(response: ServerResponse, model: string, content: readonly Content[]): void {
  const events: readonly Event[] = [
    { type: 'message_start', message: { ...message(model, []), stop_reason: null } },
    ...content.flatMap(blockEvents),
    {
      type: 'message_delta',
      delta: { stop_reason: stopReason(content), stop_sequence: null },
      usage: { output_tokens: 1 },
    },
    { type: 'message_stop' },
  ];
  response.writeHead(200, { 'content-type': 'text/event-stream' });
  response.end(events.map((event) => `event: ${event.type}\ndata: ${JSON.stringify(event)}\n\n`).join(''));
}

function blockEvents(block: Content, index: number): readonly Event[] {
  const [empty, delta] =
    block.type === 'text'
      ? [
          { ...block, text: '' },
          { type: 'text_delta', text: block.text },
        ]
      : [
          { ...block, input: {} },
          { type: 'input_json_delta', partial_json: JSON.stringify(block.input) },
        ];
  return [
    { type: 'content_block_start', index, content_block: empty },
    { type: 'content_block_delta', index, delta },
    { type: 'content_block_stop', index },
  ];
}

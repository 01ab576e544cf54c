import { createServer, type IncomingMessage, type RequestListener, type ServerResponse } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { text as textOf } from 'node:stream/consumers';
import { type ErrorAnswer, Exchange } from './exchange.ts';
import type { Fault } from './fault.ts';
import { type LoggedAnswer, type LoggedRequest, loggedCredentials, loggedHeaders } from './request-log.ts';

/** What every stand-in's settings hold. Settings are plain JSON, so that another process can change them. */
export interface CommonSettings {
  faults: Fault[];
}

/** Something that answers in the place of a service of the outside world, and remembers what it was asked. */
export interface StandIn<Settings extends CommonSettings = CommonSettings> {
  readonly name: string;
  readonly handle: RequestListener;
  /** Oldest first; at most the last 5,000. */
  readonly requests: readonly LoggedRequest[];
  /** Change it at will; the next request sees it. */
  readonly settings: Settings;
  /** Forgets the requests and returns to the settings it was made with. */
  reset(): void;
}

/** What a stand-in is made of. */
export interface StandInParts<Settings extends CommonSettings> {
  readonly name: string;
  /** Fresh settings at every call. */
  readonly initial: () => Settings;
  readonly answer: (exchange: Exchange, settings: Settings) => Promise<void>;
  /** Errors that a fault can name. */
  readonly errors?: Readonly<Record<string, ErrorAnswer>>;
  /** Headers that go with every answer; called once per request. */
  readonly headers?: (settings: Settings) => Readonly<Record<string, string>>;
}

const REMEMBERED = 5000;

/** Builds a stand-in out of its parts. A bug in `answer` shows as a 500 that says so, never as a hanging request. */
export function createStandIn<Settings extends CommonSettings>(parts: StandInParts<Settings>): StandIn<Settings> {
  const requests: LoggedRequest[] = [];
  const settings = parts.initial();
  let sequence = 0;

  const serve = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const started = Date.now();
    const body = parseBody(await textOf(request));
    const answer: LoggedAnswer = { status: 0, kind: 'none' };
    sequence += 1;
    requests.push(describe(request, body, answer, sequence));
    if (requests.length > REMEMBERED) requests.shift();
    response.once('close', () => {
      answer.milliseconds = Date.now() - started;
      if (!response.writableFinished) answer.cut = true;
    });
    const exchange = new Exchange(request, response, body, {
      faults: settings.faults,
      errors: parts.errors ?? {},
      answer,
      headers: parts.headers?.(settings) ?? {},
    });
    await parts.answer(exchange, settings);
  };

  return {
    name: parts.name,
    requests,
    settings,
    handle: (request, response) => {
      serve(request, response).catch((error: unknown) => reportBug(response, error));
    },
    reset: () => {
      requests.length = 0;
      for (const key of Object.keys(settings)) delete settings[key as keyof Settings];
      Object.assign(settings, parts.initial());
    },
  };
}

function describe(request: IncomingMessage, body: unknown, answer: LoggedAnswer, sequence: number): LoggedRequest {
  return {
    sequence,
    time: new Date().toISOString(),
    port: request.socket.remotePort ?? 0,
    method: request.method ?? 'GET',
    path: request.url ?? '/',
    headers: loggedHeaders(request.headers),
    credentials: loggedCredentials(request.headers),
    body,
    answer,
  };
}

function parseBody(text: string): unknown {
  if (text === '') return undefined;
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return text;
  }
}

function reportBug(response: ServerResponse, error: unknown): void {
  if (response.headersSent) return void response.destroy();
  response.writeHead(500, { 'content-type': 'application/json' });
  response.end(JSON.stringify({ error: `the stand-in itself failed: ${String(error)}` }));
}

/** Where a stand-in listens. `close` ends open connections too. */
export interface Listening {
  readonly port: number;
  readonly url: string;
  close(): Promise<void>;
}

/** Where to listen, and with which certificate (PEM) when over TLS. */
export interface Where {
  /** 127.0.0.1 unless told. */
  readonly host?: string;
  /** A free one unless told. */
  readonly port?: number;
  readonly tls?: { readonly key: string; readonly cert: string };
  /** How long a connection that nobody uses is kept; five seconds unless told, as Node's servers do. */
  readonly keepAliveMilliseconds?: number;
}

/** Serves a stand-in (or any request listener). */
export async function listen(standIn: { readonly handle: RequestListener }, where: Where = {}): Promise<Listening> {
  const host = where.host ?? '127.0.0.1';
  const server = where.tls ? createTlsServer(where.tls, standIn.handle) : createServer(standIn.handle);
  server.keepAliveTimeout = where.keepAliveMilliseconds ?? 5000;
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(where.port ?? 0, host, resolve);
  });
  const { port } = server.address() as AddressInfo;
  return {
    port,
    url: `${where.tls ? 'https' : 'http'}://${host.includes(':') ? `[${host}]` : host}:${port}`,
    close: () =>
      new Promise((resolve, reject) => {
        server.close((error) => (error ? reject(error) : resolve()));
        server.closeAllConnections();
      }),
  };
}

/** A loopback address where nothing listens: a port that was free a moment ago. */
export async function closedAddress(): Promise<string> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return `http://127.0.0.1:${port}`;
}

import type { IncomingHttpHeaders, IncomingMessage, ServerResponse } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { type Fault, type FaultPlace, takeFault } from './fault.ts';
import type { LoggedAnswer } from './request-log.ts';

/** A named error of a stand-in: what it says, with which status and headers. */
export interface ErrorAnswer {
  readonly status: number;
  readonly body: unknown;
  readonly headers?: Readonly<Record<string, string>>;
}

/** One event of a server-sent stream: with a name (Messages API) or without (chat completions). */
export interface StreamEvent {
  readonly event?: string;
  readonly data: string;
  /** Milliseconds to wait before it. */
  readonly after?: number;
}

/** A request being answered: what it asked, and the ways to answer it. */
export interface Exchange {
  readonly method: string;
  /** Path without the query. */
  readonly path: string;
  readonly query: URLSearchParams;
  readonly headers: IncomingHttpHeaders;
  /** Parsed JSON; the text when it is none; undefined when empty. */
  readonly body: unknown;
  /** Notes for the log about what is answered. */
  readonly answer: LoggedAnswer;
  /** Lets a fault for this place strike. True when it has answered, so nothing is left to do. */
  meetFault(place: FaultPlace): Promise<boolean>;
  json(status: number, body: unknown, headers?: Readonly<Record<string, string>>): Promise<void>;
  text(status: number, body: string, headers?: Readonly<Record<string, string>>): Promise<void>;
  fail(error: ErrorAnswer): Promise<void>;
  stream(events: Iterable<StreamEvent>, headers?: Readonly<Record<string, string>>): Promise<void>;
  /** Waits, but no longer than the client does. */
  wait(milliseconds: number): Promise<void>;
  cut(): void;
}

/** What an exchange needs to know of its stand-in. */
export interface ExchangeContext {
  readonly faults: Fault[];
  readonly errors: Readonly<Record<string, ErrorAnswer>>;
  readonly answer: LoggedAnswer;
  /** Sent with every answer, such as a request id. */
  readonly headers: Readonly<Record<string, string>>;
}

/** Opens an exchange for a request whose body was read. */
export function openExchange(
  request: IncomingMessage,
  response: ServerResponse,
  body: unknown,
  context: ExchangeContext,
): Exchange {
  const url = new URL(request.url ?? '/', 'http://stand-in');
  const gone = new AbortController();
  response.once('close', () => gone.abort());
  const struck: { fault?: Fault } = {};

  const wait = async (milliseconds: number): Promise<void> => {
    if (milliseconds <= 0 || gone.signal.aborted) return;
    await sleep(milliseconds, undefined, { signal: gone.signal }).catch(() => undefined);
  };
  const cut = (): void => {
    context.answer.cut = true;
    response.destroy();
  };
  const plain: Exchange['text'] = async (status, text, headers = {}) => {
    if (gone.signal.aborted) return;
    context.answer.status = status;
    context.answer.kind = context.answer.kind === 'none' ? 'text' : context.answer.kind;
    response.writeHead(status, { ...context.headers, 'content-length': Buffer.byteLength(text), ...headers });
    if (struck.fault?.does === 'die') return writeHalf(response, text, cut);
    if (struck.fault?.does === 'trickle') await writeTenths(response, text, () => wait(delayOf(struck.fault)));
    else if (request.method !== 'HEAD') response.write(text);
    response.end();
  };
  const json: Exchange['json'] = (status, value, headers = {}) => {
    context.answer.kind = 'json';
    if (status >= 400) context.answer.text = errorText(value);
    return plain(status, JSON.stringify(value), { 'content-type': 'application/json', ...headers });
  };
  const fail: Exchange['fail'] = (error) => json(error.status, error.body, error.headers);

  const stream: Exchange['stream'] = async (events, headers = {}) => {
    if (gone.signal.aborted) return;
    context.answer.status = 200;
    context.answer.kind = 'stream';
    response.writeHead(200, {
      ...context.headers,
      'content-type': 'text/event-stream; charset=utf-8',
      'cache-control': 'no-cache',
      ...headers,
    });
    response.flushHeaders();
    let sent = 0;
    for (const event of events) {
      if (struck.fault?.does === 'die' && sent >= struck.fault.afterEvents) return cut();
      await wait((event.after ?? 0) + delayOf(struck.fault));
      if (gone.signal.aborted) return;
      response.write(renderEvent(event));
      sent += 1;
    }
    response.end();
  };

  const meetFault: Exchange['meetFault'] = async (place) => {
    const fault = takeFault(context.faults, place);
    if (fault === undefined) return false;
    struck.fault = fault;
    context.answer.fault = fault.does;
    return strike(fault);
  };
  const strike = async (fault: Fault): Promise<boolean> => {
    switch (fault.does) {
      case 'die':
      case 'trickle':
        return false;
      case 'silence':
        await wait(fault.milliseconds ?? 24 * 3_600_000);
        return gone.signal.aborted;
      case 'disconnect':
        cut();
        return true;
      case 'malformed':
        await plain(200, '{"data": [{"id": "cut-of', { 'content-type': 'application/json' });
        return true;
      case 'html':
        await plain(200, '<!doctype html><title>Router</title><h1>Log in</h1>', { 'content-type': 'text/html' });
        return true;
      case 'empty':
        await plain(200, '');
        return true;
      case 'status':
        if (typeof fault.body === 'string') await plain(fault.status, fault.body, fault.headers);
        else await json(fault.status, fault.body ?? { error: `status ${fault.status} on demand` }, fault.headers);
        return true;
      case 'error':
        await fail(context.errors[fault.error] ?? unknownError(fault.error));
        return true;
    }
  };

  return {
    method: request.method ?? 'GET',
    path: url.pathname,
    query: url.searchParams,
    headers: request.headers,
    body,
    answer: context.answer,
    meetFault,
    json,
    text: plain,
    fail,
    stream,
    wait,
    cut,
  };
}

function delayOf(fault: Fault | undefined): number {
  return fault?.does === 'trickle' ? fault.milliseconds : 0;
}

function unknownError(name: string): ErrorAnswer {
  return { status: 500, body: { error: `the stand-in knows no error named ${name}` } };
}

function renderEvent(event: StreamEvent): string {
  return `${event.event === undefined ? '' : `event: ${event.event}\n`}data: ${event.data}\n\n`;
}

async function writeTenths(response: ServerResponse, text: string, pause: () => Promise<void>): Promise<void> {
  const bytes = Buffer.from(text);
  const size = Math.max(1, Math.ceil(bytes.length / 10));
  for (let at = 0; at < bytes.length; at += size) {
    await pause();
    response.write(bytes.subarray(at, at + size));
  }
}

function writeHalf(response: ServerResponse, text: string, cut: () => void): void {
  const bytes = Buffer.from(text);
  response.write(bytes.subarray(0, Math.floor(bytes.length / 2)), cut);
}

function errorText(body: unknown): string {
  const error = isRecord(body) ? body['error'] : body;
  const message = isRecord(error) ? error['message'] : error;
  return typeof message === 'string' ? message : JSON.stringify(body);
}

/** True for a JSON object. */
export function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

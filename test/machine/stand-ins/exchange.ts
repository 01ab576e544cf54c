import { createReadStream, statSync } from 'node:fs';
import type { IncomingHttpHeaders, IncomingMessage, ServerResponse } from 'node:http';
import { pipeline } from 'node:stream/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { type Fault, type FaultPlace, takeFault } from './fault.ts';
import type { LoggedAnswer } from './request-log.ts';

/** Response headers. */
export type Headers = Readonly<Record<string, string>>;

/** A named error of a stand-in: what it says, with which status and headers. */
export interface ErrorAnswer {
  readonly status: number;
  readonly body: unknown;
  readonly headers?: Headers;
}

/** One event of a server-sent stream: with a name (Messages API) or without (chat completions). */
export interface StreamEvent {
  readonly event?: string;
  readonly data: string;
  /** Milliseconds to wait before it. */
  readonly after?: number;
}

/** What an exchange needs to know of its stand-in. */
export interface ExchangeContext {
  readonly faults: Fault[];
  readonly errors: Readonly<Record<string, ErrorAnswer>>;
  readonly answer: LoggedAnswer;
  /** Sent with every answer, such as a request id. */
  readonly headers: Headers;
}

const A_DAY = 24 * 3_600_000;

/** A request being answered: what it asked, and the ways to answer it. Every way gives up quietly when the client leaves. */
export class Exchange {
  readonly method: string;
  /** Path without the query. */
  readonly path: string;
  readonly query: URLSearchParams;
  readonly headers: IncomingHttpHeaders;
  /** Parsed JSON; the text when it is none; undefined when empty. */
  readonly body: unknown;
  /** Notes for the log about what is answered. */
  readonly answer: LoggedAnswer;
  readonly #response: ServerResponse;
  readonly #context: ExchangeContext;
  readonly #gone = new AbortController();
  #fault: Fault | undefined;

  constructor(request: IncomingMessage, response: ServerResponse, body: unknown, context: ExchangeContext) {
    const url = new URL(request.url ?? '/', 'http://stand-in');
    this.method = request.method ?? 'GET';
    this.path = url.pathname;
    this.query = url.searchParams;
    this.headers = request.headers;
    this.body = body;
    this.answer = context.answer;
    this.#response = response;
    this.#context = context;
    response.once('close', () => this.#gone.abort());
  }

  /** Lets a fault for this place strike. True when it has answered, so nothing is left to do. */
  async meetFault(place: FaultPlace): Promise<boolean> {
    this.#fault = takeFault(this.#context.faults, place);
    if (this.#fault === undefined) return false;
    this.answer.fault = this.#fault.does;
    return this.#strike(this.#fault);
  }

  json(status: number, body: unknown, headers: Headers = {}): Promise<void> {
    this.answer.kind = 'json';
    if (status >= 400) this.answer.text = errorText(body);
    return this.#whole(status, Buffer.from(JSON.stringify(body)), { 'content-type': 'application/json', ...headers });
  }

  text(status: number, body: string, headers: Headers = {}): Promise<void> {
    this.answer.kind = 'text';
    return this.#whole(status, Buffer.from(body), { 'content-type': 'text/plain; charset=utf-8', ...headers });
  }

  bytes(status: number, body: Buffer): Promise<void> {
    this.answer.kind = 'file';
    return this.#whole(status, body, { 'content-type': 'application/octet-stream' });
  }

  /** The Claude API's request id stands in the body of an error and in its header, and is the same. */
  fail({ status, body, headers }: ErrorAnswer): Promise<void> {
    const named = isRecord(body) && typeof body.request_id === 'string' ? { 'request-id': body.request_id } : {};
    return this.json(status, body, { ...named, ...headers });
  }

  /** Sends a file as it lies on the disk. */
  async file(path: string, headers: Headers = {}): Promise<void> {
    const size = statSync(path).size;
    this.answer.kind = 'file';
    this.#begin(200, { 'content-type': 'application/octet-stream', 'content-length': String(size), ...headers });
    if (this.method === 'HEAD') return void this.#response.end();
    if (this.#fault?.does === 'die') {
      await pipeline(createReadStream(path, { end: Math.floor(size / 2) }), this.#response, { end: false });
      return this.#cutAfterFlush();
    }
    await pipeline(createReadStream(path), this.#response).catch(() => this.cut());
  }

  async stream(events: Iterable<StreamEvent>): Promise<void> {
    if (this.#gone.signal.aborted) return;
    this.answer.kind = 'stream';
    this.#begin(200, { 'content-type': 'text/event-stream; charset=utf-8', 'cache-control': 'no-cache' });
    this.#response.flushHeaders();
    let sent = 0;
    for (const event of events) {
      if (this.#fault?.does === 'die' && sent >= this.#fault.afterEvents) return this.#cutAfterFlush();
      await this.wait((event.after ?? 0) + this.#trickle());
      if (this.#gone.signal.aborted) return;
      this.#response.write(renderEvent(event));
      sent += 1;
    }
    this.#response.end();
  }

  /** Waits, but no longer than the client does. */
  async wait(milliseconds: number): Promise<void> {
    if (milliseconds <= 0 || this.#gone.signal.aborted) return;
    await sleep(milliseconds, undefined, { signal: this.#gone.signal }).catch(() => undefined);
  }

  /** Ends the connection without ending the answer. */
  cut(): void {
    this.answer.cut = true;
    this.#response.destroy();
  }

  /** What was written before has to reach the client first, or the cut would look like a refusal. */
  async #cutAfterFlush(): Promise<void> {
    await new Promise((resolve) => this.#response.write('', resolve));
    await this.wait(30);
    this.cut();
  }

  async #strike(fault: Fault): Promise<boolean> {
    switch (fault.does) {
      case 'die':
      case 'trickle':
        return false;
      case 'silence':
        await this.wait(fault.milliseconds ?? A_DAY);
        return this.#gone.signal.aborted;
      case 'disconnect':
        this.cut();
        return true;
      default:
        await this.#misanswer(fault);
        return true;
    }
  }

  #misanswer(fault: Fault): Promise<void> {
    switch (fault.does) {
      case 'malformed':
        return this.text(200, '{"data": [{"id": "cut-of', { 'content-type': 'application/json' });
      case 'html':
        return this.text(200, '<!doctype html><title>Router</title><h1>Log in</h1>', { 'content-type': 'text/html' });
      case 'status':
        if (typeof fault.body === 'string') return this.text(fault.status, fault.body, fault.headers);
        return this.json(fault.status, fault.body ?? { error: `status ${fault.status} on demand` }, fault.headers);
      case 'raw':
        return this.#raw(fault.text, fault.end);
      case 'error':
        return this.fail(this.#context.errors[fault.error] ?? unknownError(fault.error));
      default:
        return this.text(200, '');
    }
  }

  async #raw(text: string, end: 'reset' | 'never' | undefined): Promise<void> {
    const { socket } = this.#response;
    await new Promise((resolve) => socket?.write(Buffer.from(text, 'latin1'), resolve));
    if (end === undefined) return void socket?.end();
    if (end === 'never') return;
    await this.wait(30);
    socket?.resetAndDestroy();
  }

  async #whole(status: number, bytes: Buffer, headers: Headers): Promise<void> {
    if (this.#gone.signal.aborted) return;
    this.#begin(status, { 'content-length': String(bytes.length), ...headers });
    if (this.method === 'HEAD') return void this.#response.end();
    if (this.#fault?.does === 'die') {
      this.#response.write(bytes.subarray(0, Math.floor(bytes.length / 2)));
      return this.#cutAfterFlush();
    }
    if (this.#trickle() > 0) return this.#writeTenths(bytes);
    this.#response.end(bytes);
  }

  async #writeTenths(bytes: Buffer): Promise<void> {
    const size = Math.max(1, Math.ceil(bytes.length / 10));
    for (let at = 0; at < bytes.length; at += size) {
      await this.wait(this.#trickle());
      if (this.#gone.signal.aborted) return;
      this.#response.write(bytes.subarray(at, at + size));
    }
    this.#response.end();
  }

  #begin(status: number, headers: Headers): void {
    this.answer.status = status;
    this.#response.writeHead(status, { ...this.#context.headers, ...headers });
  }

  #trickle(): number {
    return this.#fault?.does === 'trickle' ? this.#fault.milliseconds : 0;
  }
}

function unknownError(name: string): ErrorAnswer {
  return { status: 500, body: { error: `the stand-in knows no error named ${name}` } };
}

function renderEvent(event: StreamEvent): string {
  return `${event.event === undefined ? '' : `event: ${event.event}\n`}data: ${event.data}\n\n`;
}

function errorText(body: unknown): string {
  const error = isRecord(body) ? body.error : body;
  const message = isRecord(error) ? error.message : error;
  return typeof message === 'string' ? message : JSON.stringify(body);
}

/** True for a JSON object. */
export function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

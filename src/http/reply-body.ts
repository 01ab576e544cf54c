import * as z from 'zod';
import { Secret } from '../host/secret.ts';
import { parsedJson } from '../text/json.ts';

/** What a schema makes of a body; undefined if the body is not JSON or has another shape. */
export function readBody<T>(schema: z.ZodType<T>, body: string): T | undefined {
  const read = schema.safeParse(parsedJson(body));
  return read.success ? read.data : undefined;
}

/**
 * A list in which only items of this shape count: one with an odd name must not hide the others. A list of nothing
 * but other things is another list.
 */
export function listOf<T>(item: z.ZodType<T>): z.ZodType<T[]> {
  return z.array(z.unknown()).transform((items, context) => {
    const fitting = items.flatMap((one) => {
      const read = item.safeParse(one);
      return read.success ? [read.data] : [];
    });
    if (fitting.length > 0 || items.length === 0) return fitting;
    context.addIssue({ code: 'custom', message: 'no item has the shape' });
    return z.NEVER;
  });
}

/** True for a web page where an API was expected: a router's login, a captive portal, a company proxy. */
export function isWebPage(body: string): boolean {
  return /^\s*(<!doctype html|<html|<head|<\?xml)/i.test(body);
}

const details = z.object({
  message: z.string().catch(''),
  type: z.string().optional().catch(undefined),
  code: z.union([z.string(), z.number()]).optional().catch(undefined),
});
const errorShapes = z.union([
  z.object({ error: z.string() }).transform(({ error }) => ({ message: error, type: undefined, code: undefined })),
  z.object({ error: details }).transform(({ error }) => error),
  z.object({ message: z.string() }).transform(({ message }) => ({ message, type: undefined, code: undefined })),
  z.object({ detail: z.string() }).transform(({ detail }) => ({ message: detail, type: undefined, code: undefined })),
]);

/** What a server says went wrong. */
export interface UpstreamError {
  readonly message: string;
  readonly type: string | undefined;
  readonly code: string | undefined;
}

/**
 * The error in a body: `error` may be a string or an object, `code` a number or a word; a server of FastAPI says `detail`.
 * A body that is a stream is read up to its error event. Undefined when the body tells of no error.
 */
export function upstreamError(body: string): UpstreamError | undefined {
  const event = streamEvents(body).find((one) => one.event === 'error')?.data;
  const error = readBody(errorShapes, event ?? body);
  if (error === undefined) return undefined;
  return { message: error.message, type: error.type, code: error.code === undefined ? undefined : String(error.code) };
}

/**
 * Another program's words made fit to be shown: one line, at most 200 characters, and without anything that is or was
 * part of a key. Servers repeat the beginning of a refused key, so a key's first characters are looked for as well.
 */
export function quotable(text: string, secrets: readonly (Secret | undefined)[] = []): string {
  const masked = secrets.reduce(
    (shown, secret) => (secret === undefined ? shown : withoutPartsOf(shown, secret)),
    text,
  );
  const line = masked
    .replace(/\b(sk|pk)-[A-Za-z0-9_*-]{4,}/g, '••••')
    .replace(/\b[A-Za-z0-9_]{0,12}(?=[A-Za-z0-9]*\d)[A-Za-z0-9]{24,}\b/g, '••••')
    .replace(/\s+/g, ' ')
    .trim();
  return line.length > 200 ? `${line.slice(0, 199)}…` : line;
}

/** A reply's status with what it said, which is already fit to be shown; only the status if it said nothing. */
export function withStatus(status: number, said: string): string {
  return said === '' ? `status ${status}` : `status ${status}, "${said}"`;
}

const shortestTellingPart = 6;

function withoutPartsOf(text: string, secret: Secret): string {
  const value = secret.reveal();
  for (let length = value.length; length >= shortestTellingPart; length -= 1) {
    const [head, tail] = [value.slice(0, length), value.slice(-length)];
    if (text.includes(head)) return withoutPartsOf(text.replaceAll(head, '••••'), secret);
    if (text.includes(tail)) return withoutPartsOf(text.replaceAll(tail, '••••'), secret);
  }
  return value.length < shortestTellingPart && value !== '' ? text.replaceAll(value, '••••') : text;
}

/** The Authorization header for a token; no header without one. */
export function bearer(token: Secret | undefined): Readonly<Record<string, Secret>> {
  return token === undefined ? {} : { authorization: new Secret(`Bearer ${token.reveal()}`) };
}

/** One event of a stream of server-sent events. */
interface StreamEvent {
  /** The name in its line `event:`, else the type that its data begins with; nothing where there is neither. */
  readonly event: string;
  readonly data: string;
}

/**
 * The events of an answer that streams, in their order; none in a body of another kind. Lines end, and data goes on in the next
 * one, as the standard has it (WHATWG HTML, "Server-sent events"): U+2028, which the patterns of this language take for an end as
 * well, is a letter there. The last event counts without the blank line behind it.
 */
export function streamEvents(body: string): readonly StreamEvent[] {
  const events: StreamEvent[] = [];
  let [event, data]: [string, string[]] = ['', []];
  for (const line of [...body.replace(/^\uFEFF/, '').split(/\r\n|\n|\r/), '']) {
    if (line.startsWith('event:')) event = line.slice('event:'.length).trim();
    if (line.startsWith('data:')) data.push(line.slice('data:'.length).replace(/^ /, ''));
    if (line !== '') continue;
    if (data.length > 0) events.push({ event: event || typeIn(data), data: data.join('\n') });
    [event, data] = ['', []];
  }
  return events;
}

function typeIn(data: readonly string[]): string {
  return /^\s*\{\s*"type"\s*:\s*"(\w+)"/.exec(data.join('\n'))?.[1] ?? '';
}

/** Whether a stream tells of an error. */
export function tellsError(body: string): boolean {
  return streamEvents(body).some(({ event }) => event === 'error');
}

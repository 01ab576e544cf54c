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

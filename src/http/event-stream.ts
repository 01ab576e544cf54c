/** One event of a stream of server-sent events. */
interface StreamEvent {
  /** The name in its line `event:`; nothing where it has none. */
  readonly event: string;
  readonly data: string;
}

/**
 * The events of an answer that streams, in their order; none in a body of another kind. Lines end as the standard has it
 * (WHATWG HTML, "Server-sent events"): U+2028, which the patterns of this language take for an end as well, is a letter there.
 */
export function streamEvents(body: string): readonly StreamEvent[] {
  const events: StreamEvent[] = [];
  let event = '';
  for (const line of body.split(/\r\n|\n|\r/)) {
    if (line === '') event = '';
    if (line.startsWith('event:')) event = line.slice('event:'.length).trim();
    if (line.startsWith('data:')) events.push({ event, data: line.slice('data:'.length).trimStart() });
  }
  return events;
}

/** Whether a stream tells of an error. */
export function tellsError(body: string): boolean {
  return streamEvents(body).some(({ event }) => event === 'error');
}

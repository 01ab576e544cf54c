import { afterEach } from 'vitest';
import { isRecord } from './exchange.ts';
import { type Listening, listen, type StandIn } from './stand-in.ts';

/** An answer as a test looks at it. */
export interface Answered {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
  /** The body as JSON; undefined when it is none. */
  readonly json: unknown;
  /** What lies at this path in the JSON; undefined where there is nothing. */
  at(...path: readonly (string | number)[]): unknown;
  /** The objects of the list at this path. */
  rows(...path: readonly (string | number)[]): readonly Record<string, unknown>[];
}

/** A request: a GET without a body, a POST with one. */
export interface Asked {
  readonly method?: string;
  readonly headers?: Record<string, string>;
  readonly body?: unknown;
  readonly timeout?: number;
}

const open: Listening[] = [];

afterEach(async () => {
  await Promise.all(open.splice(0).map((one) => one.close()));
});

/** Puts a stand-in on a free port until the test ends, and gives the way to ask it. */
export async function serve(
  standIn: Pick<StandIn, 'handle'>,
): Promise<((path: string, asked?: Asked) => Promise<Answered>) & { readonly url: string }> {
  const listening = await listen(standIn);
  open.push(listening);
  const ask = (path: string, asked: Asked = {}): Promise<Answered> => askAt(listening.url + path, asked);
  return Object.assign(ask, { url: listening.url });
}

async function askAt(url: string, asked: Asked): Promise<Answered> {
  const response = await fetch(url, {
    method: asked.method ?? (asked.body === undefined ? 'GET' : 'POST'),
    headers: { 'content-type': 'application/json', ...asked.headers },
    signal: AbortSignal.timeout(asked.timeout ?? 5000),
    ...(asked.body === undefined ? {} : { body: JSON.stringify(asked.body) }),
  });
  const text = await response.text();
  const json = parsed(text);
  const rows: Answered['rows'] = (...path) => {
    const list = at(json, ...path);
    return Array.isArray(list) ? list.filter(isRecord) : [];
  };
  return { status: response.status, headers: response.headers, text, json, at: (...path) => at(json, ...path), rows };
}

/** What lies at a path in a value; undefined where there is nothing. */
export function at(value: unknown, ...path: readonly (string | number)[]): unknown {
  return path.reduce<unknown>((found, step) => {
    if (Array.isArray(found)) return (found as readonly unknown[]).at(Number(step));
    return isRecord(found) ? found[step] : undefined;
  }, value);
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** The events of a stream, in order: their names, and their data as JSON. */
export function eventsOf(text: string): { readonly name: string; readonly data: unknown }[] {
  return text
    .split('\n\n')
    .filter((block) => block !== '')
    .map((block) => ({
      name: /^event: (.+)$/m.exec(block)?.[1] ?? '',
      data: parsed(/^data: (.+)$/m.exec(block)?.[1] ?? ''),
    }));
}

/** What the events of the Messages API add up to: its text and its tool calls. */
export function toldBy(text: string): { readonly text: string; readonly calls: readonly unknown[] } {
  let said = '';
  const inputs = new Map<number, { name: string; json: string }>();
  for (const { data } of eventsOf(text)) {
    const index = Number(at(data, 'index'));
    if (at(data, 'content_block', 'type') === 'tool_use') {
      inputs.set(index, { name: String(at(data, 'content_block', 'name')), json: '' });
    }
    said += String(at(data, 'delta', 'text') ?? '');
    const call = inputs.get(index);
    if (call !== undefined) call.json += String(at(data, 'delta', 'partial_json') ?? '');
  }
  return { text: said, calls: [...inputs.values()].map(({ name, json }) => ({ name, input: JSON.parse(json) })) };
}

/** A Messages API body that says this to this model. */
export function saying(model: string, content: unknown, more: object = {}): Record<string, unknown> {
  return { model, max_tokens: 1024, messages: [{ role: 'user', content }], ...more };
}

/** A tool called Bash and one called Read, in the Messages API's form. */
export const TWO_TOOLS = [
  {
    name: 'Bash',
    input_schema: {
      type: 'object',
      properties: { command: { type: 'string' }, timeout: { type: 'number' } },
      required: ['command'],
    },
  },
  {
    name: 'Read',
    input_schema: { type: 'object', properties: { file_path: { type: 'string' } }, required: ['file_path'] },
  },
];

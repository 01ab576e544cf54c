import { Agent, fetch } from 'undici';
import type { LitellmProcess } from './litellm-process.ts';

/** What came back from the gateway's Messages API. */
export interface GatewayReply {
  readonly status: number;
  /** `x-litellm-…` headers without that prefix. */
  readonly litellm: Readonly<Record<string, string>>;
  readonly headers: Readonly<Record<string, string>>;
  readonly contentType: string;
  readonly body: string;
  /** The words of the answer, streamed or not; empty for an error. */
  readonly text: string;
  /** `error.message` of a refusal, or of an error event in the stream. */
  readonly error: string | undefined;
  /** Types of the stream's events, in order. */
  readonly events: readonly string[];
  /** Milliseconds until the first byte of the body, and until the last. */
  readonly firstByteMs: number;
  readonly ms: number;
}

/** A request as Claude Code makes it for a name that it does not know, tools and long texts left out. */
export function claudeRequest(
  model: string,
  said = 'hello',
  more: Record<string, unknown> = {},
): Record<string, unknown> {
  return {
    model,
    max_tokens: 1024,
    system: [
      { type: 'text', text: 'x-anthropic-billing-header: cc_version=2.1.332.abc; cc_entrypoint=cli;' },
      { type: 'text', text: 'You are a coding agent.', cache_control: { type: 'ephemeral' } },
    ],
    messages: [
      { role: 'user', content: [{ type: 'text', text: said }] },
      { role: 'system', content: [{ type: 'text', text: 'The folder is /tmp.' }] },
    ],
    thinking: { type: 'adaptive' },
    output_config: { effort: 'high' },
    metadata: { user_id: 'someone' },
    ...more,
  };
}

/** Without limits of its own: how long an answer may take is what is tested. */
const dispatcher = new Agent({ headersTimeout: 0, bodyTimeout: 0 });

/**
 * Sends one request to `/v1/messages` and reads the answer to its end. `key` replaces the right one; null sends none.
 * Fails after `patience` milliseconds without an end.
 */
export async function ask(
  gateway: LitellmProcess,
  body: Record<string, unknown>,
  key: string | null = gateway.key,
  headers: Readonly<Record<string, string>> = {},
  patience = 240_000,
): Promise<GatewayReply> {
  const started = performance.now();
  const response = await fetch(`${gateway.url}/v1/messages?beta=true`, {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      'anthropic-version': '2023-06-01',
      'user-agent': 'claude-cli/2.1.332 (external, cli)',
      ...(key === null ? {} : { authorization: `Bearer ${key}` }),
      ...headers,
    },
    body: JSON.stringify(body),
    signal: AbortSignal.timeout(patience),
    dispatcher,
  });
  const { text: read, firstByteMs } = await readAll(response, started);
  return {
    status: response.status,
    litellm: litellmHeaders(response.headers),
    headers: Object.fromEntries(response.headers.entries()),
    contentType: response.headers.get('content-type') ?? '',
    body: read,
    firstByteMs,
    ms: performance.now() - started,
    ...interpret(read),
  };
}

async function readAll(
  response: Pick<Response, 'body'>,
  started: number,
): Promise<{ text: string; firstByteMs: number }> {
  const decoder = new TextDecoder();
  let firstByteMs = -1;
  let text = '';
  try {
    for await (const chunk of response.body ?? []) {
      if (firstByteMs < 0) firstByteMs = performance.now() - started;
      text += decoder.decode(chunk as Uint8Array, { stream: true });
    }
  } catch (error) {
    text += `\n[cut: ${String(error)}]`;
  }
  return { text, firstByteMs };
}

function litellmHeaders(headers: Pick<Headers, 'entries'>): Record<string, string> {
  const prefix = 'x-litellm-';
  const ours = [...headers.entries()].filter(([name]) => name.startsWith(prefix));
  return Object.fromEntries(ours.map(([name, value]) => [name.slice(prefix.length), value]));
}

function interpret(body: string): Pick<GatewayReply, 'text' | 'error' | 'events'> {
  const answer = parsed(body);
  if (answer !== undefined) return { text: textOf(answer), error: answer.error?.message, events: [] };
  const data = [...body.matchAll(/^data: (\{.*\})$/gm)].map((match) => JSON.parse(match[1] ?? '{}') as StreamData);
  return {
    text: data.map((event) => event.delta?.text ?? '').join(''),
    error: data.find((event) => event.error !== undefined)?.error?.message,
    events: data.map((event) => event.type ?? '?'),
  };
}

/** The body as one JSON object; undefined for a stream and for rubbish. */
function parsed(body: string): Answer | undefined {
  if (!body.startsWith('{')) return undefined;
  try {
    return JSON.parse(body) as Answer;
  } catch {
    return undefined;
  }
}

interface Answer {
  readonly content?: readonly { readonly type: string; readonly text?: string }[];
  readonly error?: { readonly message?: string };
}

interface StreamData {
  readonly type?: string;
  readonly delta?: { readonly text?: string };
  readonly error?: { readonly message?: string };
}

function textOf(answer: Answer): string {
  return (answer.content ?? []).map((block) => block.text ?? '').join('');
}

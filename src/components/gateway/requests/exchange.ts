import * as z from 'zod';
import type { HttpReply, Probe } from '../../../host/host.ts';
import type { Secret } from '../../../host/secret.ts';
import { bearer, quotable, readBody, streamEvents, tellsError, upstreamError } from '../../../http/reply-body.ts';
import type { Problem } from '../../../problem.ts';
import { parsedJson } from '../../../text/json.ts';
import { anthropicVersion } from '../../cloud/anthropic.ts';
import { gatewayProblem, isAtCeiling } from './client.ts';

/** One request in the form of the Messages API. */
export interface GatewayRequest {
  readonly body: Readonly<Record<string, unknown>>;
  /** A route of the gateway other than that of the Messages API. */
  readonly path?: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** Milliseconds for the whole exchange. */
  readonly timeoutMs: number;
  /** For error messages; completes "could not …". */
  readonly aim: string;
}

/** What came of a request, with the gateway's own evidence of who answered. The body's `model` is stamped by the gateway and proves nothing. */
export interface GatewayExchange {
  /** Undefined when no HTTP answer came. */
  readonly status: number | undefined;
  /** A whole answer of the Messages API: neither an error nor broken off. */
  readonly whole: boolean;
  /** `model_info.id` of the deployment that was asked last; of an error, of the one that failed. */
  readonly modelId: string | undefined;
  readonly attemptedFallbacks: number;
  /** How many calls of a tool a whole answer makes; not counted in streams. */
  readonly toolCalls: number;
  /** What an error says, also one that comes in the middle of a stream; fit to be shown. */
  readonly error: string | undefined;
  /** What kind of error it is, in the Messages API's own words. */
  readonly errorType: string | undefined;
  /** When to ask again, as the answer's header says it. */
  readonly retryAfter: string | undefined;
  /** A cloud would have been asked if the spending ceiling had not been reached. */
  readonly atCeiling: boolean;
  /** Tokens that were counted; undefined when none were reported. */
  readonly usage: Usage | undefined;
  readonly ms: number;
  /** What it means and what to do, for whoever wanted a whole answer. */
  readonly problem: Problem | undefined;
}

export interface Usage {
  readonly input: number;
  readonly output: number;
}

/** Sends a request to the gateway's Messages API and reads the answer to its end; without a key when none is given. */
export async function exchangeMessages(
  probe: Pick<Probe, 'http'>,
  url: string,
  key: Secret | undefined,
  request: GatewayRequest,
): Promise<GatewayExchange> {
  const reply = await probe.http({
    method: 'POST',
    url: `${url}${request.path ?? '/v1/messages'}`,
    headers: { ...bearer(key), 'anthropic-version': anthropicVersion, ...request.headers },
    json: request.body,
    timeoutMs: request.timeoutMs,
  });
  const whole = reply.reached && reply.status === 200 && isWhole(reply.body);
  return {
    ...(reply.reached ? evidence(reply) : { status: undefined, modelId: undefined, attemptedFallbacks: 0 }),
    whole,
    toolCalls: reply.reached ? toolCalls(reply.body) : 0,
    error: errorWords(reply, key),
    errorType: reply.reached ? upstreamError(reply.body)?.type : undefined,
    retryAfter: reply.reached ? reply.headers['retry-after'] : undefined,
    atCeiling: reply.reached && isAtCeiling(reply),
    usage: reply.reached ? usageIn(reply.body) : undefined,
    ms: reply.ms,
    problem: whole ? undefined : gatewayProblem(reply, url, request.aim, key),
  };
}

/** Source: LiteLLM's page on response headers. */
function evidence(
  reply: HttpReply & { reached: true },
): Pick<GatewayExchange, 'status' | 'modelId' | 'attemptedFallbacks'> {
  return {
    status: reply.status,
    modelId: reply.headers['x-litellm-model-id'],
    attemptedFallbacks: Number(reply.headers['x-litellm-attempted-fallbacks'] ?? 0) || 0,
  };
}

const message = z.object({ type: z.literal('message'), content: z.array(z.object({ type: z.string() })) });

function isWhole(body: string): boolean {
  if (readBody(message, body) !== undefined) return true;
  return streamEvents(body).some(({ data }) => /"type": ?"message_stop"/.test(data)) && !tellsError(body);
}

function errorWords(reply: HttpReply, key: Secret | undefined): string | undefined {
  if (!reply.reached) return reply.detail;
  const said = upstreamError(reply.body)?.message;
  return said === undefined ? undefined : quotable(innerWords(said) ?? said, [key]);
}

/** What a backend said is passed on unchanged, as JSON within a sentence; if there are several, the first one was the cause. */
function innerWords(said: string): string | undefined {
  const quoted = /"(?:message|error)": ?("(?:[^"\\]|\\.)*")/.exec(said)?.[1];
  const words = quoted === undefined ? undefined : parsedJson(quoted);
  return typeof words === 'string' && words !== '' ? words : undefined;
}

function toolCalls(body: string): number {
  return readBody(message, body)?.content.filter(({ type }) => type === 'tool_use').length ?? 0;
}

const counted = z.object({ input_tokens: z.number().optional(), output_tokens: z.number().optional() });
const reported = z.union([
  z.object({ usage: counted }).transform(({ usage }) => usage),
  z.object({ message: z.object({ usage: counted }) }).transform(({ message }) => message.usage),
]);

/** In a stream the numbers come in pieces, each later one replacing an earlier one. */
function usageIn(body: string): Usage | undefined {
  const pieces = parsedJson(body) === undefined ? streamEvents(body).map(({ data }) => data) : [body];
  const usages = pieces.flatMap((piece) => readBody(reported, piece) ?? []);
  if (usages.length === 0) return undefined;
  const last = (name: keyof z.infer<typeof counted>) =>
    usages.findLast((usage) => usage[name] !== undefined)?.[name] ?? 0;
  return { input: last('input_tokens'), output: last('output_tokens') };
}

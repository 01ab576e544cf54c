import * as z from 'zod';
import type { HttpReply, Probe } from '../../../host/host.ts';
import type { Secret } from '../../../host/secret.ts';
import { streamEvents } from '../../../http/event-stream.ts';
import { bearer, readBody } from '../../../http/reply-body.ts';
import type { Problem } from '../../../problem.ts';
import { failure, type Result, success } from '../../../result.ts';
import { anthropicVersion } from '../../cloud/anthropic.ts';
import { isLiteLlmReadiness } from '../../lm-studio/other-servers.ts';
import { gatewayProblem, notUpProblem } from './errors.ts';

type Http = Pick<Probe, 'http'>;

/** Whether the gateway takes requests. */
export type Readiness = { readonly ready: true; readonly ms: number } | ({ readonly ready: false } & Problem);

/** What holds a port. `other-litellm`: a LiteLLM that does not live by our key. */
export type PortHolder = 'free' | 'ours' | 'other-litellm' | 'other';

/** What to send; `text` becomes one user turn. */
export interface GatewayQuestion {
  /** A name of the gateway's own, e.g. `local`. */
  readonly model: string;
  readonly text: string;
  /** Default 64. */
  readonly maxTokens?: number;
  readonly stream?: boolean;
  /** Milliseconds for the whole exchange; default two minutes. */
  readonly timeoutMs?: number;
}

/** An answer and who really gave it. The body's own `model` is stamped by the gateway and proves nothing. */
export interface GatewayAnswer {
  readonly text: string;
  /** `model_info.id` of the deployment that answered. */
  readonly modelId?: string;
  /** The gateway's name for it. */
  readonly modelGroup?: string;
  readonly apiBase?: string;
  /** How many fallbacks were taken before it answered; 0 when the gateway does not say. */
  readonly attemptedFallbacks: number;
  readonly ms: number;
}

const quickMs = 5000;
/** LiteLLM is ready before its first request is served, which takes it seconds on a busy machine. */
const guardMs = 20_000;
const answerMs = 120_000;

/** Asks whether the gateway is up; needs no key and calls no model. */
export async function readiness(probe: Http, url: string): Promise<Readiness> {
  const reply = await probe.http({ url: `${url}/health/readiness`, timeoutMs: quickMs });
  if (reply.reached && reply.status === 200 && isLiteLlmReadiness(reply.body)) return { ready: true, ms: reply.ms };
  return { ready: false, ...notUpProblem(reply, url) };
}

const details = z.object({ litellm_version: z.string().min(1) });

/** The version of LiteLLM, which it tells only to who has the key; undefined where it does not. Source: LiteLLM's page on health checks. */
export async function liteLlmVersion(probe: Http, url: string, key: Secret): Promise<string | undefined> {
  const reply = await probe.http({
    url: `${url}/health/readiness/details`,
    headers: bearer(key),
    timeoutMs: quickMs,
  });
  return reply.reached && reply.status === 200 ? readBody(details, reply.body)?.litellm_version : undefined;
}

const listing = z.object({ data: z.array(z.object({ id: z.string() })) });

/** The names that the gateway offers to this key. */
export async function listGatewayModels(probe: Http, url: string, key: Secret): Promise<Result<readonly string[]>> {
  const reply = await getModels(probe, url, key);
  const read = reply.reached && reply.status === 200 ? readBody(listing, reply.body) : undefined;
  if (read === undefined) return failure(gatewayProblem(reply, url, 'list its models', key));
  return success(read.data.map(({ id }) => id));
}

/** True when the gateway refuses a request without a key, false when it answers it. */
export async function requiresKey(probe: Http, url: string): Promise<Result<boolean>> {
  const reply = await getModels(probe, url, undefined);
  if (reply.reached && (reply.status === 401 || reply.status === 403)) return success(true);
  if (reply.reached && reply.status === 200 && readBody(listing, reply.body) !== undefined) return success(false);
  return failure(gatewayProblem(reply, url, 'say whether it wants a key'));
}

/**
 * Whether the guard stands in front of the gateway's routes: a marked request that names no model has to be turned away by the
 * guard itself. Without it LiteLLM says at once that the model is missing (with one it would load a tokenizer first, for
 * seconds); nothing leaves this machine either way.
 */
export async function guardStands(probe: Http, url: string, key: Secret): Promise<Result<boolean>> {
  const reply = await probe.http({
    method: 'POST',
    url: `${url}/v1/messages/count_tokens`,
    headers: { ...bearer(key), 'anthropic-version': anthropicVersion, 'x-claude-routing': 'proof; local-only' },
    json: { messages: [{ role: 'user', content: 'x' }] },
    timeoutMs: guardMs,
  });
  if (!reply.reached) return failure(gatewayProblem(reply, url, 'say whether it is guarded', key));
  return success(reply.status === 400 && reply.headers['x-claude-routing-guard'] === 'refused');
}

function getModels(probe: Http, url: string, key: Secret | undefined): Promise<HttpReply> {
  return probe.http({ url: `${url}/v1/models`, headers: bearer(key), timeoutMs: quickMs });
}

/**
 * What holds the port of `url`. The key is shown only to what answers like LiteLLM; ours is what takes the key and
 * refuses to go without one. A container that is still starting is `other`: its port is open before it answers.
 */
export async function identifyPort(probe: Http, url: string, key?: Secret): Promise<PortHolder> {
  const first = await probe.http({ url: `${url}/health/readiness`, timeoutMs: quickMs });
  if (!first.reached) return first.failure === 'refused' ? 'free' : 'other';
  if (!isLiteLlmReadiness(first.body)) return 'other';
  if (key === undefined || (await isOpen(probe, url))) return 'other-litellm';
  const reply = await getModels(probe, url, key);
  const accepted = reply.reached && reply.status === 200 && readBody(listing, reply.body) !== undefined;
  return accepted ? 'ours' : 'other-litellm';
}

/** Whether it answers requests without a key; what cannot be found out counts as no. */
async function isOpen(probe: Http, url: string): Promise<boolean> {
  const wantsKey = await requiresKey(probe, url);
  return wantsKey.ok && !wantsKey.value;
}

/** Sends one question through the gateway and tells who answered it. */
export async function sendMessage(
  probe: Http,
  url: string,
  key: Secret,
  question: GatewayQuestion,
): Promise<Result<GatewayAnswer>> {
  const reply = await probe.http({
    method: 'POST',
    url: `${url}/v1/messages`,
    headers: { ...bearer(key), 'anthropic-version': anthropicVersion, 'x-claude-routing': 'proof' },
    json: messageOf(question),
    timeoutMs: question.timeoutMs ?? answerMs,
  });
  const text = reply.reached && reply.status === 200 ? answerText(reply.body) : undefined;
  if (!reply.reached || text === undefined)
    return failure(gatewayProblem(reply, url, `answer as ${question.model}`, key));
  return success({ text, ms: reply.ms, ...answeredBy(reply.headers) });
}

function messageOf({ model, text, maxTokens = 64, stream = false }: GatewayQuestion): object {
  return { model, max_tokens: maxTokens, messages: [{ role: 'user', content: text }], ...(stream ? { stream } : {}) };
}

const block = z.object({ type: z.string(), text: z.string().optional().catch(undefined) });
const message = z.object({ type: z.literal('message'), content: z.array(block) });
const delta = z.object({ delta: z.object({ type: z.literal('text_delta'), text: z.string() }) });

/** The words of a whole or streamed answer; undefined when it is no answer of the Messages API, or breaks off. */
export function answerText(body: string): string | undefined {
  const whole = readBody(message, body);
  if (whole !== undefined) return whole.content.map(({ text = '' }) => text).join('');
  const data = streamEvents(body).map((event) => event.data);
  const ended = data.some((line) => /"type": ?"message_stop"/.test(line));
  return ended ? data.map((line) => readBody(delta, line)?.delta.text ?? '').join('') : undefined;
}

/** Source: LiteLLM's page on response headers. */
function answeredBy(headers: Readonly<Record<string, string>>): Omit<GatewayAnswer, 'text' | 'ms'> {
  const modelId = headers['x-litellm-model-id'];
  const modelGroup = headers['x-litellm-model-group'];
  const apiBase = headers['x-litellm-model-api-base'];
  return {
    ...(modelId === undefined ? {} : { modelId }),
    ...(modelGroup === undefined ? {} : { modelGroup }),
    ...(apiBase === undefined ? {} : { apiBase }),
    attemptedFallbacks: Number(headers['x-litellm-attempted-fallbacks'] ?? 0) || 0,
  };
}

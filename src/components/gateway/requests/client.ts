import * as z from 'zod';
import type { HttpReply, Probe } from '../../../host/host.ts';
import type { Secret } from '../../../host/secret.ts';
import { bearer, readBody } from '../../../http/reply-body.ts';
import type { Problem } from '../../../problem.ts';
import { failure, type Result, success } from '../../../result.ts';
import { anthropicVersion } from '../../cloud/anthropic.ts';
import { isLiteLlmReadiness } from '../../lm-studio/other-servers.ts';
import { gatewayProblem, notUpProblem } from './errors.ts';

type Http = Pick<Probe, 'http'>;

/** Whether the gateway takes requests. */
export type Readiness = { readonly ready: true; readonly ms: number } | ({ readonly ready: false } & Problem);

const quickMs = 5000;
/** LiteLLM is ready before its first request is served, which takes it seconds on a busy machine. */
const guardMs = 20_000;

/** Asks whether the gateway is up; needs no key and calls no model. */
export async function readiness(probe: Http, url: string): Promise<Readiness> {
  const reply = await probe.http({ url: `${url}/health/readiness`, timeoutMs: quickMs });
  if (reply.reached && reply.status === 200 && isLiteLlmReadiness(reply.body)) return { ready: true, ms: reply.ms };
  return { ready: false, ...notUpProblem(reply, url) };
}

const details = z.object({ litellm_version: z.string().min(1) });

/** The version of LiteLLM, which it tells only to who has the key; undefined where it does not. Source: LiteLLM's page on health checks. */
export async function liteLlmVersion(probe: Http, url: string, key: Secret): Promise<string | undefined> {
  const reply = await probe.http({ url: `${url}/health/readiness/details`, headers: bearer(key), timeoutMs: quickMs });
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

import * as z from 'zod';
import type { HttpReply, Probe } from '../../../host/host.ts';
import type { Secret } from '../../../host/secret.ts';
import { portOf } from '../../../http/no-reply.ts';
import { bearer, quotable, readBody, upstreamError, withStatus } from '../../../http/reply-body.ts';
import { type ErrorRow, failure, meaningIn, type Problem, type Result, success } from '../../../problem.ts';
import { parsedJson } from '../../../text/json.ts';
import { anthropicVersion } from '../../cloud/anthropic.ts';
import { isLiteLlmReadiness } from '../../lm-studio/other-servers.ts';

type Http = Pick<Probe, 'http'>;

/** Whether the gateway takes requests. */
export type Readiness = { readonly ready: true; readonly ms: number } | ({ readonly ready: false } & Problem);

const quickMs = 5000;
/** LiteLLM says that it is ready before it can serve its first request; on a busy machine that takes seconds more. */
const guardMs = 20_000;

/** Asks whether the gateway is up; needs no key and calls no model. */
export async function readiness(probe: Http, url: string): Promise<Readiness> {
  const reply = await probe.http({ url: `${url}/health/readiness`, timeoutMs: quickMs });
  if (reply.reached && reply.status === 200 && isLiteLlmReadiness(reply.body)) return { ready: true, ms: reply.ms };
  return { ready: false, ...notUpProblem(reply, url) };
}

const details = z.object({ litellm_version: z.string().min(1) });

/** LiteLLM's version, which it tells only to holders of the key; undefined if it does not. Source: LiteLLM's page on health checks. */
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
 * Whether the guard protects the gateway's routes: a marked request that names no model has to be turned away by the
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

const seeLog = 'See why: docker logs --tail 20 litellm';

/** Why the gateway does not take requests yet, or no longer. */
function notUpProblem(reply: HttpReply, url: string): Problem {
  if (!reply.reached) return unreachable(reply, url);
  const what =
    reply.status === 503
      ? 'is starting, or one of its parts is unhealthy'
      : `answers with status ${reply.status} where it should say that it is ready`;
  return { code: 'gateway-not-ready', problem: `The gateway at ${url} ${what}.`, fix: seeLog };
}

/** What an unsuccessful reply of the gateway means. `aim` completes "could not …". */
export function gatewayProblem(reply: HttpReply, url: string, aim: string, key?: Secret): Problem {
  if (!reply.reached) return unreachable(reply, url);
  const said = quotable(innermost(upstreamError(reply.body)?.message ?? ''), [key]);
  const quoted = withStatus(reply.status, said);
  const atCeiling = isAtCeiling(reply);
  return (
    meaningIn(meanings, { status: reply.status, said, quoted, url, aim, atCeiling }) ?? {
      code: 'gateway-request-failed',
      problem: `The gateway at ${url} could not ${aim}: ${quoted}.`,
      fix: seeLog,
    }
  );
}

/** Whether the ceiling of what may be spent kept a cloud from being asked, as the gateway's hook says it (`templates/gateway/cloud/cloud_errors.py`). */
export function isAtCeiling({ headers }: Pick<HttpReply & { reached: true }, 'headers'>): boolean {
  return headers['x-claude-routing-ceiling'] !== undefined;
}

interface Seen {
  readonly status: number;
  readonly atCeiling: boolean;
  /** In the words of LiteLLM or of the service behind it; empty if there were none. */
  readonly said: string;
  /** The same with its status. */
  readonly quoted: string;
  readonly url: string;
  readonly aim: string;
}

const meanings: readonly ErrorRow<Seen>[] = [
  {
    when: ({ atCeiling }) => atCeiling,
    code: 'ceiling-reached',
    problem: ({ aim, said }) => `The gateway did not ${aim}: ${said}`,
    fix: 'Wait for the next day or month, or raise it:  claude-routing-install --set spending.perDay=DOLLARS',
  },
  {
    // LiteLLM's own refusal, not one that it passes on from a service behind it.
    when: ({ status, said }) =>
      [400, 401, 403].includes(status) &&
      /LiteLLM Virtual Key|no api key passed in|malformed api key|invalid proxy server token|no connected db|master[_ ]key/i.test(
        said,
      ),
    code: 'gateway-key-refused',
    problem: ({ url }) => `The gateway at ${url} does not accept our key: it was started with a different one.`,
    fix: 'Run claude-routing-install again: it starts the gateway with the key from ~/.config/claude-secrets.env.',
  },
  {
    when: ({ said }) => /invalid model name|no healthy deployment|no deployments available/i.test(said),
    code: 'gateway-model-missing',
    problem: ({ url, aim, quoted }) =>
      `The gateway at ${url} could not ${aim}: it does not have that model, ${quoted}.`,
    fix: 'Run claude-routing-install again: it writes the model list again.',
  },
  {
    when: ({ said }) => /authentication|invalid x-api-key|invalid subscription key|incorrect api key/i.test(said),
    code: 'cloud-key-refused',
    problem: ({ aim, quoted }) => `The gateway could not ${aim}: the service behind it refuses its key, ${quoted}.`,
    fix: 'Give it a new one, e.g.  claude-routing-install secrets set ANTHROPIC_DIRECT_KEY',
  },
  {
    when: ({ said }) => /credit balance|billing|usage limit|spend limit/i.test(said),
    code: 'cloud-cannot-be-paid',
    problem: ({ aim, quoted }) => `The gateway could not ${aim}: the account behind that model cannot pay, ${quoted}.`,
    fix: 'Buy credit or raise the limit at https://platform.claude.com/settings/billing, then try again.',
  },
  {
    when: ({ said }) =>
      /connection error|cannot connect|connect(ion)? (refused|timed? ?out)|all connection attempts failed/i.test(said),
    code: 'container-cannot-reach-server',
    problem: ({ aim, quoted }) =>
      `The gateway could not ${aim}: it reaches nothing at that model's address, ${quoted}.`,
    fix: 'Start that server; if it answers here but not for the gateway, this container cannot reach it: type another address.',
  },
];

/** LiteLLM wraps what a service said: `litellm.SomeError: SomeException - {"error": {"message": "…"}} LiteLLM: advice`. */
function innermost(message: string): string {
  const told = [...message.matchAll(/"message": ?("(?:[^"\\]|\\.)*")/g)].at(-1)?.[1];
  const inner = told === undefined ? undefined : parsedJson(told);
  const plain = typeof inner === 'string' && inner !== '' ? inner : message;
  return plain
    .replace(/ ssl:<[^>]*>/, '')
    .replace(/^(litellm\.)?(\w+(Error|Exception)( -|:) )+/, '')
    .replace(/\s*LiteLLM: .*$/s, '');
}

function unreachable(reply: HttpReply & { reached: false }, url: string): Problem {
  if (reply.failure === 'refused')
    return {
      code: 'gateway-not-running',
      problem: `No gateway runs at ${url}: nothing listens there.`,
      fix: 'Start it: docker start litellm',
    };
  if (reply.failure === 'timeout')
    return {
      code: 'gateway-silent',
      problem: `The gateway at ${url} did not answer within ${Math.max(1, Math.round(reply.ms / 1000))} s.`,
      fix: seeLog,
    };
  return {
    code: 'port-taken',
    problem: `What listens on port ${portOf(url)} does not answer like the gateway (${reply.failure}).`,
    fix: `See what it is: ss -ltnp 'sport = :${portOf(url)}'`,
  };
}

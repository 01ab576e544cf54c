import * as z from 'zod';
import type { HttpReply, HttpRequest, Probe } from '../../host/host.ts';
import type { Secret } from '../../host/secret.ts';
import { bearer, readBody } from '../../http/reply-body.ts';
import type { Problem } from '../../problem.ts';
import { failure, type Result, success } from '../../result.ts';
import { localProblem } from './errors.ts';

/** A model that was loaded. */
export interface LoadedModel {
  readonly instanceId: string;
  /** Absent where the server did not say; list the models again to know. */
  readonly contextWindow?: number;
  readonly seconds?: number;
}

/** What to load, and what has to go first because loading again would start a second instance with its own window. */
export interface LoadWish {
  readonly key: string;
  readonly contextWindow: number;
  readonly unload: readonly string[];
}

/** Ten minutes: a large model is read from disk once. */
const loadTimeoutMs = 600_000;

/** Asks LM Studio 0.4 or later to load a model. It CHANGES the other machine: send it only through the door, after a yes. */
export function loadRequest(address: string, key: string, contextWindow: number, token?: Secret): HttpRequest {
  return {
    method: 'POST',
    url: `${address}/api/v1/models/load`,
    headers: bearer(token),
    json: { model: key, context_length: contextWindow, echo_load_config: true },
    timeoutMs: loadTimeoutMs,
  };
}

/** Asks LM Studio 0.4 or later to take one loaded instance out of memory. It CHANGES the other machine. */
export function unloadRequest(address: string, instanceId: string, token?: Secret): HttpRequest {
  return {
    method: 'POST',
    url: `${address}/api/v1/models/unload`,
    headers: bearer(token),
    json: { instance_id: instanceId },
    timeoutMs: 60_000,
  };
}

const loaded = z.object({
  instance_id: z.string().min(1),
  status: z.literal('loaded'),
  load_time_seconds: z.number().optional().catch(undefined),
  load_config: z.object({ context_length: z.int().positive() }).optional().catch(undefined),
});
const unloaded = z.object({ instance_id: z.string().min(1) });

/** What the reply to a load request means. */
export function loadOutcome(reply: HttpReply, address: string, token?: Secret): Result<LoadedModel> {
  const body = reply.reached ? readBody(loaded, reply.body) : undefined;
  if (body === undefined) return failure(localProblem(reply, address, 'load a model', token, 'lm-studio'));
  return success({
    instanceId: body.instance_id,
    ...(body.load_config === undefined ? {} : { contextWindow: body.load_config.context_length }),
    ...(body.load_time_seconds === undefined ? {} : { seconds: body.load_time_seconds }),
  });
}

/** Why an instance was not unloaded; undefined when it was. */
export function unloadProblem(reply: HttpReply, address: string, token?: Secret): Problem | undefined {
  const done = reply.reached && readBody(unloaded, reply.body) !== undefined;
  return done ? undefined : localProblem(reply, address, 'unload a model', token, 'lm-studio');
}

/**
 * Unloads what the resource names, then loads. It CHANGES the other machine: give it the `http` of the door, never a probe's.
 * Stops at the first thing that does not work and leaves it at that.
 */
export async function loadModel(
  http: Probe['http'],
  address: string,
  wish: LoadWish,
  token?: Secret,
): Promise<Result<LoadedModel>> {
  for (const instance of wish.unload) {
    const problem = unloadProblem(await http(unloadRequest(address, instance, token)), address, token);
    if (problem !== undefined) return failure(problem);
  }
  return loadOutcome(await http(loadRequest(address, wish.key, wish.contextWindow, token)), address, token);
}

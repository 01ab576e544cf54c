import { gatewayModels, mainModel } from '../components/gateway/models.ts';
import type { Answers } from '../config/schema.ts';

/**
 * The local deployments' timeouts in the throw-away gateway: nobody waits a real one for a drill. Longer than what a machine
 * that is off may cost, or a gateway that does not notice that would pass.
 */
export const scaledTimeoutSeconds = 5;

/** Seconds that the throw-away gateway gives a box that it wakes, instead of `localModel.wake.patience`: it is there after two. */
export const scaledWakeSeconds = 4;
/** Seconds that a request waits there for its turn, instead of `failover.afterWaiting`. */
export const scaledWaitSeconds = 1;

/** A failure before the first word that somebody else can make good. */
interface AnyFault<Name> extends More {
  readonly stage: Name;
  readonly title: string;
  /** Completes "when …". */
  readonly when: string;
  readonly goalMs: number;
}

interface More {
  /** Milliseconds that it may add to what the next one in line takes by itself. */
  readonly goalMs?: number;
  /** Of the local model: the prompt does not fit. */
  readonly overflow?: true;
  /** What the cloud says, where it says something: a client without consent gets just that. */
  readonly says?: { readonly status: number; readonly type: string; readonly retryAfter?: string };
}

export type Fault = AnyFault<Stage>;
export type CloudFault = AnyFault<CloudStage>;

/** In the order in which they are staged; the last one leaves the local model off, to see it come back. */
export const faults = [
  fault('status-500', 'answers 500', 'the local server answers 500'),
  fault('status-503', 'answers 503', 'the local server answers 503'),
  fault('status-429', 'answers 429', 'the local server answers 429'),
  fault('overflow-n-keep', 'too long, n_keep', 'a prompt does not fit', { overflow: true }),
  fault('overflow-keep-first', 'too long, keep first', 'a prompt does not fit', { overflow: true }),
  fault('overflow-exceeds', 'too long, exceeds', 'a prompt does not fit', { overflow: true }),
  fault('silent', 'silent', 'the local server says nothing', { goalMs: scaledTimeoutSeconds * 1000 + 1000 }),
  fault('dropped', 'powered off', 'the local server’s machine is off', { goalMs: 3000 }),
  fault('refused', 'server stopped', 'the local server is stopped', { goalMs: 500 }),
] as const;

/** How the throw-away gateway's local model can be made to behave; the names are the stager's own (templates/gateway/drill_faults.py). */
export type Stage =
  | (typeof faults)[number]['stage']
  | ('answers' | 'breaks-off' | 'one-at-once' | 'busy' | 'one-not-ready' | 'asleep');

function fault<Name extends string>(stage: Name, title: string, when: string, more: More = {}) {
  return { stage, title, when, goalMs: 1000, ...more };
}

/** What the fault server tells with its 429, in seconds: long enough for what is tried meanwhile. */
export const retryAfterSeconds = 10;
/** The hook's own patience for a connection (templates/gateway/cloud/cloud_faults.py). */
const connectMs = 4000;

/** In the order in which they are staged. */
export const cloudFaults = [
  fault('cloud-429', 'cloud at its limit', 'the cloud answers 429', {
    says: { status: 429, type: 'rate_limit_error', retryAfter: String(retryAfterSeconds) },
  }),
  fault('cloud-529', 'cloud overloaded', 'the cloud answers 529', {
    says: { status: 529, type: 'overloaded_error' },
  }),
  fault('cloud-500', 'cloud answers 500', 'the cloud answers 500', { says: { status: 500, type: 'api_error' } }),
  fault('cloud-no-credit', 'no credit left', 'the account has no credit left', {
    says: { status: 400, type: 'invalid_request_error' },
  }),
  fault('cloud-revoked', 'key revoked', 'the cloud does not know the key', {
    says: { status: 401, type: 'authentication_error' },
  }),
  fault('cloud-silent', 'cloud silent', 'the cloud says nothing', { goalMs: scaledTimeoutSeconds * 1000 + 1000 }),
  fault('cloud-dropped', 'cloud out of reach', 'nothing reaches the cloud', { goalMs: connectMs + 1000 }),
  fault('cloud-refused', 'cloud refuses', 'the cloud accepts no connection'),
] as const;

/**
 * How the throw-away gateway's cloud can be made to behave; the names are the fault server's own (templates/gateway/drill_faults.py).
 * Meanwhile its local model answers.
 */
export type CloudStage = (typeof cloudFaults)[number]['stage'] | 'cloud-answers' | 'at-ceiling';

/** The cloud model that is copied for the faults of a cloud: the one in front where it is a cloud's; undefined without a cloud. */
export function copiedCloud(answers: Answers): string | undefined {
  const clouds = gatewayModels(answers).filter(({ backend }) => backend.kind !== 'local');
  return (clouds.find(({ name }) => name === mainModel(answers)) ?? clouds[0])?.name;
}

/**
 * That model's copy for one fault, so that a gateway that avoids it afterwards avoids nothing else: its name at the
 * throw-away gateway, and what the gateway calls its deployment.
 */
export function copyFor(stage: CloudStage): { readonly name: string; readonly id: string } {
  return { name: `drill-${stage}`, id: `drill-${stage}:copy` };
}

/** Whether what answered is one of those copies: the fault server, which costs nothing. */
export function isCopy(id: string): boolean {
  return cloudFaults.some(({ stage }) => copyFor(stage).id === id);
}

/** What the gateway calls the deployment behind one of its names: the evidence of who answered. */
export function deploymentIdOf(answers: Answers, wanted: string): string {
  return gatewayModels(answers).find(({ name }) => name === wanted)?.id ?? wanted;
}

/** The ids of the local model's deployments. */
export function localIds(answers: Answers): readonly string[] {
  return gatewayModels(answers).flatMap(({ backend, id }) => (backend.kind === 'local' ? [id] : []));
}

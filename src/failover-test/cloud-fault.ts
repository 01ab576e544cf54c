import { gatewayModels, mainModel } from '../components/gateway/models.ts';
import type { Answers } from '../config/schema.ts';
import { scaledTimeoutSeconds } from './fault.ts';

/**
 * How the throw-away gateway's cloud can be made to behave; the names are the fault server's own (templates/gateway/drill_faults.py).
 * Meanwhile its local model answers.
 */
export const cloudStages = [
  'cloud-answers',
  'at-ceiling',
  'cloud-429',
  'cloud-529',
  'cloud-500',
  'cloud-no-credit',
  'cloud-revoked',
  'cloud-silent',
  'cloud-dropped',
  'cloud-refused',
] as const;
export type CloudStage = (typeof cloudStages)[number];

/** A failure of a cloud that somebody else can make good. */
export interface CloudFault {
  readonly stage: CloudStage;
  readonly title: string;
  /** Completes "when …". */
  readonly when: string;
  /** Milliseconds that it may add to what the next one takes by itself. */
  readonly goalMs: number;
  /** What the cloud says, where it says something: a client without consent gets just that. */
  readonly says?: { readonly status: number; readonly type: string; readonly retryAfter?: string };
}

/** What the fault server tells with its 429, in seconds: long enough for what is tried meanwhile. */
export const retryAfterSeconds = 10;
/** The hook's own patience for a connection (templates/gateway/cloud/cloud_faults.py). */
const connectMs = 4000;

/** In the order in which they are staged. */
export const cloudFaults: readonly CloudFault[] = [
  {
    stage: 'cloud-429',
    title: 'cloud at its limit',
    when: 'the cloud answers 429',
    goalMs: 1000,
    says: { status: 429, type: 'rate_limit_error', retryAfter: String(retryAfterSeconds) },
  },
  {
    stage: 'cloud-529',
    title: 'cloud overloaded',
    when: 'the cloud answers 529',
    goalMs: 1000,
    says: { status: 529, type: 'overloaded_error' },
  },
  {
    stage: 'cloud-500',
    title: 'cloud answers 500',
    when: 'the cloud answers 500',
    goalMs: 1000,
    says: { status: 500, type: 'api_error' },
  },
  {
    stage: 'cloud-no-credit',
    title: 'no credit left',
    when: 'the account has no credit left',
    goalMs: 1000,
    says: { status: 400, type: 'invalid_request_error' },
  },
  {
    stage: 'cloud-revoked',
    title: 'key revoked',
    when: 'the cloud does not know the key',
    goalMs: 1000,
    says: { status: 401, type: 'authentication_error' },
  },
  {
    stage: 'cloud-silent',
    title: 'cloud silent',
    when: 'the cloud says nothing',
    goalMs: scaledTimeoutSeconds * 1000 + 1000,
  },
  { stage: 'cloud-dropped', title: 'cloud out of reach', when: 'nothing reaches the cloud', goalMs: connectMs + 1000 },
  { stage: 'cloud-refused', title: 'cloud refuses', when: 'the cloud accepts no connection', goalMs: 1000 },
];

/** The cloud model that is copied for the faults of a cloud: the one in front where it is a cloud's; undefined without a cloud. */
export function copiedCloud(answers: Answers): string | undefined {
  const clouds = gatewayModels(answers).filter(({ backend }) => backend.kind !== 'local');
  return (clouds.find(({ name }) => name === mainModel(answers)) ?? clouds[0])?.name;
}

/**
 * The copy of that model for one fault, so that a gateway that leaves it alone then leaves nothing else alone: its name at the
 * throw-away gateway, and what the gateway calls its deployment.
 */
export function copyFor(stage: CloudStage): { readonly name: string; readonly id: string } {
  return { name: `drill-${stage}`, id: `drill-${stage}:copy` };
}

/** Whether what answered is one of those copies: the fault server, which costs nothing. */
export function isCopy(id: string): boolean {
  return cloudFaults.some(({ stage }) => copyFor(stage).id === id);
}

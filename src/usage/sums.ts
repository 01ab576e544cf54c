import type { BackendKind } from '../components/gateway/models.ts';
import type { LoggedRequest } from '../components/gateway/request-log.ts';
import type { Split, Totals, UsedBackend } from './usage.ts';

/** The backend of a deployment's id; undefined for an unknown one. */
export type BackendOf = (deployment: string) => BackendKind | undefined;

/** A `Split` while it is added up. */
export type Sum = { -readonly [Key in keyof Split]: Split[Key] };

/** A request with what follows from it. */
export interface Seen {
  readonly request: LoggedRequest;
  /** Who answered, if only in part; undefined when nobody did. */
  readonly backend: UsedBackend | undefined;
  readonly end: 'answered' | 'failed' | 'cancelled';
  /** A cloud had failed, and somebody else answered. */
  readonly leftCloud: boolean;
}

export function seen(request: LoggedRequest, backendOf: BackendOf): Seen {
  const { answered, from } = request;
  const backend = answered === null ? undefined : (backendOf(answered) ?? 'other');
  const failed = from === null ? undefined : backendOf(from);
  return { request, backend, end: endOf(request), leftCloud: failed === 'anthropic' || failed === 'foundry' };
}

/** How a request ended for the client. An answer that ended early has a cause and nobody who failed before. */
export function endOf({ answered, from, cause }: LoggedRequest): 'answered' | 'failed' | 'cancelled' {
  if (cause === 'cancelled') return 'cancelled';
  return answered === null || (from === null && cause !== null) ? 'failed' : 'answered';
}

/** Whether a request was made to try the gateway: by a drill, a proof or the sentinel. */
export function isTrial({ launcher }: LoggedRequest): boolean {
  return launcher === 'drill' || launcher === 'proof';
}

export function nothing(): Sum {
  const totals = { requests: 0, promptTokens: 0, cachedTokens: 0, outputTokens: 0, cost: 0, unpriced: 0 };
  return { ...totals, local: 0, cloud: 0, failovers: 0, failoversFromCloud: 0, failed: 0, cancelled: 0 };
}

export function addTo(sum: Sum, { request, backend, end, leftCloud }: Seen): void {
  sum.requests += 1;
  sum.promptTokens += request.promptTokens;
  sum.cachedTokens += request.cachedTokens;
  sum.outputTokens += request.outputTokens;
  sum.cost += request.cost ?? 0;
  const cut = end !== 'answered' && backend !== undefined && backend !== 'local';
  if (request.cost === null || cut) sum.unpriced += 1;
  if (backend !== undefined) sum[backend === 'local' ? 'local' : 'cloud'] += 1;
  if (request.from !== null) sum.failovers += 1;
  if (leftCloud) sum.failoversFromCloud += 1;
  if (end !== 'answered') sum[end] += 1;
}

export function splitOf(sum: Sum): Split {
  return { ...sum, cost: dollars(sum.cost) };
}

export function totalsOf({ requests, promptTokens, cachedTokens, outputTokens, cost, unpriced }: Sum): Totals {
  return { requests, promptTokens, cachedTokens, outputTokens, cost: dollars(cost), unpriced };
}

/** Without what adding up binary fractions leaves behind. */
export function dollars(sum: number): number {
  return Number(sum.toFixed(6));
}

/** Each step is so much longer than the one before: what is told lies within 2 % of what was. */
const growth = 1.04;
/** Up to more than an hour; what is longer counts as that. */
const steps = 400;

/** Milliseconds in the memory of a few hundred counts, however many are added. */
export class Durations {
  /** Created with the first one: most days of most logs have none. */
  #counts: Uint32Array | undefined;
  #number = 0;

  add(ms: number): void {
    this.#counts ??= new Uint32Array(steps);
    const step = Math.min(steps - 1, Math.floor(Math.log(Math.max(1, ms)) / Math.log(growth)));
    this.#counts[step] = (this.#counts[step] ?? 0) + 1;
    this.#number += 1;
  }

  /** What this share of them, from 0 to 1, did not exceed, in milliseconds; null where there are none. */
  quantile(share: number): number | null {
    if (this.#counts === undefined) return null;
    const wanted = Math.max(1, Math.ceil(share * this.#number));
    let counted = 0;
    const step = this.#counts.findIndex((count) => {
      counted += count;
      return counted >= wanted;
    });
    return Math.round(growth ** (step + 0.5));
  }
}

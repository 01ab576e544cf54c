import type { BackendKind } from '../components/gateway/models.ts';
import type { Cause } from '../components/gateway/request-log.ts';

/** Days that are looked at unless somebody says otherwise. */
export const usualDays = 7;

/** A day as people live it: it may have 23 or 25 hours. `from` and `to` are milliseconds since 1970, `to` excluded. */
export interface Day {
  /** `2026-11-23` */
  readonly name: string;
  readonly from: number;
  readonly to: number;
}

/** What a number of requests came to. */
export interface Totals {
  readonly requests: number;
  readonly promptTokens: number;
  /** Part of the prompt tokens. */
  readonly cachedTokens: number;
  readonly outputTokens: number;
  /** US dollars, as far as prices are known. */
  readonly cost: number;
  /** Requests whose price is not known, or not to the end: a cloud's answer that ended early costs what had come, at least. */
  readonly unpriced: number;
}

/** Totals with who answered. `failoversFromCloud` are the part of the failovers in which a cloud had failed; `failed` had no whole answer, `cancelled` were left by the client. */
export interface Split extends Totals {
  readonly local: number;
  readonly cloud: number;
  readonly failovers: number;
  readonly failoversFromCloud: number;
  readonly failed: number;
  readonly cancelled: number;
}

/** A request that went another way than it was meant to. */
export interface Incident {
  /** ISO 8601, UTC. */
  readonly at: string;
  readonly launcher: string | null;
  readonly asked: string | null;
  readonly from: string | null;
  readonly to: string | null;
  readonly cause: Cause;
}

export interface SlowPrefill {
  readonly at: string;
  readonly launcher: string | null;
  readonly answered: string;
  readonly firstMs: number;
  readonly promptTokens: number;
}

/** What local answers would have cost at the price of the cloud model in whose place they were given. */
export interface Saving {
  /** Id of that model's deployment. */
  readonly replaced: string;
  readonly requests: number;
  /** US dollars, as far as prices are known. */
  readonly cost: number;
  readonly unpriced: number;
}

/** Requests that waited for their turn at a local server, and for how long: together and at the most, in milliseconds. */
export interface Waited {
  readonly requests: number;
  readonly ms: number;
  readonly longestMs: number;
}

export type UsedBackend = BackendKind | 'other';

/** How long the first word of streamed answers took, in milliseconds: so long at the most for half of them, and for 95 %. */
export interface FirstWord {
  readonly p50: number;
  readonly p95: number;
}

/** A day of the period. */
export interface UsageDay extends Split {
  readonly day: string;
  /** Who answered how often, and what it cost in US dollars, as far as prices are known. Most requests first. */
  readonly backends: readonly { readonly backend: UsedBackend; readonly requests: number; readonly cost: number }[];
  /** Null where nothing was streamed. */
  readonly firstWord: { readonly local: FirstWord | null; readonly cloud: FirstWord | null };
}

/** Everything that `usage` tells, as `--json` prints it. */
export interface Usage {
  readonly total: Split;
  /** Drills and proofs, which count nowhere else here. */
  readonly trials: Totals;
  readonly waited: Waited;
  /** Most requests first. */
  readonly saved: readonly Saving[];
  /** Shares are of all requests that a backend answered, and of all their tokens, from 0 to 1. */
  readonly backends: readonly (Omit<Split, 'local' | 'cloud'> & {
    readonly backend: UsedBackend;
    readonly requestShare: number;
    readonly tokenShare: number;
  })[];
  readonly launchers: readonly (Split & { readonly launcher: string | null })[];
  /** Requests that fitted a rule of one's own, by its name. */
  readonly rules: readonly (Split & { readonly rule: string })[];
  /** The local servers that answered, where there are several, by host and port. */
  readonly servers: readonly (Split & { readonly server: string })[];
  /** Every day of the period, oldest first. */
  readonly days: readonly UsageDay[];
  readonly causes: readonly { readonly cause: Cause; readonly failovers: number; readonly failed: number }[];
  /** Oldest first, like all lists here; the latest `mostTold`. */
  readonly failovers: readonly Incident[];
  readonly failures: readonly Incident[];
  readonly slowPrefills: readonly SlowPrefill[];
}

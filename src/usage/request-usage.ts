import type { BackendKind } from '../components/gateway/models.ts';
import type { Cause, LoggedRequest } from '../components/gateway/request-log.ts';

/** From here on the first word of a local answer is late enough to be told, in milliseconds. */
export const slowPrefillMs = 30_000;

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

export type UsedBackend = BackendKind | 'other';

/** Everything that `usage` tells, as `--json` prints it. */
export interface Usage {
  readonly total: Split;
  /** Drills and proofs, which count nowhere else here. */
  readonly trials: Totals;
  /** Most requests first. */
  readonly saved: readonly Saving[];
  /** Shares are of all requests that a backend answered, and of all their tokens, from 0 to 1. */
  readonly backends: readonly (Omit<Split, 'local' | 'cloud'> & {
    readonly backend: UsedBackend;
    readonly requestShare: number;
    readonly tokenShare: number;
  })[];
  readonly launchers: readonly (Split & { readonly launcher: string | null })[];
  /** Every day of the period, oldest first. */
  readonly days: readonly (Split & { readonly day: string })[];
  readonly causes: readonly { readonly cause: Cause; readonly failovers: number; readonly failed: number }[];
  /** Oldest first, like all lists here. */
  readonly failovers: readonly Incident[];
  readonly failures: readonly Incident[];
  readonly slowPrefills: readonly SlowPrefill[];
}

type BackendOf = (deployment: string) => BackendKind | undefined;

/** Adds up what ended within the days, which follow each other without gaps. */
export function usageOf(requests: readonly LoggedRequest[], days: readonly Day[], backendOf: BackendOf): Usage {
  const all = sorted(requests, days).map((some) => some.map((request) => seen(request, backendOf)));
  const byDay = all.map((some) => some.filter((one) => !isTrial(one)));
  const within = byDay.flat();
  const failovers = within.filter(({ request }) => request.from !== null);
  const failures = within.filter(({ end }) => end === 'failed');
  return {
    total: splitOf(within),
    trials: totalsOf(all.flat().filter(isTrial)),
    saved: savingsOf(within),
    backends: backendsOf(within),
    launchers: [...grouped(within, ({ request }) => request.launcher)]
      .map(([launcher, some]) => ({ launcher, ...splitOf(some) }))
      .sort((one, other) => other.requests - one.requests),
    days: days.map(({ name }, index) => ({ day: name, ...splitOf(byDay[index] ?? []) })),
    causes: causesOf(failovers, failures),
    failovers: failovers.map(incident),
    failures: failures.map(incident),
    slowPrefills: within.flatMap(slowPrefill),
  };
}

/** A request with what follows from it. */
interface Seen {
  readonly request: LoggedRequest;
  /** Who answered, if only in part; undefined when nobody did. */
  readonly backend: UsedBackend | undefined;
  readonly end: 'answered' | 'failed' | 'cancelled';
  /** A cloud had failed, and somebody else answered. */
  readonly leftCloud: boolean;
}

function seen(request: LoggedRequest, backendOf: BackendOf): Seen {
  const { answered, from } = request;
  const backend = answered === null ? undefined : (backendOf(answered) ?? 'other');
  const failed = from === null ? undefined : backendOf(from);
  return { request, backend, end: endOf(request), leftCloud: failed === 'anthropic' || failed === 'foundry' };
}

/** The requests of each day, oldest first; those of no day are left out. */
function sorted(requests: readonly LoggedRequest[], days: readonly Day[]): readonly LoggedRequest[][] {
  const byDay: LoggedRequest[][] = days.map(() => []);
  let day = 0;
  for (const request of requests.toSorted((one, other) => one.at - other.at)) {
    while (request.at >= (days[day]?.to ?? Number.POSITIVE_INFINITY)) day += 1;
    if (request.at >= (days[day]?.from ?? Number.POSITIVE_INFINITY)) byDay[day]?.push(request);
  }
  return byDay;
}

/** How a request ended for the client. An answer that ended early has a cause and nobody who failed before. */
function endOf({ answered, from, cause }: LoggedRequest): 'answered' | 'failed' | 'cancelled' {
  if (cause === 'cancelled') return 'cancelled';
  return answered === null || (from === null && cause !== null) ? 'failed' : 'answered';
}

/** Whether a request was made to try the gateway: by a drill, a proof or the sentinel. */
function isTrial({ request: { launcher } }: Seen): boolean {
  return launcher === 'drill' || launcher === 'proof';
}

function totalsOf(some: readonly Seen[]): Totals {
  const sum = { requests: 0, promptTokens: 0, cachedTokens: 0, outputTokens: 0, cost: 0, unpriced: 0 };
  for (const { request, backend, end } of some) {
    sum.requests += 1;
    sum.promptTokens += request.promptTokens;
    sum.cachedTokens += request.cachedTokens;
    sum.outputTokens += request.outputTokens;
    sum.cost += request.cost ?? 0;
    const cut = end !== 'answered' && backend !== undefined && backend !== 'local';
    if (request.cost === null || cut) sum.unpriced += 1;
  }
  return { ...sum, cost: dollars(sum.cost) };
}

function savingsOf(some: readonly Seen[]): readonly Saving[] {
  const local = some.filter(({ request }) => request.replaced !== null);
  return [...grouped(local, ({ request }) => request.replaced ?? '')]
    .map(([replaced, own]) => ({
      replaced,
      requests: own.length,
      cost: dollars(own.reduce((sum, { request }) => sum + (request.saved ?? 0), 0)),
      unpriced: own.filter(({ request }) => request.saved === null).length,
    }))
    .sort((one, other) => other.requests - one.requests);
}

/** Without what adding up binary fractions leaves behind. */
function dollars(sum: number): number {
  return Number(sum.toFixed(6));
}

function splitOf(some: readonly Seen[]): Split {
  const ends = { local: 0, cloud: 0, failovers: 0, failoversFromCloud: 0, failed: 0, cancelled: 0 };
  for (const { request, backend, end, leftCloud } of some) {
    if (backend !== undefined) ends[backend === 'local' ? 'local' : 'cloud'] += 1;
    if (request.from !== null) ends.failovers += 1;
    if (leftCloud) ends.failoversFromCloud += 1;
    if (end !== 'answered') ends[end] += 1;
  }
  return { ...totalsOf(some), ...ends };
}

function backendsOf(within: readonly Seen[]): Usage['backends'] {
  const answered = within.filter(({ backend }) => backend !== undefined);
  const tokens = ({ promptTokens, outputTokens }: Totals): number => promptTokens + outputTokens;
  const all = splitOf(answered);
  return [...grouped(answered, ({ backend = 'other' }) => backend)]
    .map(([backend, some]) => {
      const { local: _, cloud: __, ...own } = splitOf(some);
      const requestShare = share(own.requests, all.requests);
      return { backend, requestShare, tokenShare: share(tokens(own), tokens(all)), ...own };
    })
    .sort((one, other) => other.requests - one.requests);
}

function share(part: number, whole: number): number {
  return whole === 0 ? 0 : Number((part / whole).toFixed(4));
}

function causesOf(failovers: readonly Seen[], failures: readonly Seen[]): Usage['causes'] {
  const causeOf = ({ request }: Seen): Cause => request.cause ?? 'other';
  const number = (some: readonly Seen[], cause: Cause): number => some.filter((one) => causeOf(one) === cause).length;
  return [...grouped([...failovers, ...failures], causeOf).keys()]
    .map((cause) => ({ cause, failovers: number(failovers, cause), failed: number(failures, cause) }))
    .sort((one, other) => other.failovers + other.failed - one.failovers - one.failed);
}

function incident({ request: { at, launcher, asked, from, answered, cause } }: Seen): Incident {
  return { at: new Date(at).toISOString(), launcher, asked, from, to: answered, cause: cause ?? 'other' };
}

function slowPrefill({ request, backend }: Seen): readonly SlowPrefill[] {
  const { at, launcher, answered, firstMs, promptTokens } = request;
  if (backend !== 'local' || answered === null || firstMs === null || firstMs <= slowPrefillMs) return [];
  return [{ at: new Date(at).toISOString(), launcher, answered, firstMs, promptTokens }];
}

function grouped<Value, Key>(values: readonly Value[], keyOf: (value: Value) => Key): Map<Key, Value[]> {
  const groups = new Map<Key, Value[]>();
  for (const value of values) {
    const key = keyOf(value);
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [value]);
    else group.push(value);
  }
  return groups;
}

import type { Cause, LoggedRequest } from '../components/gateway/request-log.ts';
import {
  addTo,
  type BackendOf,
  Durations,
  dollars,
  isTrial,
  nothing,
  type Seen,
  type Sum,
  seen,
  splitOf,
  totalsOf,
} from './sums.ts';
import type {
  Day,
  FirstWord,
  Incident,
  SlowPrefill,
  Split,
  Totals,
  Usage,
  UsageDay,
  UsedBackend,
  Waited,
} from './usage.ts';

/** From here on the first word of a local answer is late enough to be told, in milliseconds. */
export const slowPrefillMs = 30_000;

/** Incidents and slow prefills are told one by one up to this many, the latest ones; the numbers count all of them. */
export const mostTold = 1000;

/** A day while it is added up. */
interface DaySum extends Day {
  readonly sum: Sum;
  readonly backends: Map<UsedBackend, { requests: number; cost: number }>;
  readonly firstWord: { readonly local: Durations; readonly cloud: Durations };
}

/** Adds up requests one by one and keeps only the sums in memory: a log may have millions of requests. */
export class UsageTally {
  readonly #days: readonly DaySum[];
  readonly #backendOf: BackendOf;
  readonly #total = nothing();
  readonly #answered = nothing();
  readonly #trials = nothing();
  readonly #waited: { -readonly [Key in keyof Waited]: number } = { requests: 0, ms: 0, longestMs: 0 };
  readonly #saved = new Map<string, { requests: number; cost: number; unpriced: number }>();
  readonly #backends = new Map<UsedBackend, Sum>();
  readonly #launchers = new Map<string | null, Sum>();
  readonly #rules = new Map<string, Sum>();
  readonly #servers = new Map<string, Sum>();
  readonly #causes = new Map<Cause, { failovers: number; failed: number }>();
  readonly #failovers = new Latest<LoggedRequest>();
  readonly #failures = new Latest<LoggedRequest>();
  readonly #slowPrefills = new Latest<LoggedRequest>();
  #lastDay: DaySum | undefined;

  /** The days follow each other without gaps; what ended outside of them is left out. */
  constructor(days: readonly Day[], backendOf: BackendOf) {
    this.#days = days.map(emptyDay);
    this.#backendOf = backendOf;
  }

  add(request: LoggedRequest): void {
    const day = this.#dayOf(request.at);
    if (day === undefined) return;
    const one = seen(request, this.#backendOf);
    if (isTrial(request)) addTo(this.#trials, one);
    else this.#addToAll(one, day);
  }

  /** Nearly always the same day as the previous request's. */
  #dayOf(at: number): DaySum | undefined {
    const holds = (day: Day | undefined): boolean => day !== undefined && at >= day.from && at < day.to;
    if (!holds(this.#lastDay)) this.#lastDay = this.#days.find(holds);
    return this.#lastDay;
  }

  #addToAll(one: Seen, day: DaySum): void {
    const { request, backend } = one;
    addToDay(day, one);
    for (const sum of [this.#total, valueAt(this.#launchers, request.launcher, nothing)]) addTo(sum, one);
    if (backend !== undefined) {
      for (const sum of [this.#answered, valueAt(this.#backends, backend, nothing)]) addTo(sum, one);
    }
    if (request.server !== undefined) addTo(valueAt(this.#servers, request.server, nothing), one);
    if (request.rule !== null) addTo(valueAt(this.#rules, request.rule, nothing), one);
    if (request.replaced !== null) this.#addSaving(request.replaced, request.saved);
    if (request.queuedMs > 0) this.#addWait(request.queuedMs);
    this.#addIncident(one);
    if (isSlowPrefill(one)) this.#slowPrefills.add(request);
  }

  #addWait(ms: number): void {
    this.#waited.requests += 1;
    this.#waited.ms += ms;
    this.#waited.longestMs = Math.max(this.#waited.longestMs, ms);
  }

  #addSaving(replaced: string, saved: number | null): void {
    const sum = valueAt(this.#saved, replaced, () => ({ requests: 0, cost: 0, unpriced: 0 }));
    sum.requests += 1;
    sum.cost += saved ?? 0;
    if (saved === null) sum.unpriced += 1;
  }

  #addIncident({ request, end }: Seen): void {
    const cause = (): { failovers: number; failed: number } =>
      valueAt(this.#causes, request.cause ?? 'other', () => ({ failovers: 0, failed: 0 }));
    if (request.from !== null) {
      this.#failovers.add(request);
      cause().failovers += 1;
    }
    if (end === 'failed') {
      this.#failures.add(request);
      cause().failed += 1;
    }
  }

  /** The totals. */
  usage(): Usage {
    return {
      total: splitOf(this.#total),
      trials: totalsOf(this.#trials),
      waited: { ...this.#waited },
      saved: mostFirst(
        [...this.#saved].map(([replaced, sum]) => ({ replaced, ...sum, cost: dollars(sum.cost) })),
        ({ requests }) => requests,
      ),
      backends: mostFirst(
        [...this.#backends].map(([backend, sum]) => backendRow(backend, sum, this.#answered)),
        ({ requests }) => requests,
      ),
      launchers: splitsBy(this.#launchers).map(([launcher, split]) => ({ launcher, ...split })),
      rules: splitsBy(this.#rules).map(([rule, split]) => ({ rule, ...split })),
      servers: splitsBy(this.#servers).map(([server, split]) => ({ server, ...split })),
      days: this.#days.map(dayRow),
      causes: mostFirst(
        [...this.#causes].map(([cause, sum]) => ({ cause, ...sum })),
        ({ failovers, failed }) => failovers + failed,
      ),
      failovers: this.#failovers.oldestFirst().map(incident),
      failures: this.#failures.oldestFirst().map(incident),
      slowPrefills: this.#slowPrefills.oldestFirst().map(slowPrefill),
    };
  }
}

/** The latest requests of all that are added, whatever their order: several clients end in one log. */
class Latest<Request extends { readonly at: number }> {
  #kept: Request[] = [];

  add(request: Request): void {
    this.#kept.push(request);
    // Sorted once in a while, so that a long list costs no more for each.
    if (this.#kept.length >= 2 * mostTold) this.#kept = this.oldestFirst();
  }

  oldestFirst(): Request[] {
    return this.#kept.sort((one, other) => one.at - other.at).slice(-mostTold);
  }
}

function emptyDay(day: Day): DaySum {
  return { ...day, sum: nothing(), backends: new Map(), firstWord: { local: new Durations(), cloud: new Durations() } };
}

function addToDay({ sum, backends, firstWord }: DaySum, one: Seen): void {
  const { request, backend } = one;
  addTo(sum, one);
  if (backend === undefined) return;
  const own = valueAt(backends, backend, () => ({ requests: 0, cost: 0 }));
  own.requests += 1;
  own.cost += request.cost ?? 0;
  if (request.firstMs !== null) firstWord[backend === 'local' ? 'local' : 'cloud'].add(request.firstMs);
}

function dayRow({ name, sum, backends, firstWord }: DaySum): UsageDay {
  const rows = [...backends].map(([backend, own]) => ({ backend, ...own, cost: dollars(own.cost) }));
  return {
    day: name,
    ...splitOf(sum),
    backends: mostFirst(rows, ({ requests }) => requests),
    firstWord: { local: firstWordOf(firstWord.local), cloud: firstWordOf(firstWord.cloud) },
  };
}

function firstWordOf(durations: Durations): FirstWord | null {
  const [p50, p95] = [durations.quantile(0.5), durations.quantile(0.95)];
  return p50 === null || p95 === null ? null : { p50, p95 };
}

function splitsBy<Key>(sums: ReadonlyMap<Key, Sum>): readonly (readonly [Key, Split])[] {
  return mostFirst(
    [...sums].map(([key, sum]) => [key, splitOf(sum)] as const),
    ([, { requests }]) => requests,
  );
}

function backendRow(backend: UsedBackend, sum: Sum, all: Sum): Usage['backends'][number] {
  const tokens = ({ promptTokens, outputTokens }: Totals): number => promptTokens + outputTokens;
  const { local: _, cloud: __, ...own } = splitOf(sum);
  const requestShare = share(own.requests, all.requests);
  return { backend, requestShare, tokenShare: share(tokens(own), tokens(all)), ...own };
}

function share(part: number, whole: number): number {
  return whole === 0 ? 0 : Number((part / whole).toFixed(4));
}

/** What is told of a request that went another way than it was meant to. */
export function incident({ at, launcher, asked, from, answered, cause }: LoggedRequest): Incident {
  return { at: new Date(at).toISOString(), launcher, asked, from, to: answered, cause: cause ?? 'other' };
}

/** Without what it waited before it was read. */
function prefillMs({ firstMs, queuedMs, wokeMs }: LoggedRequest): number {
  return Math.max(0, (firstMs ?? 0) - queuedMs - wokeMs);
}

function isSlowPrefill({ request, backend }: Seen): boolean {
  return backend === 'local' && prefillMs(request) > slowPrefillMs;
}

function slowPrefill(request: LoggedRequest): SlowPrefill {
  const { at, launcher, answered, promptTokens } = request;
  return {
    at: new Date(at).toISOString(),
    launcher,
    answered: answered ?? '',
    firstMs: prefillMs(request),
    promptTokens,
  };
}

function mostFirst<Row>(rows: readonly Row[], number: (row: Row) => number): readonly Row[] {
  return rows.toSorted((one, other) => number(other) - number(one));
}

function valueAt<Key, Value>(map: Map<Key, Value>, key: Key, make: () => Value): Value {
  const known = map.get(key);
  if (known !== undefined) return known;
  const made = make();
  map.set(key, made);
  return made;
}

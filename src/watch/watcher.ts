import { backendOfId } from '../components/gateway/models.ts';
import { type LoggedRequest, monthFiles, RequestReader } from '../components/gateway/request-log.ts';
import { readiness } from '../components/gateway/requests/client.ts';
import { lookAtSpending, type SpendingFacts } from '../components/gateway/spending.ts';
import { lookAtWaiting, openConnections, type Waiting } from '../components/gateway/use.ts';
import type { Answers } from '../config/schema.ts';
import type { Probe } from '../host/host.ts';
import type { Layout } from '../layout.ts';
import type { Problem } from '../problem.ts';
import { lastDays } from '../usage/read-usage.ts';
import { UsageTally } from '../usage/request-usage.ts';
import type { Day, Usage } from '../usage/usage.ts';

/** What `watch` knows at a moment. */
export interface Moment {
  readonly now: Date;
  readonly gateway:
    | ({ readonly ready: false } & Problem)
    | { readonly ready: true; readonly connections: number | undefined };
  readonly today: Usage;
  /** Who waits for a local server. */
  readonly waiting: Waiting;
  /** Null without a ceiling. */
  readonly spending: SpendingFacts | null;
  /** Oldest first. */
  readonly latest: readonly LoggedRequest[];
}

/** How often the gateway is asked whether it is up, in milliseconds. */
const askEvery = 5000;
/** Requests that are kept to be shown; no screen has more rows. */
const mostShown = 200;
/** Requests of one look that are kept: the first look of a day has all of it behind it, and no gateway answers so many in a second. */
const mostFresh = 1000;

/** What is new since the last look; if that is very much, the newest of it. */
export interface Look {
  readonly moment: Moment;
  readonly fresh: readonly LoggedRequest[];
}

/** Looks again and again at what goes through the gateway; at midnight the day begins anew. */
export class Watcher {
  readonly #probe: Probe;
  readonly #layout: Layout;
  readonly #spending: Answers['spending'];
  #day: DayWatched | undefined;
  #latest: readonly LoggedRequest[] = [];
  #asked: { readonly at: number; readonly found: Pick<Moment, 'gateway' | 'spending'> } | undefined;

  constructor(probe: Probe, layout: Layout, spending: Answers['spending']) {
    this.#probe = probe;
    this.#layout = layout;
    this.#spending = spending;
  }

  async look(now: Date): Promise<Look> {
    const [fresh, asked, waiting] = await Promise.all([
      this.#follow(now),
      this.#ask(now),
      lookAtWaiting(this.#probe, this.#layout, now),
    ]);
    this.#latest = [...this.#latest, ...fresh].slice(-mostShown);
    const { tally } = this.#day ?? newDay(this.#probe, this.#layout, now);
    return { moment: { now, ...asked, today: tally.usage(), waiting, latest: this.#latest }, fresh };
  }

  async #follow(now: Date): Promise<readonly LoggedRequest[]> {
    if (this.#day === undefined || now.getTime() >= this.#day.day.to)
      this.#day = newDay(this.#probe, this.#layout, now);
    const { reader, tally } = this.#day;
    const fresh: LoggedRequest[] = [];
    await reader.next(now.getTime(), (request) => {
      tally.add(request);
      fresh.push(request);
      if (fresh.length > 2 * mostFresh) fresh.splice(0, mostFresh);
    });
    return fresh;
  }

  async #ask(now: Date): Promise<Pick<Moment, 'gateway' | 'spending'>> {
    if (this.#asked !== undefined && now.getTime() - this.#asked.at < askEvery) return this.#asked.found;
    const [ready, connections, spending] = await Promise.all([
      readiness(this.#probe, this.#layout.gatewayUrl),
      openConnections(this.#probe, this.#layout.gatewayPort),
      lookAtSpending(this.#probe, this.#layout, this.#spending, now),
    ]);
    const found = { gateway: ready.ready ? { ready: true as const, connections } : ready, spending };
    this.#asked = { at: now.getTime(), found };
    return found;
  }
}

interface DayWatched {
  readonly day: Day;
  readonly tally: UsageTally;
  readonly reader: RequestFollower;
}

function newDay(probe: Probe, { requestLogDir }: Layout, now: Date): DayWatched {
  const [day = { name: '', from: 0, to: 0 }] = lastDays(now, 1);
  return {
    day,
    tally: new UsageTally([day], backendOfId),
    reader: new RequestFollower(probe, requestLogDir, day.from),
  };
}

/** Reads what was added to the request log since it was asked last. Months are files of their own; each is read on from where it ended. */
export class RequestFollower {
  readonly #probe: Pick<Probe, 'readLines'>;
  readonly #directory: string;
  readonly #from: number;
  readonly #ends = new Map<string, number>();

  /** `from`: what ended before is left out; milliseconds since 1970. */
  constructor(probe: Pick<Probe, 'readLines'>, directory: string, from: number) {
    this.#probe = probe;
    this.#directory = directory;
    this.#from = from;
  }

  /** Hands them over in the order in which they were written. A line that is being written comes when it is whole. */
  async next(now: number, each: (request: LoggedRequest) => void): Promise<void> {
    const reader = new RequestReader(this.#from, each);
    const take = (line: string) => reader.take(line);
    for (const name of monthFiles(this.#from, now)) {
      const path = `${this.#directory}/${name}`;
      const known = this.#ends.get(name);
      // One that is compressed meanwhile was read before.
      this.#ends.set(name, (await this.#probe.readLines(path, take, known)) ?? known ?? 0);
    }
  }
}

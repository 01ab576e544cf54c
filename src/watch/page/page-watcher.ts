import { backendOfId } from '../../components/gateway/models.ts';
import type { LoggedRequest } from '../../components/gateway/request-log.ts';
import type { Probe } from '../../host/host.ts';
import { lastDays } from '../../usage/read-usage.ts';
import { UsageTally } from '../../usage/request-usage.ts';
import type { Day, UsageDay } from '../../usage/usage.ts';
import { type Look, type Moment, RequestFollower } from '../watcher.ts';
import { plotsOf } from './plots.ts';
import { type PageState, pageState } from './state.ts';

/** However many pages ask, and however often: no look follows another one sooner, in milliseconds. */
const lookEvery = 900;

interface Looked {
  readonly moment: Moment;
  readonly history: History;
}

/** Tells any number of pages what each of them has not seen yet. While nobody asks, it does not look. */
export class PageWatcher {
  readonly #look: (now: Date) => Promise<Look>;
  readonly #lookBack: (now: Date) => Promise<History>;
  #ended = 0;
  #looked: { readonly at: number; readonly found: Promise<Looked> } | undefined;

  constructor(look: (now: Date) => Promise<Look>, lookBack: (now: Date) => Promise<History>) {
    this.#look = look;
    this.#lookBack = lookBack;
  }

  /** `seen` as the page was told it last; anything else for a page that has seen nothing. */
  async state(seen: string, now: Date): Promise<PageState> {
    if (this.#looked === undefined || Math.abs(now.getTime() - this.#looked.at) >= lookEvery)
      this.#looked = { at: now.getTime(), found: this.#next(now, this.#looked?.found) };
    const { moment, history } = await this.#looked.found;
    const [, version, ended] = /^(.*)_(\d{1,15})$/.exec(seen) ?? [];
    const state = pageState(
      moment,
      this.#since(Number(ended ?? 0), moment.latest),
      `${history.version}_${this.#ended}`,
    );
    if (version === history.version) return state;
    return { ...state, plots: plotsOf(history.days, moment.spending?.perDay ?? null) };
  }

  /** One look after the other: each goes on where the one before ended. */
  async #next(now: Date, before: Promise<Looked> | undefined): Promise<Looked> {
    await before?.catch(() => undefined);
    const [{ moment, fresh }, history] = await Promise.all([this.#look(now), this.#lookBack(now)]);
    this.#ended += fresh.length;
    return { moment, history };
  }

  #since(known: number, latest: readonly LoggedRequest[]): readonly LoggedRequest[] {
    const news = this.#ended - known;
    return news <= 0 ? [] : latest.slice(-news);
  }
}

/** Days that the page has plots of. */
const plottedDays = 30;

/** What the last days came to, today at the end. */
interface History {
  readonly days: readonly UsageDay[];
  /** Changes whenever the days do. */
  readonly version: string;
}

/** Adds up the last days once, and from then on what is added to the log; at midnight it begins anew. In the memory of the sums. */
export class HistoryReader {
  readonly #probe: Pick<Probe, 'readLines'>;
  readonly #directory: string;
  #reading: { readonly today: Day; readonly tally: UsageTally; readonly follower: RequestFollower } | undefined;
  #read = 0;

  constructor(probe: Pick<Probe, 'readLines'>, directory: string) {
    this.#probe = probe;
    this.#directory = directory;
  }

  async look(now: Date): Promise<History> {
    if (this.#reading === undefined || now.getTime() >= this.#reading.today.to) this.#reading = this.#begin(now);
    const { today, tally, follower } = this.#reading;
    const add = (request: LoggedRequest): void => {
      tally.add(request);
      this.#read += 1;
    };
    await follower.next(now.getTime(), add).catch((error: unknown) => {
      // How far it came is not known: nothing may be counted twice.
      this.#reading = undefined;
      throw error;
    });
    return { days: tally.usage().days, version: `${today.name}.${this.#read}` };
  }

  #begin(now: Date) {
    const days = lastDays(now, plottedDays);
    const [first, today] = [days[0], days.at(-1)];
    if (first === undefined || today === undefined) throw new Error('a history has days');
    const follower = new RequestFollower(this.#probe, this.#directory, first.from);
    return { today, tally: new UsageTally(days, backendOfId), follower };
  }
}

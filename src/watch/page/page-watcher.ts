import type { LoggedRequest } from '../../components/gateway/request-log.ts';
import type { Moment } from '../moment.ts';
import type { Look } from '../watcher.ts';
import type { History } from './history.ts';
import { plotsOf } from './plots.ts';
import { type PageState, pageState } from './state.ts';

/** However many pages ask, and however often: no look follows another one sooner, in milliseconds. */
const lookEvery = 900;

interface Looked {
  readonly moment: Moment;
  readonly history: History;
}

/** Tells any number of pages what each of them has not seen yet. Nobody asking, nothing is looked at. */
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

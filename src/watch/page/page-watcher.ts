import type { LoggedRequest } from '../../components/gateway/request-log.ts';
import type { Moment } from '../moment.ts';
import type { Look } from '../watcher.ts';
import { type PageState, pageState } from './state.ts';

/** However many pages ask, and however often: no look follows another one sooner, in milliseconds. */
const lookEvery = 900;

/** Tells any number of pages what each of them has not seen yet. Nobody asking, nothing is looked at. */
export class PageWatcher {
  readonly #look: (now: Date) => Promise<Look>;
  #ended = 0;
  #looked: { readonly at: number; readonly moment: Promise<Moment> } | undefined;

  constructor(look: (now: Date) => Promise<Look>) {
    this.#look = look;
  }

  /** `seen` as the page was told it last; anything else for a page that has seen nothing. */
  async state(seen: string, now: Date): Promise<PageState> {
    if (this.#looked === undefined || Math.abs(now.getTime() - this.#looked.at) >= lookEvery)
      this.#looked = { at: now.getTime(), moment: this.#next(now, this.#looked?.moment) };
    const moment = await this.#looked.moment;
    return pageState(moment, this.#since(seen, moment.latest), String(this.#ended));
  }

  /** One look after the other: each goes on where the one before ended. */
  async #next(now: Date, before: Promise<Moment> | undefined): Promise<Moment> {
    await before?.catch(() => undefined);
    const { moment, fresh } = await this.#look(now);
    this.#ended += fresh.length;
    return moment;
  }

  #since(seen: string, latest: readonly LoggedRequest[]): readonly LoggedRequest[] {
    const known = /^\d{1,15}$/.test(seen) ? Number(seen) : 0;
    const news = this.#ended - known;
    return news <= 0 ? [] : latest.slice(-news);
  }
}

import { backendOfId } from '../../components/gateway/models.ts';
import type { LoggedRequest } from '../../components/gateway/request-log.ts';
import type { Probe } from '../../host/host.ts';
import { lastDays } from '../../usage/read-usage.ts';
import { UsageTally } from '../../usage/request-usage.ts';
import type { Day, UsageDay } from '../../usage/usage.ts';
import { RequestFollower } from '../request-follower.ts';

/** Days that the page has plots of. */
const plottedDays = 30;

/** What the last days came to, today at the end. */
export interface History {
  readonly days: readonly UsageDay[];
  /** Another one whenever the days are. */
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

import { type LoggedRequest, monthFiles, RequestReader } from '../components/gateway/request-log.ts';
import type { Probe } from '../host/host.ts';

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

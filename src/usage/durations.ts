/** Each step is so much longer than the one before: what is told lies within 2 % of what was. */
const growth = 1.04;
/** Up to more than an hour; what is longer counts as that. */
const steps = 400;

/** Milliseconds in the memory of a few hundred counts, however many are added. */
export class Durations {
  /** Made with the first one: most days of most logs have none. */
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

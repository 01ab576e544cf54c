/** The upright axis of a plot: from 0 to `top`, with lines at `ticks`. */
interface Axis {
  readonly top: number;
  readonly ticks: readonly Tick[];
}

export interface Tick {
  readonly at: number;
  readonly words: string;
}

/** Steps that people count in, the smallest first. */
type Steps = (from: number) => number;

/** More lines than these make a plot restless. */
const mostTicks = 5;

/** An axis that holds a value, its lines at round numbers from `least` on, one at 0 and one at the top. */
export function axis(most: number, words: (value: number) => string, { steps = decimalStep, least = 1 } = {}): Axis {
  let step = steps(Math.max(least, most / (mostTicks - 1)));
  // Rounded up, the top may need a line more.
  while (Math.ceil(most / step) > mostTicks - 1) step = steps(step * 1.001);
  const number = Math.max(1, Math.ceil(most / step - 1e-9));
  const ticks = Array.from({ length: number + 1 }, (_, index) => {
    const at = Number((index * step).toPrecision(12));
    return { at, words: words(at) };
  });
  return { top: ticks.at(-1)?.at ?? step, ticks };
}

/** 1, 2 or 5 times a power of ten: the smallest that is no smaller. */
const decimalStep: Steps = (from) => {
  const power = 10 ** Math.floor(Math.log10(from));
  const factor = [1, 2, 5, 10].find((candidate) => candidate * power >= from * (1 - 1e-9)) ?? 10;
  return Number((factor * power).toPrecision(12));
};

const second = 1000;
const minute = 60 * second;
const durations = [1, 2, 5, 10, 20, 30, 60, 120, 300, 600, 1200, 1800, 3600].map((seconds) => seconds * second);

/** Milliseconds as clocks count: tenths below a second, then seconds and minutes. */
export const durationStep: Steps = (from) =>
  from <= second / 2 ? decimalStep(from) : (durations.find((step) => step >= from) ?? decimalStep(from));

/** A duration on an axis, in milliseconds: `0.5 s`, `20 s`, `5 min`. */
export function durationTick(ms: number): string {
  return ms < minute || ms % minute !== 0 ? `${ms / second} s` : `${ms / minute} min`;
}

/** Dollars on an axis, with cents where there are any. */
export function dollarTick(dollars: number): string {
  const cents = Number.isInteger(dollars) ? 0 : Math.max(2, -Math.floor(Math.log10(dollars)));
  return `$${dollars.toFixed(cents)}`;
}

/** A number on an axis: `500`, `20k`, `1.5M`. */
export function numberTick(value: number): string {
  if (value < 1000) return String(value);
  return value < 1_000_000 ? `${value / 1000}k` : `${value / 1_000_000}M`;
}

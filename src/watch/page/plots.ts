import { duration } from '../../ui/wording.ts';
import type { FirstWord, UsageDay, UsedBackend } from '../../usage/usage.ts';
import { backendNames, costWords, tokens } from '../../usage/words.ts';

/** A plot of the last days, worked out and in words: the page draws it as wide as it has room, and has the same as a table. */
export interface Plot {
  readonly id: string;
  readonly title: string;
  /** `bars` stand on each other; `lines` go from day to day. */
  readonly kind: 'bars' | 'lines';
  readonly series: readonly Series[];
  /** Today at the end. */
  readonly days: readonly PlottedDay[];
  /** Of the upright axis, which begins at 0. */
  readonly top: number;
  readonly ticks: readonly Tick[];
  /** What goes across all days; may lie above the top. */
  readonly limit: Tick | null;
  /** What is told in place of the plot; null where there is something to plot. */
  readonly empty: string | null;
}

export interface Series {
  readonly name: string;
  /** How it looks, the same in every plot. */
  readonly look: UsedBackend | 'nobody' | 'plain' | 'light';
  /** Of a line. */
  readonly dashed?: boolean;
}

export interface PlottedDay {
  /** `2026-11-23` */
  readonly day: string;
  /** `Nov 23` */
  readonly label: string;
  /** For each series; null where there is nothing to draw. */
  readonly values: readonly (number | null)[];
  readonly words: readonly string[];
  /** What all of it came to; null where it is no sum, or the sum of one. */
  readonly total: string | null;
  /** The total may have been higher. */
  readonly atLeast: boolean;
}

/** Every plot of the page. `perDay`: the ceiling in US dollars; null without one. */
export function plotsOf(days: readonly UsageDay[], perDay: number | null): readonly Plot[] {
  return [
    requestsPlot(days),
    dollarsPlot(days, perDay),
    tokensInPlot(days),
    tokensOutPlot(days),
    firstWordPlot(days, 'local', { title: 'First word of the local model', look: 'local' }),
    firstWordPlot(days, 'cloud', { title: 'First word of a cloud', look: 'plain' }),
  ];
}

/** In this order they stand on each other, the lowest first. */
const backendOrder: readonly UsedBackend[] = ['local', 'anthropic', 'foundry', 'other'];

function requestsPlot(days: readonly UsageDay[]): Plot {
  const backends = backendOrder.filter((one) => days.some((day) => share(day, one).requests > 0));
  const isLost = days.some((day) => unanswered(day) > 0);
  return barPlot({
    ...{ id: 'requests', title: 'Requests a day', empty: nothingYet },
    series: [...backends.map(seriesOf), ...(isLost ? [{ name: 'nobody', look: 'nobody' } as const] : [])],
    words: (value) => value.toLocaleString('en-US'),
    tick: numberTick,
    days: days.map((day) => ({
      day,
      values: [...backends.map((one) => share(day, one).requests), ...(isLost ? [unanswered(day)] : [])],
      total: day.requests.toLocaleString('en-US'),
    })),
  });
}

function dollarsPlot(days: readonly UsageDay[], perDay: number | null): Plot {
  const clouds = backendOrder.filter(
    (one) => one !== 'local' && days.some((day) => day.backends.some(({ backend }) => backend === one)),
  );
  return barPlot({
    ...{ id: 'dollars', title: 'Dollars a day', empty: 'Nothing was paid for: no cloud has answered in these days.' },
    series: clouds.map(seriesOf),
    words: (value) => costWords({ cost: value, unpriced: 0 }),
    tick: dollarTick,
    least: 0.01,
    limit: perDay,
    days: days.map((day) => ({
      day,
      values: clouds.map((one) => share(day, one).cost),
      total: costWords(day),
      atLeast: day.unpriced > 0,
    })),
  });
}

function tokensInPlot(days: readonly UsageDay[]): Plot {
  return barPlot({
    ...{ id: 'tokens-in', title: 'Tokens in a day', empty: nothingYet, words: tokens, tick: numberTick },
    series: [
      { name: 'read anew', look: 'plain' },
      { name: 'from a cache', look: 'light' },
    ],
    days: days.map((day) => ({
      day,
      values: [day.promptTokens - day.cachedTokens, day.cachedTokens],
      total: tokens(day.promptTokens),
    })),
  });
}

function tokensOutPlot(days: readonly UsageDay[]): Plot {
  return barPlot({
    ...{ id: 'tokens-out', title: 'Tokens out a day', empty: nothingYet, words: tokens, tick: numberTick },
    series: [{ name: 'written', look: 'plain' }],
    days: days.map((day) => ({ day, values: [day.outputTokens], total: null })),
  });
}

function firstWordPlot(
  days: readonly UsageDay[],
  side: 'local' | 'cloud',
  { title, look }: { readonly title: string; readonly look: Series['look'] },
): Plot {
  const empty = `No ${side === 'local' ? 'local model' : 'cloud'} has streamed an answer in these days.`;
  const values = ({ firstWord }: UsageDay): readonly (number | null)[] => {
    const found: FirstWord | null = firstWord[side];
    return [found?.p50 ?? null, found?.p95 ?? null];
  };
  const most = Math.max(0, ...days.flatMap(values).map((value) => value ?? 0));
  return {
    ...{ id: `first-word-${side}`, title, kind: 'lines', limit: null, empty: most === 0 ? empty : null },
    series: [
      { name: 'half (p50)', look },
      { name: '95 % (p95)', look, dashed: true },
    ],
    ...axis(most, durationTick, { steps: durationStep, least: 100 }),
    days: days.map((day) => ({
      ...named(day),
      ...{ values: values(day), total: null, atLeast: false },
      words: values(day).map((value) => (value === null ? '' : duration(value))),
    })),
  };
}

interface Bars {
  readonly id: string;
  readonly title: string;
  readonly series: readonly Series[];
  readonly words: (value: number) => string;
  readonly tick: (value: number) => string;
  /** Lines of the axis are no closer. */
  readonly least?: number;
  readonly limit?: number | null;
  readonly empty: string;
  readonly days: readonly {
    readonly day: UsageDay;
    readonly values: readonly number[];
    readonly total: string | null;
    readonly atLeast?: boolean;
  }[];
}

/** A limit that is further away than this would leave nothing to be seen of the bars. */
const farthestLimit = 4;

function barPlot({ id, title, series, words, tick, least = 1, limit = null, empty, days }: Bars): Plot {
  const most = Math.max(0, ...days.map(({ values }) => values.reduce((sum, value) => sum + value, 0)));
  const isNear = limit !== null && (most === 0 || limit <= farthestLimit * most);
  const isEmpty = most === 0 && !days.some(({ atLeast }) => atLeast);
  return {
    ...{ id, title, kind: 'bars', series, empty: isEmpty ? empty : null },
    ...axis(isNear ? Math.max(most, limit) : most, tick, { least }),
    limit: limit === null ? null : { at: limit, words: `ceiling ${words(limit)}` },
    days: days.map(({ day, values, total, atLeast = false }) => ({
      ...named(day),
      ...{ values, total: series.length > 1 || atLeast ? total : null, atLeast, words: values.map(words) },
    })),
  };
}

const nothingYet = 'No request has gone through the gateway in these days.';

function seriesOf(backend: UsedBackend): Series {
  return { name: backendNames[backend], look: backend };
}

function share({ backends }: UsageDay, wanted: UsedBackend): { readonly requests: number; readonly cost: number } {
  return backends.find(({ backend }) => backend === wanted) ?? { requests: 0, cost: 0 };
}

function unanswered({ requests, local, cloud }: UsageDay): number {
  return requests - local - cloud;
}

const months = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];

function named({ day }: UsageDay): Pick<PlottedDay, 'day' | 'label'> {
  return { day, label: `${months[Number(day.slice(5, 7)) - 1]} ${Number(day.slice(8))}` };
}

/** The upright axis of a plot: from 0 to `top`, with lines at `ticks`. */
interface Axis {
  readonly top: number;
  readonly ticks: readonly Tick[];
}

interface Tick {
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

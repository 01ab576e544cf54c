import { backendOfId } from '../../components/gateway/models.ts';
import type { LoggedRequest } from '../../components/gateway/request-log.ts';
import type { SpendingFacts } from '../../components/gateway/spending.ts';
import { localSecond } from '../../text/local-time.ts';
import { duration } from '../../ui/wording.ts';
import { incident } from '../../usage/request-usage.ts';
import { endOf, isTrial } from '../../usage/sums.ts';
import type { UsedBackend } from '../../usage/usage.ts';
import {
  backendNames,
  causeOf,
  costWords,
  deployment,
  failureWords,
  headline,
  leastWords,
  tokens,
} from '../../usage/words.ts';
import type { Moment } from '../watcher.ts';
import { gatewayWords, priceWords, serverWords, waitingWords, waits } from '../words.ts';
import type { Plot } from './plots.ts';

/** What the page is told, all of it in words: it only draws. Times are those of the machine. */
export interface PageState {
  /** What to say next time as what was seen. */
  readonly seen: string;
  readonly at: string;
  readonly timeZone: string;
  readonly gateway: { readonly ready: boolean; readonly words: string };
  /** Who waits for a local server, a text for each. */
  readonly waiting: readonly string[];
  readonly today: {
    readonly words: string;
    readonly requests: string;
    readonly dollars: string;
    /** What is not known of them. */
    readonly dollarsNote: string;
    readonly tokensIn: string;
    readonly tokensOut: string;
  };
  readonly ceilings: readonly Ceiling[];
  /** What ended since, oldest first. */
  readonly fresh: readonly PageRow[];
  /** Where they are other ones than those that were seen. */
  readonly plots?: readonly Plot[];
}

/** What may be spent in a day or a month, and how much of it is. */
export interface Ceiling {
  readonly period: 'day' | 'month';
  readonly most: string;
  readonly percent: number;
}

/** A request in the words of a table; an empty text where there is nothing to tell. */
export interface PageRow {
  readonly time: string;
  readonly end: 'answered' | 'instead' | 'failed' | 'left';
  readonly isTrial: boolean;
  readonly launcher: string;
  readonly asked: string;
  readonly rule: string;
  readonly backend: UsedBackend | 'nobody';
  readonly backendName: string;
  readonly model: string;
  /** Which of several local servers it was. */
  readonly server: string;
  readonly tokensIn: string;
  readonly cached: string;
  readonly tokensOut: string;
  readonly firstWord: string;
  readonly took: string;
  /** The parts of it before a local server was asked. */
  readonly waited: string;
  readonly cost: string;
  readonly status: string;
  readonly why: string;
}

/** The state at a moment, for a page that has seen some of it. `fresh` are the requests that it has not seen, `seen` what it will have. */
export function pageState(moment: Moment, fresh: readonly LoggedRequest[], seen: string): PageState {
  const { now, gateway, today, waiting, spending } = moment;
  const { total } = today;
  return {
    seen,
    at: localSecond(now),
    timeZone: Intl.DateTimeFormat().resolvedOptions().timeZone,
    gateway: { ready: gateway.ready, words: gatewayWords(gateway) },
    waiting: waitingWords(waiting),
    today: {
      words: headline(today, { days: 1 }),
      requests: total.requests.toLocaleString('en-US'),
      dollars: total.unpriced === 0 ? costWords(total) : leastWords(total.cost),
      dollarsNote: total.unpriced === 0 ? '' : `at least: ${total.unpriced} of unknown price`,
      tokensIn: tokens(total.promptTokens),
      tokensOut: tokens(total.outputTokens),
    },
    ceilings: spending === null ? [] : ceilingsOf(spending),
    fresh: fresh.map(pageRow),
  };
}

function ceilingsOf({ perDay, dayPercent, perMonth, monthPercent }: SpendingFacts): readonly Ceiling[] {
  const one = (period: Ceiling['period'], most: number | null, percent: number | null): readonly Ceiling[] =>
    most === null ? [] : [{ period, most: `$${most.toFixed(2)}`, percent: percent ?? 0 }];
  return [...one('day', perDay, dayPercent), ...one('month', perMonth, monthPercent)];
}

/** What a row of the page says of a request. */
export function pageRow(request: LoggedRequest): PageRow {
  const {
    at,
    answered,
    asked,
    cachedTokens,
    cost,
    firstMs,
    from,
    launcher,
    ms,
    outputTokens,
    promptTokens,
    rule,
    status,
  } = request;
  const backend = answered === null ? 'nobody' : (backendOfId(answered) ?? 'other');
  const ended = endOf(request);
  const end = ended === 'answered' ? (from === null ? 'answered' : 'instead') : ended === 'failed' ? 'failed' : 'left';
  return {
    time: localSecond(new Date(at)),
    end,
    isTrial: isTrial(request),
    launcher: launcher ?? '',
    asked: asked ?? 'an unknown name',
    rule: rule ?? '',
    backend,
    backendName: backend === 'nobody' ? 'nobody' : backendNames[backend],
    model: answered === null ? '' : deployment(answered),
    server: serverWords(request),
    tokensIn: tokens(promptTokens),
    cached: cachedTokens === 0 ? '' : tokens(cachedTokens),
    tokensOut: tokens(outputTokens),
    firstWord: firstMs === null ? '' : duration(firstMs),
    took: duration(ms),
    waited: waits(request).join(', '),
    cost: backend === 'nobody' && cost === 0 ? '' : priceWords(request),
    status: status === 0 ? '' : String(status),
    why: whyWords(request, end),
  };
}

function whyWords(request: LoggedRequest, end: PageRow['end']): string {
  if (end === 'answered') return '';
  if (end === 'left') return 'left by the client';
  return end === 'instead' ? causeOf(incident(request)) : failureWords({ ...incident(request), launcher: null });
}

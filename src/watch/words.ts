import { backendOfId } from '../components/gateway/models.ts';
import type { LoggedRequest } from '../components/gateway/request-log.ts';
import type { SpendingFacts } from '../components/gateway/spending.ts';
import type { Waiting } from '../components/gateway/use.ts';
import { ceilingWords } from '../status/words.ts';
import { counted, ordinal } from '../text/counted.ts';
import { localSecond } from '../text/local-time.ts';
import { duration, type Line } from '../ui/wording.ts';
import { incident } from '../usage/request-usage.ts';
import { endOf, isTrial } from '../usage/sums.ts';
import { causeOf, deployment, failureWords, headline, tokens } from '../usage/words.ts';
import type { Moment } from './watcher.ts';

/** What fits into so many rows: how the gateway is, today in one line, and the latest requests with the newest at the end. */
export function momentLines(moment: Moment, rows: number): readonly Line[] {
  const head = headLines(moment);
  const room = Math.max(1, rows - head.length - 2);
  return [
    ...head,
    { text: '', tone: 'plain' },
    ...moment.latest.slice(-room).map(requestLine),
    { text: 'Ctrl-C ends it.', tone: 'dim' },
  ];
}

/** How the gateway is, what today came to, and who waits. */
export function headLines(moment: Moment): readonly Line[] {
  const { today, spending } = moment;
  return [
    gatewayLine(moment),
    { text: headline(today, { days: 1 }), tone: 'plain' },
    ...(spending === null ? [] : [ceilingLine(spending)]),
    ...waitingWords(moment.waiting).map((text) => ({ text, tone: 'plain' as const })),
  ];
}

function gatewayLine({ now, gateway }: Moment): Line {
  const text = `${localSecond(now)} ${gateway.ready ? '✓' : '✗'} ${gatewayWords(gateway)}`;
  return { text, tone: gateway.ready ? 'good' : 'bad' };
}

/** How the gateway is. */
export function gatewayWords(gateway: Moment['gateway']): string {
  if (!gateway.ready) return gateway.problem;
  const { connections } = gateway;
  return `gateway answers${connections === undefined ? '' : `, ${counted(connections, 'connection')} open`}`;
}

/** Who waits for a local server, a text for each. */
export function waitingWords({ servers, waking }: Waiting): readonly string[] {
  const queues = servers.map(
    ({ server, slots, waiting }) =>
      `Queued at ${spoken(server)}, which answers ${slots} at once: ${waitersWords(waiting, ordinal)}`,
  );
  const held = waking == null ? [] : [`Waking ${spoken(waking.server)}, held for it: ${waitersWords(waking.waiting)}`];
  return [...queues, ...held];
}

function spoken(server: string | null | undefined): string {
  return server ?? 'the local server';
}

type Waiters = Waiting['servers'][number]['waiting'];

/** The first of them, each with its place where it has one. */
function waitersWords(waiting: Waiters, place = (_: number): string => ''): string {
  const named = waiting
    .slice(0, mostNamed)
    .map(({ kind, agent, seconds }, index) => `${place(index + 1)} ${agent ?? kind} ${seconds} s`.trim());
  const more = waiting.length > mostNamed ? ` and ${waiting.length - mostNamed} more` : '';
  return `${named.join(', ')}${more}`;
}

/** So many fit into a line. */
const mostNamed = 4;

function ceilingLine(spending: SpendingFacts): Line {
  const { text, tone } = ceilingWords(spending);
  return { text: `Ceiling: ${text}`, tone };
}

/** A request in one line, the most important first: the end of it may not fit. */
export function requestLine(request: LoggedRequest): Line {
  const { at, answered, asked, from, launcher, rule } = request;
  const time = localSecond(new Date(at));
  const by = `${launcher === null ? '' : `  ${launcher}`}${rule === null ? '' : `  by ${rule}`}`;
  switch (endOf(request)) {
    case 'failed':
      return { text: `${time} ✗ ${failureWords(incident(request))}`, tone: 'bad' };
    case 'cancelled':
      return { text: `${time} · ${deployment(answered ?? asked)}: left by the client${by}`, tone: 'dim' };
    case 'answered': {
      const figures = `${time} ${from === null ? '✓' : '→'} ${deployment(answered).padEnd(nameWidth)} ${figuresOf(request)}`;
      const price = priceWords(request);
      const where = serverWords(request);
      const rest = `${price === '' ? '' : `  ${price}`}${where === '' ? '' : `  ${where}`}${by}${cachedWords(request)}`;
      if (from !== null) return { text: `${figures}  ${causeOf(incident(request))}${rest}`, tone: 'warning' };
      return { text: `${figures}${rest}`, tone: isTrial(request) ? 'dim' : 'plain' };
    }
  }
}

/** The names of most models fit; a longer one moves its own line only. */
const nameWidth = 17;

function figuresOf(request: LoggedRequest): string {
  const { promptTokens, outputTokens, ms } = request;
  return `${duration(ms).padStart(6)}  ${tokens(promptTokens)} → ${tokens(outputTokens)}${waits(request)
    .map((wait) => `  (${wait})`)
    .join('')}`;
}

/** A shorter wait is none, in milliseconds. */
const leastWait = 100;

/** The parts of the time before it was asked. */
export function waits({ queuedMs, wokeMs }: LoggedRequest): readonly string[] {
  return [
    ...(wokeMs === 0 ? [] : [`${duration(wokeMs)} for a box to wake`]),
    ...(queuedMs < leastWait ? [] : [`waited ${duration(queuedMs)}`]),
  ];
}

/** Which of several local servers it was; empty where there is one. */
export function serverWords({ server }: LoggedRequest): string {
  return server === undefined ? '' : `at ${server}`;
}

/** The part of the prompt that did not have to be read again. */
function cachedWords({ cachedTokens }: LoggedRequest): string {
  return cachedTokens === 0 ? '' : `  (${tokens(cachedTokens)} cached)`;
}

/** What a cloud's answer cost; a local one costs nothing, and says nothing. */
export function priceWords({ answered, cost }: LoggedRequest): string {
  if (backendOfId(answered ?? undefined) === 'local') return '';
  if (cost === null) return 'price unknown';
  return cost > 0 && cost < 0.0001 ? 'under $0.0001' : `$${cost.toFixed(4)}`;
}

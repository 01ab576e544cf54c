import { randomBytes } from 'node:crypto';
import * as z from 'zod';
import type { HttpReply, Probe } from '../../host/host.ts';
import type { Secret } from '../../host/secret.ts';
import { bearer, readBody } from '../../http/reply-body.ts';
import { failure, type Result, success } from '../../problem.ts';
import { localProblem } from './errors.ts';
import type { ServerKind } from './server-kinds.ts';

/** Tokens of Claude Code's first request with the core tools, and with all of them; measured with 2.1.330. */
export const firstPromptTokens = { lean: 4_700, full: 21_700 } as const;

/** How fast a local model reads. */
export interface ReadingSpeed {
  readonly slow: false;
  /** Tokens a second of a prompt that the server has never seen; of the longest one that was sent. */
  readonly coldTokensPerSecond: number;
  /** Milliseconds until the first token of a prompt that it has just read; undefined when that took too long to wait for. */
  readonly warmFirstMs: number | undefined;
  /** The same for the prompt when it was new. */
  readonly coldFirstMs: number;
  readonly firstAnswer: FirstAnswer;
}

/** Until Claude Code's first answer begins, in a conversation that is new to the server. */
export interface FirstAnswer {
  readonly lean: Span;
  readonly full: Span;
}

export interface Span {
  readonly ms: number;
  /** No prompt of that length was sent, or its end was not waited for. */
  readonly atLeast: boolean;
}

/** The short prompt was not read in time. */
export interface TooSlow {
  readonly slow: true;
  /** Tokens a second. */
  readonly slowerThan: number;
  readonly firstAnswer: FirstAnswer;
}

export type Reading = Result<ReadingSpeed | TooSlow>;

export interface ReadingServer {
  readonly address: string;
  readonly model: string;
  readonly token?: Secret | undefined;
  readonly kind?: ServerKind | undefined;
  /** Tokens; both prompts stay well within. */
  readonly contextWindow?: number | undefined;
}

/** How long to wait, in milliseconds: for one prompt, and for all four requests together. */
export interface ReadingLimits {
  readonly promptMs: number;
  readonly totalMs: number;
}

const readingLimits: ReadingLimits = { promptMs: 180_000, totalMs: 360_000 };
const shortPrompt = 5_000;
const longPrompt = 20_000;
/** Long prompts are read more slowly than short ones: the reserve for that when the time is predicted. */
const slowdown = 1.3;

/**
 * Sends a prompt of about 5,000 tokens of random words and one of about 20,000, each twice: new, and known. Only one token is
 * asked for, so that the time of the whole reply is as good as the time to the first token and nothing has to be streamed.
 * The long one is sent only when the short one says that it will be read in time; a small window makes both shorter.
 */
export async function measureReading(
  probe: Pick<Probe, 'http'>,
  server: ReadingServer,
  limits: ReadingLimits = readingLimits,
): Promise<Reading> {
  const until = performance.now() + limits.totalMs;
  const wait = () => Math.max(1, Math.floor(Math.min(limits.promptMs, until - performance.now())));
  const fits = Math.floor((server.contextWindow ?? longPrompt * 2) * 0.7);
  const short = await readTwice(probe, server, Math.min(shortPrompt, fits), wait);
  if (!short.ok) return short;
  if (short.value.slow) return success(short.value);
  const size = Math.min(longPrompt, fits);
  const expectedMs = (short.value.coldMs / short.value.tokens) * size * slowdown;
  const worthIt = size >= 2 * shortPrompt && expectedMs < wait();
  const long = worthIt ? await readTwice(probe, server, size, wait) : undefined;
  return success(speedOf(short.value, long?.ok === true && !long.value.slow ? long.value : undefined));
}

/** The first answers that a speed leads to, when that is all that is known. */
export function firstAnswerAt(tokensPerSecond: number): FirstAnswer {
  return { lean: span('lean', tokensPerSecond), full: span('full', tokensPerSecond) };
}

function span(prompt: keyof typeof firstPromptTokens, tokensPerSecond: number, atLeast = false): Span {
  return { ms: (firstPromptTokens[prompt] / tokensPerSecond) * 1000, atLeast };
}

interface Sample {
  readonly slow: false;
  readonly tokens: number;
  readonly coldMs: number;
  readonly warmMs: number | undefined;
}

function speedOf(short: Sample, long: Sample | undefined): ReadingSpeed {
  const longest = long ?? short;
  return {
    slow: false,
    coldTokensPerSecond: readable(perSecond(longest)),
    coldFirstMs: longest.coldMs,
    warmFirstMs: longest.warmMs,
    firstAnswer: { lean: span('lean', perSecond(short)), full: span('full', perSecond(longest), long === undefined) },
  };
}

function perSecond({ tokens, coldMs }: Sample): number {
  return (tokens / Math.max(1, coldMs)) * 1000;
}

/** No more digits than the measurement is good for; never 0. */
function readable(speed: number): number {
  return speed >= 10 ? Math.round(speed) : Math.max(0.1, Math.round(speed * 10) / 10);
}

async function readTwice(
  probe: Pick<Probe, 'http'>,
  server: ReadingServer,
  size: number,
  wait: () => number,
): Promise<Result<Sample | TooSlow>> {
  const content = nonsense(size);
  const waited = wait();
  const cold = await send(probe, server, content, waited);
  if (!cold.reached && cold.failure === 'timeout') return success(slowerThan(readable((size / waited) * 1000)));
  const tokens = tokensRead(cold, size);
  if (tokens === undefined)
    return failure(
      localProblem(cold, server.address, 'read a prompt in the form of the Messages API', server.token, server.kind),
    );
  const warm = await send(probe, server, content, wait());
  const known = tokensRead(warm, size) === undefined ? undefined : warm.ms;
  return success({ slow: false, tokens, coldMs: cold.ms, warmMs: known });
}

function slowerThan(speed: number): TooSlow {
  return {
    slow: true,
    slowerThan: speed,
    firstAnswer: { lean: span('lean', speed, true), full: span('full', speed, true) },
  };
}

async function send(
  probe: Pick<Probe, 'http'>,
  { address, model, token }: ReadingServer,
  content: string,
  timeoutMs: number,
): Promise<HttpReply> {
  return await probe.http({
    method: 'POST',
    url: `${address}/v1/messages`,
    headers: { 'anthropic-version': '2023-06-01', ...bearer(token) },
    json: { model, max_tokens: 1, messages: [{ role: 'user', content }] },
    timeoutMs,
  });
}

const readReply = z.object({
  type: z.literal('message'),
  usage: z.object({ input_tokens: z.number(), cache_read_input_tokens: z.number().nullish() }).optional(),
});

/** As the server counted them, or as we estimate them if it does not say. Undefined if it did not answer. */
function tokensRead(reply: HttpReply, estimate: number): number | undefined {
  const read = reply.reached ? readBody(readReply, reply.body) : undefined;
  if (read === undefined) return undefined;
  const told = (read.usage?.input_tokens ?? 0) + (read.usage?.cache_read_input_tokens ?? 0);
  return told > 0 ? told : estimate;
}

const words =
  'river stone window paper garden winter bridge copper letter silver orange market engine valley forest candle planet cotton harbour island mirror needle pencil ribbon saddle temple violin wagon yellow anchor basket carpet'.split(
    ' ',
  );

/** About so many tokens of random four-letter words. No two texts begin alike, so no cache knows the second. */
function nonsense(tokens: number): string {
  const bytes = randomBytes(tokens);
  const text = Array.from(bytes, (byte) => words[byte % words.length]).join(' ');
  return `${randomBytes(8).toString('hex')}\n${text.slice(0, tokens * 4)}\nSay: ready`;
}

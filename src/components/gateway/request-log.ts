import * as z from 'zod';
import { requestKinds } from '../../config/rules.ts';
import type { Probe } from '../../host/host.ts';
import { isObject, parsedJson } from '../../text/json.ts';

/** Why another deployment had to take over, or why nobody gave a complete answer. */
export const causes = [
  'unreachable',
  'timeout',
  'rate-limited',
  'server-error',
  'too-long',
  'image',
  'no-credit',
  'refused-key',
  'not-found',
  'broken-off',
  'refused',
  'ceiling',
  'turned-away',
  'bad-request',
  'cancelled',
  'other',
] as const;
export type Cause = (typeof causes)[number];

const count = z.number().int().min(0);
const words = z.string().transform((text) => text.split(' ').filter(Boolean));
const line = z.object({
  v: z.literal(1),
  /** When the request ended, in milliseconds since 1970. */
  at: z
    .string()
    .transform((text) => Date.parse(text))
    .pipe(z.number()),
  launcher: z.string().nullable(),
  session: z.string().nullable(),
  /** The name that was asked for; null if it did not look like one. */
  asked: z.string().nullable(),
  /** Id of the deployment whose answer the client got, even if only in part. */
  answered: z.string().nullable(),
  /** The local server that answered, where there are several: host and port. */
  server: z.string().optional(),
  /** Id of the deployment that failed first when another one answered. */
  from: z.string().nullable(),
  /** With `from`: why another one took over. Without: why there was no answer, or why it ended early. */
  cause: z.enum(causes).catch('other').nullable(),
  status: count,
  streamed: z.boolean(),
  /** How many tools were offered; 0 for titles and the like. */
  tools: count,
  /** Milliseconds until the first piece of the answer itself; null when it was not streamed. */
  firstMs: count.nullable(),
  ms: count,
  /** The part of `ms` that it waited for its turn at a local server. */
  queuedMs: count.default(0),
  /** The part of `ms` that it was held while the local model's machine was woken. */
  wokeMs: count.default(0),
  /** The whole prompt; `cachedTokens` is the part of it that the upstream had read before. */
  promptTokens: count,
  cachedTokens: count,
  /** The part of the prompt that the cloud cached, and the part of that cached for an hour; of a local answer, what a cloud would have cached. */
  writtenTokens: count.default(0),
  hourTokens: count.default(0),
  outputTokens: count,
  /** US dollars by the gateway's price list; null where it has no price. Of an answer that ended early, what had come by then. */
  cost: z.number().min(0).nullable(),
  /** The person's own rule that it matched. */
  rule: z.string().nullable().default(null),
  /** What rules look at: kinds, subagent, marks of folders, and about how many tokens the prompt had; null in lines of before 1.2. */
  kinds: words.transform((said) => requestKinds.filter((kind) => said.includes(kind))).default([]),
  agent: z.string().nullable().default(null),
  directories: words.default([]),
  size: count.nullable().default(null),
  /** Of a local answer: the cloud's deployment in whose place it was given, and what it would have cost there. */
  replaced: z.string().nullable().default(null),
  saved: z.number().min(0).nullable().default(null),
});

/** One request as the gateway's log tells it (`templates/gateway/request_log.py`). */
export type LoggedRequest = Readonly<z.infer<typeof line>>;

/** How many lines of a log could not be used. */
export interface Skipped {
  /** Lines that are no request, such as half a line after a power cut. */
  readonly broken: number;
  /** Lines of a version that this program does not know. */
  readonly unknown: number;
}

/** How the gateway begins each line; the time follows, in a fixed length. */
const beginning = '{"v":1,"at":"';

/** Says that a cloud is about to be asked, if there is a ceiling; the request gets its own line when it ends. */
const begun = /^\{"v":1,"at":"[^"]*","held":"[^"]*","most":/;

/** Hands over the requests in the lines that it is given, from a moment on (milliseconds). A line that cannot be used is counted and skipped. */
export class RequestReader {
  readonly #earliest: string;
  readonly #each: (request: LoggedRequest) => void;
  #broken = 0;
  #unknown = 0;

  constructor(from: number, each: (request: LoggedRequest) => void) {
    this.#earliest = new Date(from).toISOString();
    this.#each = each;
  }

  take(written: string): void {
    if (written === '' || isBefore(written, this.#earliest) || begun.test(written)) return;
    const read = readLine(written);
    if (read === 'broken') this.#broken += 1;
    else if (read === 'unknown') this.#unknown += 1;
    else this.#each(read);
  }

  get skipped(): Skipped {
    return { broken: this.#broken, unknown: this.#unknown };
  }
}

/** The requests that ended between two moments (milliseconds), as the folder's files have them. Throws where one cannot be read. */
export async function requestsBetween(
  probe: Pick<Probe, 'readLines'>,
  directory: string,
  from: number,
  to: number,
): Promise<readonly LoggedRequest[]> {
  const requests: LoggedRequest[] = [];
  const reader = new RequestReader(from, (request) => requests.push(request));
  for (const name of monthFiles(from, to)) await probe.readLines(`${directory}/${name}`, (line) => reader.take(line));
  return requests;
}

/** Most lines of a month are older than what is asked for, and it is parsing that takes the time. */
function isBefore(written: string, earliest: string): boolean {
  if (!written.startsWith(beginning)) return false;
  const time = written.slice(beginning.length, beginning.length + earliest.length);
  return time.endsWith('Z') && time < earliest;
}

function readLine(written: string): LoggedRequest | 'broken' | 'unknown' {
  // Cheaper than finding out what is wrong with it: a file of another kind has a million such lines.
  if (!written.startsWith('{')) return 'broken';
  const value = parsedJson(written);
  const read = line.safeParse(value);
  if (read.success) return read.data;
  const version = isObject(value) ? (value['v'] ?? 1) : 1;
  return version === 1 ? 'broken' : 'unknown';
}

/** The month that a file of the log has the lines of, `YYYY-MM`; undefined for any other file. */
export function monthOfFile(name: string): string | undefined {
  return /^(\d{4}-\d\d)\.jsonl(?:\.gz)?$/.exec(name)?.[1];
}

/** The names of the month files that hold what ended between two moments, oldest first; past months are compressed beside them. Months are those of UTC. */
export function monthFiles(from: number, to: number): readonly string[] {
  const names: string[] = [];
  const month = new Date(from);
  month.setUTCDate(1);
  month.setUTCHours(0, 0, 0, 0);
  for (; month.getTime() <= to; month.setUTCMonth(month.getUTCMonth() + 1)) {
    names.push(`${month.toISOString().slice(0, 7)}.jsonl`);
  }
  return names;
}

import type { Command, HttpRequest, Probe } from './host.ts';
import { Secret } from './secret.ts';

/** The same probe with less patience: no program may take longer than `ms`, and no exchange longer than `exchangeMs`. For screens that are waited for. */
export function withTimeout(probe: Probe, ms: number, exchangeMs = ms): Probe {
  const atMost = (most: number, wanted: number | undefined): number => Math.min(wanted ?? most, most);
  return {
    readFile: async (path) => await probe.readFile(path),
    readLines: async (path, each, from) => await probe.readLines(path, each, from),
    stat: async (path) => await probe.stat(path),
    list: async (path) => await probe.list(path),
    query: async (command) => await probe.query({ ...command, timeoutMs: atMost(ms, command.timeoutMs) }),
    http: async (request) => await probe.http({ ...request, timeoutMs: atMost(exchangeMs, request.timeoutMs) }),
  };
}

/** The same probe, which runs what `asks` a certain service only once that is known to answer; otherwise each such call times out at once. */
export function withCircuitBreaker(
  probe: Probe,
  asks: (command: Command) => boolean,
  answers: Promise<boolean>,
): Probe {
  const query = async (command: Command) =>
    !asks(command) || (await answers) ? await probe.query(command) : { exitCode: 124, stdout: '', stderr: '' };
  return { ...withTimeout(probe, Number.POSITIVE_INFINITY), query };
}

/** The same probe that asks each thing only once: for one look around in which many want to know the same. */
export function memoized(probe: Probe): Probe {
  const answers = new Map<string, Promise<unknown>>();
  const once = async <Answer>(question: readonly unknown[], ask: () => Promise<Answer>): Promise<Answer> => {
    const key = JSON.stringify(question);
    const known = answers.get(key) ?? ask();
    answers.set(key, known);
    return (await known) as Answer;
  };
  return {
    readFile: async (path) => await once(['read', path], async () => await probe.readFile(path)),
    // What is handed over while it is read is not kept.
    readLines: async (path, each, from) => await probe.readLines(path, each, from),
    stat: async (path) => await once(['stat', path], async () => await probe.stat(path)),
    list: async (path) => await once(['list', path], async () => await probe.list(path)),
    query: async (command) => await once(['query', ...told(command)], async () => await probe.query(command)),
    http: async (request) => await once(['http', ...told(request)], async () => await probe.http(request)),
  };
}

/** Patience is no part of a question. A secret prints as dots, so that two of them would look alike: their fingerprints do not. */
function told({ timeoutMs: _patience, ...question }: Command | HttpRequest): readonly unknown[] {
  const secrets = Object.values('url' in question ? (question.headers ?? {}) : (question.env ?? {}));
  return [question, ...secrets.map((value) => (value instanceof Secret ? value.fingerprint() : ''))];
}

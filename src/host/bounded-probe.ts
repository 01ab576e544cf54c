import type { Command, Probe } from './host.ts';

/** The same probe with less patience: no program may take longer than `ms`, and no exchange longer than `exchangeMs`. For screens that are waited for. */
export function withTimeout(probe: Probe, ms: number, exchangeMs = ms): Probe {
  const atMost = (most: number, wanted: number | undefined): number => Math.min(wanted ?? most, most);
  return {
    readFile: async (path) => await probe.readFile(path),
    stat: async (path) => await probe.stat(path),
    list: async (path) => await probe.list(path),
    query: async (command) => await probe.query({ ...command, timeoutMs: atMost(ms, command.timeoutMs) }),
    http: async (request) => await probe.http({ ...request, timeoutMs: atMost(exchangeMs, request.timeoutMs) }),
  };
}

/** The same probe that starts what `asks` a certain service only once it is known to answer; else each such call is as silent as the first one was. */
export function withCircuitBreaker(
  probe: Probe,
  asks: (command: Command) => boolean,
  answers: Promise<boolean>,
): Probe {
  const query = async (command: Command) =>
    !asks(command) || (await answers) ? await probe.query(command) : { exitCode: 124, stdout: '', stderr: '' };
  return { ...withTimeout(probe, Number.POSITIVE_INFINITY), query };
}

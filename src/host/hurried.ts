import type { Probe } from './host.ts';

/** The same probe with less patience: no program and no exchange may take longer than `ms`. For screens that are waited for. */
export function hurried(probe: Probe, ms: number): Probe {
  const atMost = (wanted: number | undefined): number => Math.min(wanted ?? ms, ms);
  return {
    readFile: async (path) => await probe.readFile(path),
    stat: async (path) => await probe.stat(path),
    list: async (path) => await probe.list(path),
    query: async (command) => await probe.query({ ...command, timeoutMs: atMost(command.timeoutMs) }),
    http: async (request) => await probe.http({ ...request, timeoutMs: atMost(request.timeoutMs) }),
  };
}

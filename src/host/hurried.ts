import type { Probe } from './host.ts';

/** The same probe with less patience: no program and no exchange may take longer than `ms`. For screens that are waited for. */
export function hurried(probe: Probe, ms: number): Probe {
  return patient(probe, () => ms);
}

/** The same probe with `ms` left for everything together, counted from now: what is asked later gets what is left. */
export function hurriedInAll(probe: Probe, ms: number): Probe {
  const end = performance.now() + ms;
  return patient(probe, () => Math.max(1, Math.ceil(end - performance.now())));
}

function patient(probe: Probe, patience: () => number): Probe {
  const atMost = (wanted: number | undefined): number => Math.min(wanted ?? Number.POSITIVE_INFINITY, patience());
  return {
    readFile: async (path) => await probe.readFile(path),
    stat: async (path) => await probe.stat(path),
    list: async (path) => await probe.list(path),
    query: async (command) => await probe.query({ ...command, timeoutMs: atMost(command.timeoutMs) }),
    http: async (request) => await probe.http({ ...request, timeoutMs: atMost(request.timeoutMs) }),
  };
}

import { duration } from './wording.ts';

/** Follows what a program says of its own progress, and tells it in a few words. */
export interface ToolProgress {
  /** Another program begins. */
  begin(): void;
  /** What a line of its output means for the whole; undefined for a line that tells no progress. */
  read(line: string): string | undefined;
}

/** One kind of program: what it says, and what that comes to. */
type Reader = (line: string) => string | undefined;

/** Understands apt-get, `docker pull` and curl's meter, as they write where no terminal is. `now` is in milliseconds. */
export function createToolProgress(now: () => number = () => performance.now()): ToolProgress {
  let readers = newReaders(now);
  return {
    begin() {
      readers = newReaders(now);
    },
    read(line) {
      for (const reader of readers) {
        const words = reader(line);
        if (words !== undefined) return words;
      }
      return undefined;
    },
  };
}

function newReaders(now: () => number): readonly Reader[] {
  return [waiting, aptFetching(now), aptInstalling(), dockerLayers(), curlMeter];
}

/** apt's own words where another program has its lock. */
function waiting(line: string): string | undefined {
  return /^Waiting for |could not get lock/i.test(line) ? line : undefined;
}

/** A line `Get:` is written when a file is begun, so what is whole are the files before it. */
function aptFetching(now: () => number): Reader {
  let total = 0;
  let whole = 0;
  let under = 0;
  let began = 0;
  return (line) => {
    const needed = /^Need to get ([\d,.]+ k?[MG]?B)/.exec(line);
    if (needed !== null) {
      total = bytesIn(needed[1]);
      began = now();
      return undefined;
    }
    const begun = /^Get:\d+ .*\[([\d,.]+ k?[MG]?B)\]$/.exec(line);
    if (begun === null || total === 0) return undefined;
    whole += under;
    under = bytesIn(begun[1]);
    return fetchedWords(whole, total, (whole / (now() - began)) * 1000);
  };
}

function aptInstalling(): Reader {
  let total = 0;
  const counts = { Unpacking: 0, 'Setting up': 0 };
  const words = { Unpacking: 'unpacking', 'Setting up': 'setting up' } as const;
  return (line) => {
    const planned = /^(\d+) upgraded, (\d+) newly installed,/.exec(line);
    if (planned !== null) {
      total = Number(planned[1]) + Number(planned[2]);
      return undefined;
    }
    const act = (['Unpacking', 'Setting up'] as const).find((begin) => line.startsWith(`${begin} `));
    if (act === undefined || total === 0) return undefined;
    counts[act] += 1;
    return `${words[act]} ${Math.min(counts[act], total)} of ${total} packages`;
  };
}

/** Without a terminal docker tells the state of each layer, and no sizes. */
function dockerLayers(): Reader {
  const layers = new Map<string, 'waiting' | 'fetched' | 'unpacked'>();
  return (line) => {
    const [, layer, state] = /^([0-9a-f]{12}): (.+)$/.exec(line) ?? [];
    if (layer === undefined || state === undefined) return undefined;
    const done = ['Pull complete', 'Already exists'].includes(state);
    if (done) layers.set(layer, 'unpacked');
    else if (state === 'Download complete') layers.set(layer, 'fetched');
    else if (!layers.has(layer)) layers.set(layer, 'waiting');
    const states = [...layers.values()];
    const unpacked = states.filter((one) => one === 'unpacked').length;
    const fetched = states.filter((one) => one !== 'waiting').length;
    return `${fetched} of ${states.length} layers fetched, ${unpacked} unpacked`;
  };
}

/**
 * % total, size, % received, received, …, average rate, …, time left, current rate. Source: everything.curl.dev, "The progress
 * meter"; sizes have up to five characters, with k, M or G of 1024.
 */
const meter =
  /^\s*\d+\s+([\d.]+[kMG]?)\s+\d+\s+([\d.]+[kMG]?)\s+\d+\s+\d+\s+([\d.]+[kMG]?)\s+\d+\s+\S+\s+\S+\s+\S+\s+([\d.]+[kMG]?)\s*$/;

function curlMeter(line: string): string | undefined {
  const [, total, received, , current] = meter.exec(line) ?? [];
  if (total === undefined || total === '0') return undefined;
  return fetchedWords(bytesIn(received), bytesIn(total), bytesIn(current));
}

/** `perSecond` is in bytes; without one nothing is said about the time. */
function fetchedWords(bytes: number, total: number, perSecond: number): string {
  const mega = (number: number) => (number < 9.95e6 ? (number / 1e6).toFixed(1) : String(Math.round(number / 1e6)));
  if (bytes >= total) return `${mega(total)} MB fetched`;
  const head = `${mega(bytes)} of ${mega(total)} MB`;
  if (!Number.isFinite(perSecond) || perSecond < 1) return head;
  return `${head}, ${mega(perSecond)} MB/s, ${duration(((total - bytes) / perSecond) * 1000)} left`;
}

/** apt counts in thousands (`1,234 kB`), curl in 1024 (`45.2M`). */
function bytesIn(text = ''): number {
  const [, number = '0', unit = ''] = /^([\d,.]+) ?(\w*)$/.exec(text) ?? [];
  const powers: Readonly<Record<string, number>> = { k: 1024, M: 1024 ** 2, G: 1024 ** 3, kB: 1e3, MB: 1e6, GB: 1e9 };
  return Number(number.replaceAll(',', '')) * (powers[unit] ?? 1);
}

import { duration } from './wording.ts';

/** Follows what a program says of its own progress, and tells it in a few words. */
interface ToolProgress {
  /** Called when another program begins. */
  begin(): void;
  /** What a line of its output means for the whole; undefined for a line that tells no progress. */
  read(line: string): string | undefined;
}

/** One kind of program: what it says, and what that comes to. */
type Reader = (line: string) => string | undefined;

/** Understands apt-get and curl's meter as they write where no terminal is, and `docker pull` with and without one. `now` is in milliseconds. */
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
  return [waiting, aptFetching(now), aptInstalling(), dockerLayers(now), curlMeter];
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

/** What is known of a layer. */
interface Layer {
  readonly state: 'waiting' | 'fetched' | 'unpacked';
  /** What has come, and what it comes to, in bytes; undefined before docker says it, and always where no terminal is. */
  readonly fetched?: number;
  readonly size?: number;
  /** What of it is unpacked, in bytes of the fetched file; undefined where docker counts seconds, as it does with containerd's store. */
  readonly unpacked?: number;
}

/** `0123456789ab: Downloading [==>  ]  4.56MB/45.6MB`, the bar only in a wide terminal. Source: docker's pkg/jsonmessage. */
function dockerLayers(now: () => number): Reader {
  const layers = new Map<string, Layer>();
  let began: number | undefined;
  return (line) => {
    const [, id, words] = /^([0-9a-f]{12}): (.+)$/.exec(line) ?? [];
    if (id === undefined || words === undefined) return undefined;
    const [, act, part, size] = /^(Downloading|Extracting)\b.*?([\d.]+[kMG]?B)\/([\d.]+[kMG]?B)/.exec(words) ?? [];
    const before = layers.get(id) ?? { state: 'waiting' };
    if (act === 'Downloading') {
      began ??= now();
      layers.set(id, { state: 'waiting', fetched: bytesIn(part), size: bytesIn(size) });
    } else if (act === 'Extracting')
      // Also of a layer that another pull had fetched, of which no download is told.
      layers.set(id, { ...before, state: 'fetched', size: bytesIn(size), unpacked: bytesIn(part) });
    else layers.set(id, { ...before, state: stateAfter(words, before.state) });
    return layerWords([...layers.values()], now() - (began ?? now()));
  };
}

function stateAfter(words: string, before: Layer['state']): Layer['state'] {
  if (['Pull complete', 'Already exists'].includes(words)) return 'unpacked';
  return words === 'Download complete' ? 'fetched' : before;
}

/** `ms` since the first byte. What the whole comes to is known when each layer was begun, of which docker fetches three at a time. */
function layerWords(layers: readonly Layer[], ms: number): string {
  const fetched = layers.filter(({ state }) => state !== 'waiting').length;
  const sized = layers.filter(({ size }) => size !== undefined);
  const total = sized.reduce((sum, { size = 0 }) => sum + size, 0);
  const bytes = sized.reduce((sum, { state, size = 0, fetched: so = 0 }) => sum + (state === 'waiting' ? so : size), 0);
  const counted = `${fetched} of ${layers.length} layers fetched`;
  if (total === 0) return `${counted}, ${layers.filter(({ state }) => state === 'unpacked').length} unpacked`;
  if (fetched === layers.length) return `${megabytes(total)} MB fetched, ${unpackedWords(layers)}`;
  const perSecond = (bytes / ms) * 1000;
  const known = layers.every(({ state, size }) => state !== 'waiting' || size !== undefined);
  if (known) return fetchedWords(bytes, total, perSecond);
  return [`${megabytes(bytes)} MB`, ...rateWords(perSecond), counted].join(', ');
}

/** In bytes while docker tells them. */
function unpackedWords(layers: readonly Layer[]): string {
  const done = layers.filter(({ state }) => state === 'unpacked');
  if (done.length === layers.length || layers.every(({ unpacked }) => unpacked === undefined))
    return `${done.length} of ${layers.length} layers unpacked`;
  const bytes = layers.map(({ state, size = 0, unpacked = 0 }) => (state === 'unpacked' ? size : unpacked));
  return `${megabytes(bytes.reduce((sum, one) => sum + one, 0))} MB unpacked`;
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
  if (bytes >= total) return `${megabytes(total)} MB fetched`;
  const rate = rateWords(perSecond).map((words) => `${words}, ${duration(((total - bytes) / perSecond) * 1000)} left`);
  return [`${megabytes(bytes)} of ${megabytes(total)} MB`, ...rate].join(', ');
}

/** Empty if nothing is coming in. */
function rateWords(perSecond: number): readonly string[] {
  return Number.isFinite(perSecond) && perSecond >= 1 ? [`${megabytes(perSecond)} MB/s`] : [];
}

function megabytes(bytes: number): string {
  return bytes < 9.95e6 ? (bytes / 1e6).toFixed(1) : String(Math.round(bytes / 1e6));
}

/** apt counts in thousands (`1,234 kB`), curl in 1024 (`45.2M`). */
function bytesIn(text = ''): number {
  const [, number = '0', unit = ''] = /^([\d,.]+) ?(\w*)$/.exec(text) ?? [];
  const powers: Readonly<Record<string, number>> = { k: 1024, M: 1024 ** 2, G: 1024 ** 3, kB: 1e3, MB: 1e6, GB: 1e9 };
  return Number(number.replaceAll(',', '')) * (powers[unit] ?? 1);
}

/** Says now and then that something is still going on, where no spinner can show it. */
interface Pacer {
  start(text: string): void;
  /** What it says, or waits for, just now. */
  note(text: string): void;
  stop(): void;
}

/** What is told: since how many seconds, and the last words, empty where there were none. */
type StillGoing = (text: string, seconds: number, note: string) => void;

/** After so many seconds it is said first; then each time after twice as long, and never less often than the last. */
const first = 15;
const seldom = 300;

/** A log that grows by a line for each pause that doubles: a wait of an hour is told in about twenty lines. */
export function createPacer(tell: StillGoing): Pacer {
  let timer: NodeJS.Timeout | undefined;
  let text = '';
  let note = '';

  function next(told: number): void {
    const pause = Math.min(told === 0 ? first : told, seldom);
    timer = setTimeout(() => {
      tell(text, told + pause, note);
      next(told + pause);
    }, pause * 1000);
    timer.unref();
  }

  return {
    start(newText) {
      clearTimeout(timer);
      text = newText;
      note = '';
      next(0);
    },
    note(newNote) {
      note = newNote;
    },
    stop: () => clearTimeout(timer),
  };
}

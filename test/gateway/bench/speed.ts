/**
 * What a gateway adds to a request of Claude Code's size, how many it carries, what it holds and how long it takes to start: this
 * program's, a published guide's configuration in the same LiteLLM, claude-code-router and Portkey's open gateway, in turns, in front
 * of one upstream that answers at once.
 *
 *     npm run bench:gateway [-- rounds [a part of a contestant's name …]]
 *
 * Needs some minutes. The processor's time is that of the gateway's process alone, and what others do beside it disturbs it
 * little; milliseconds and requests a second it disturbs a lot. Prints tables in Markdown.
 */
import { median } from './median.ts';
import { type Contestant, contestants } from './speed-contestants.ts';
import { type Load, load } from './speed-load.ts';

const [rounds = 5, ...parts] = process.argv.slice(2).map((word, index) => (index === 0 ? Number(word) : word)) as [
  number?,
  ...string[],
];
const CLIENTS = [1, 10, 50] as const;
const REQUESTS = { 1: 40, 10: 80, 50: 100 } as const;

interface Cell {
  readonly loads: Load[];
}

const started: Contestant[] = [];
try {
  for await (const one of contestants(parts)) started.push(one);
  const cells = new Map<string, Cell>();
  for (let round = -1; round < rounds; round += 1)
    for (const clients of CLIENTS)
      for (const streamed of [true, false])
        for (const one of started.filter(({ streams }) => streams || !streamed)) {
          const came = await load(one, streamed, clients, round < 0 ? clients * 2 : REQUESTS[clients]);
          if (round < 0) continue;
          const key = keyOf(one, streamed, clients);
          cells.set(key, { loads: [...(cells.get(key)?.loads ?? []), came] });
        }
  for (const streamed of [true, false]) console.log(table(cells, streamed), '\n');
  console.log(starts());
} finally {
  for (const one of started) await one.stop();
}

function keyOf(one: Contestant, streamed: boolean, clients: number): string {
  return `${one.name} ${streamed} ${clients}`;
}

function table(cells: ReadonlyMap<string, Cell>, streamed: boolean): string {
  const upstream = started.find(({ name }) => name === 'upstream alone');
  const alone = upstream && times(cells, upstream, streamed);
  const rows = started.map((one) => {
    if (streamed && !one.streams) return `| ${one.name} | fails | | | |`;
    const took = times(cells, one, streamed);
    const added =
      alone === undefined || one === upstream ? [0, 0] : [median(took) - median(alone), high(took) - high(alone)];
    const each = CLIENTS.map((clients) => {
      const loads = cells.get(keyOf(one, streamed, clients))?.loads ?? [];
      return `${median(loads.map(({ perSecond }) => perSecond)).toFixed(0)}, ${median(loads.map(({ cpuMs }) => cpuMs)).toFixed(1)}`;
    });
    return `| ${one.name} | ${added.map((ms) => ms.toFixed(1)).join(', ')} | ${each.join(' | ')} |`;
  });
  const head = `| ${streamed ? 'streamed' : 'whole'} | added at 1 client: median, p99, ms | ${CLIENTS.map((n) => `${n} client${n > 1 ? 's' : ''}: requests/s, processor ms each`).join(' | ')} |`;
  return [head, '|---|---|---|---|---|', ...rows].join('\n');
}

function times(cells: ReadonlyMap<string, Cell>, one: Contestant, streamed: boolean): number[] {
  return cells.get(keyOf(one, streamed, 1))?.loads.flatMap(({ milliseconds }) => milliseconds) ?? [];
}

function high(values: readonly number[]): number {
  return [...values].sort((one, other) => one - other)[Math.floor(values.length * 0.99)] ?? 0;
}

function starts(): string {
  const rows = started
    .filter(({ start }) => start !== undefined)
    .map((one) => {
      const { seconds, cpuSeconds, firstMs, nextMs } = one.start as NonNullable<Contestant['start']>;
      const figures = [
        seconds.toFixed(1),
        cpuSeconds.toFixed(1),
        firstMs.toFixed(0),
        nextMs.toFixed(0),
        one.megabytes(),
      ];
      return `| ${one.name} | ${figures.join(' | ')} |`;
    });
  const head =
    '| | ready after, s | of the processor, s | first request, ms | the next, ms | memory after all of it, MB |';
  return [head, '|---|---|---|---|---|---|', ...rows].join('\n');
}

import { availableParallelism } from 'node:os';
import { parseArgs } from 'node:util';

const { values } = parseArgs({
  options: {
    command: { type: 'string' },
    fault: { type: 'string', default: '' },
    event: { type: 'string', default: '' },
    every: { type: 'string', default: '1' },
    minutes: { type: 'string', default: 'Infinity' },
    workers: { type: 'string', default: String(Math.min(4, availableParallelism())) },
  },
});

/** What the command line chooses of a matrix, on paper and on the machine; without words everything. */
export const chosen = {
  /** `--command NAME,NAME` of commands.ts. */
  commands: values.command?.split(','),
  /** `--workers N`: processes that share the cells. */
  workers: Number(values.workers),
  /** `--event WORD --fault WORD,WORD --every N`: what an event is called, parts of the names of faults, every so-manieth of them. */
  of: <Item>(
    all: readonly Item[],
    nameOf: (item: Item) => { readonly event: string; readonly fault: string },
  ): Item[] =>
    all
      .filter((item) => nameOf(item).event.includes(values.event))
      .filter((item) => values.fault.split(',').some((word) => nameOf(item).fault.includes(word)))
      .filter((_, index) => index % Number(values.every) === 0),
  /** `--minutes N`: after these no further cells are begun. */
  isOver: (started: number): boolean => performance.now() - started > Number(values.minutes) * 60_000,
};

import { type CommandName, commands } from './commands.ts';
import { type Cell, cellsOf, Matrix, nameOf, type Verdict } from './matrix.ts';
import { openStage, record } from './recording.ts';

/** What a worker says: the names of the cells that it found, then a verdict for each that it was given. */
export type FromWorker =
  | { readonly cells: readonly string[] }
  | { readonly verdict: Verdict }
  | { readonly idle: true };
/** Names of the cells to judge next; none ends the worker. */
export type ToWorker = readonly string[];

/** A process with a machine and a recording of its own, which judges the cells that it is given. */
async function work(command: CommandName): Promise<void> {
  const stage = await openStage(commands[command]);
  try {
    const recording = await record(stage);
    const matrix = new Matrix(stage, recording);
    const cells = new Map(cellsOf(recording).map((cell) => [nameOf(cell), cell]));
    tell({ cells: [...cells.keys()] });
    for (;;) {
      const names = await nextNames();
      if (names.length === 0) return;
      for (const name of names) tell({ verdict: await verdictOn(name, cells.get(name), matrix) });
      tell({ idle: true });
    }
  } finally {
    await stage.close();
    process.disconnect();
  }
}

async function verdictOn(name: string, cell: Cell | undefined, matrix: Matrix): Promise<Verdict> {
  const [event = '', fault = ''] = name.split(' × ');
  if (cell === undefined)
    return { event, fault, kind: 'look', complaints: ['this event did not come in a second undisturbed run'] };
  return await matrix.judge(cell);
}

function tell(message: FromWorker): void {
  process.send?.(message);
}

async function nextNames(): Promise<ToWorker> {
  return await new Promise((resolve) => process.once('message', (message) => resolve(message as ToWorker)));
}

await work(process.argv[2] as CommandName);

import { type ChildProcess, fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { builtProgram } from '../machine/paper/installer.ts';
import { chosen } from './chosen.ts';
import { type CommandName, commands } from './commands.ts';
import type { Verdict } from './matrix.ts';
import { table } from './table.ts';
import type { FromWorker, ToWorker } from './worker.ts';

/** Neighbours in the run leave the same machine: a worker that has them all fixes it once. */
const blockSize = 60;

let red = 0;
await builtProgram();
for (const command of (chosen.commands ?? Object.keys(commands)) as CommandName[]) {
  if (commands[command] === undefined)
    throw new Error(`there is no ${command}; one of: ${Object.keys(commands).join()}`);
  red += await judgeAll(command);
}
process.exitCode = red === 0 ? 0 : 1;

/** Shares the cells of a command between processes, tells them as they come, and gives the number of red ones. */
async function judgeAll(command: CommandName): Promise<number> {
  const started = performance.now();
  const verdicts: Verdict[] = [];
  let all: readonly string[] | undefined;
  let left: string[][] | undefined;
  const script = fileURLToPath(new URL('../run-script.mjs', import.meta.url));
  const codes = Array.from({ length: chosen.workers }, async () => {
    const child = fork(script, ['test/matrix/worker.ts', command]);
    child.on('message', (message: FromWorker) => {
      if ('cells' in message) {
        all ??= chosen.of(message.cells, partsOf);
        left ??= blocks(all);
      }
      if ('verdict' in message) verdicts.push(told(command, message.verdict, verdicts.length + 1));
      else give(child, chosen.isOver(started) ? [] : (left?.shift() ?? []));
    });
    return await new Promise<number>((resolve) => child.once('exit', (code) => resolve(code ?? 1)));
  });
  const failed = (await Promise.all(codes)).filter((code) => code !== 0).length;
  const missing = (all ?? []).length - verdicts.length;
  console.log(table(command, verdicts, (performance.now() - started) / 1000));
  if (missing > 0) console.log(`${missing} cells were not tried`);
  return failed + verdicts.filter(({ complaints }) => complaints.length > 0).length;
}

function partsOf(name: string): { readonly event: string; readonly fault: string } {
  const [event = '', fault = ''] = name.split(' × ');
  return { event, fault };
}

/** Neighbours together, and the blocks of them in an order in which each beginning of it is spread over the whole run. */
function blocks(names: readonly string[]): string[][] {
  const count = Math.ceil(names.length / blockSize);
  const turn = (index: number): number => (index * 0.618) % 1;
  return Array.from({ length: count }, (_, index) => index)
    .sort((a, b) => turn(a) - turn(b))
    .map((index) => names.slice(index * blockSize, (index + 1) * blockSize));
}

function give(child: ChildProcess, names: ToWorker): void {
  child.send(names);
}

function told(command: CommandName, verdict: Verdict, count: number): Verdict {
  if (verdict.complaints.length > 0) console.log(`RED  ${command}: ${verdict.event}  ×  ${verdict.fault}`);
  for (const complaint of verdict.complaints) console.log(`     ${complaint}`);
  if (count % 100 === 0) console.log(`${command}: ${count} cells`);
  return verdict;
}

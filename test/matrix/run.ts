import { fork } from 'node:child_process';
import { availableParallelism } from 'node:os';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { builtProgram } from '../machine/paper/installer.ts';
import { cellsOf, Matrix, type Verdict } from './matrix.ts';
import { openStage, record } from './recording.ts';
import { table } from './table.ts';

const options = {
  every: { type: 'string', default: '1' },
  from: { type: 'string', default: '0' },
  fault: { type: 'string', default: '' },
  event: { type: 'string', default: '' },
  part: { type: 'string', default: '' },
} as const;

const { values } = parseArgs({ options });
process.exitCode = values.part === '' ? await whole() : await onePart();

/** Shares the cells between as many processes as there are processors, each with a machine and a recording of its own. */
async function whole(): Promise<number> {
  await builtProgram();
  const parts = Math.max(1, Math.min(4, availableParallelism()));
  const started = performance.now();
  const verdicts: Verdict[] = [];
  const codes = Array.from({ length: parts }, async (_, index) => {
    const words = [...process.argv.slice(2), '--part', `${index}/${parts}`];
    const child = fork(fileURLToPath(import.meta.url), words, { execArgv: ['--import', 'tsx'] });
    child.on('message', (verdict: Verdict) => {
      verdicts.push(verdict);
      for (const complaint of verdict.complaints)
        console.log(`RED  ${verdict.event.slice(0, 150)}  ×  ${verdict.fault}\n     ${complaint}`);
      if (verdicts.length % 50 === 0) console.log(`${verdicts.length} cells`);
    });
    return await new Promise<number>((resolve) => child.once('exit', (code) => resolve(code ?? 1)));
  });
  const ended = await Promise.all(codes);
  console.log(table(verdicts, (performance.now() - started) / 1000));
  return ended.some((code) => code !== 0) || verdicts.some(({ complaints }) => complaints.length > 0) ? 1 : 0;
}

async function onePart(): Promise<number> {
  const [part = 0, parts = 1] = values.part.split('/').map(Number);
  const [every, from] = [Number(values.every), Number(values.from)];
  const stage = await openStage();
  try {
    const recording = await record(stage);
    const matrix = new Matrix(stage, recording);
    const chosen = cellsOf(recording)
      .filter(({ moment, fault }) => moment.identity.includes(values.event) && fault.name.includes(values.fault))
      .filter((_, index) => index % every === from % every)
      .filter((_, index) => index % parts === part);
    for (const cell of chosen) process.send?.(await matrix.judge(cell));
    return 0;
  } finally {
    await stage.close();
  }
}

import type { Elsewhere } from './cli/begin-work.ts';
import { prepareEnd } from './cli/signals.ts';
import { exitCodes } from './session/exit-codes.ts';
import { openOutput, sayVersion } from './ui/output.ts';

/** What Node itself exits with when a program has nothing left to run but has not finished: it waits for something that never comes. */
const neverEnded = 13;

/** Arguments in, exit code out. */
export async function main(elsewhere?: Elsewhere): Promise<void> {
  process.exitCode = neverEnded;
  await begin(elsewhere);
  if (process.exitCode === neverEnded) process.exitCode = exitCodes.done;
}

async function begin(elsewhere: Elsewhere | undefined): Promise<void> {
  // Nothing that is started here, such as mise or Claude Code's installer, may leave a program that anybody can change.
  process.umask(process.umask() | 0o022);
  const endWith = prepareEnd();
  const output = openOutput(process.stdout);
  const typed = process.argv.slice(2);
  // What other programs ask all the time is answered without loading anything, where that is possible.
  if (typed.length === 1 && typed[0] === '--version' && (await sayVersion(output))) return;
  const { answer } = await import('./cli/answer.ts');
  await answer(typed, { elsewhere, output, complaints: openOutput(process.stderr), endWith });
}

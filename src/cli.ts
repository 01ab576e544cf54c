import type { Elsewhere } from './cli/begin-work.ts';
import { prepareEnd } from './cli/signals.ts';
import { exitCodes } from './session/exit-codes.ts';
import { openOutput, sayVersion } from './ui/output.ts';

/** What Node itself says of a program that has nothing more to do and is not through: it waits for what never comes. */
const neverEnded = 13;

/** Arguments in, exit code out. */
export async function main(elsewhere?: Elsewhere): Promise<void> {
  process.exitCode = neverEnded;
  await begin(elsewhere);
  if (process.exitCode === neverEnded) process.exitCode = exitCodes.done;
}

async function begin(elsewhere: Elsewhere | undefined): Promise<void> {
  // What is started here, mise and Claude Code's installer among it, makes no program that everybody may change.
  process.umask(process.umask() | 0o022);
  const endWith = prepareEnd();
  const output = openOutput(process.stdout);
  const typed = process.argv.slice(2);
  // What programs ask at every turn waits for nothing to be loaded, unless it cannot be told.
  if (typed.length === 1 && typed[0] === '--version' && (await sayVersion(output))) return;
  const { answer } = await import('./cli/answer.ts');
  await answer(typed, { elsewhere, output, complaints: openOutput(process.stderr), endWith });
}

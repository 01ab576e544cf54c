import type { Elsewhere } from './cli/elsewhere.ts';
import { prepareEnd } from './cli/signals.ts';
import { openOutput, sayVersion } from './ui/output.ts';

/** Arguments in, exit code out. */
export async function main(elsewhere?: Elsewhere): Promise<void> {
  const endWith = prepareEnd();
  const output = openOutput(process.stdout);
  const typed = process.argv.slice(2);
  // What programs ask at every turn waits for nothing to be loaded, unless it cannot be told.
  if (typed.length === 1 && typed[0] === '--version' && (await sayVersion(output))) return;
  const { answer } = await import('./cli/answer.ts');
  await answer(typed, { elsewhere, output, complaints: openOutput(process.stderr), endWith });
}

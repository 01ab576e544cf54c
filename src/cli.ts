import { prepareEnd } from './cli/signals.ts';
import type { PathMapping } from './host/real-host.ts';
import type { Account } from './layout.ts';
import { openOutput, sayVersion } from './ui/output.ts';

/** Another ground than this machine's own. The program that is shipped is never given one: see src/claude-routing-install.ts. */
export interface Elsewhere {
  readonly account: Account;
  readonly ground: PathMapping;
  /** Where its programs are. */
  readonly searchPath: string;
  /** Said first, so that nobody takes it for this machine. */
  readonly notice: string;
}

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

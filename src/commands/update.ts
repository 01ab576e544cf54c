import type { ExitCode } from './exit-codes.ts';
import type { Program } from './program.ts';

/** Written next. */
export async function update(_program: Program, _words: readonly string[]): Promise<ExitCode> {
  throw new Error('update is not written yet');
}

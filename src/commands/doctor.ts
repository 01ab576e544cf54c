import type { ExitCode } from './exit-codes.ts';
import type { Program } from './program.ts';

/** Written next. */
export async function doctor(_program: Program, _words: readonly string[]): Promise<ExitCode> {
  throw new Error('doctor is not written yet');
}

import type { ExitCode } from './exit-codes.ts';
import type { Program } from './program.ts';

/** Written next. */
export async function uninstall(_program: Program): Promise<ExitCode> {
  throw new Error('uninstall is not written yet');
}

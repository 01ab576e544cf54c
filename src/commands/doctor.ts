import { why } from './doctor-why.ts';
import type { ExitCode } from './exit-codes.ts';
import type { Program } from './program.ts';

/** Written next. */
export async function doctor(program: Program, [verb, ...words]: readonly string[]): Promise<ExitCode> {
  if (verb === 'why') return await why(program, words);
  throw new Error('doctor is not written yet');
}

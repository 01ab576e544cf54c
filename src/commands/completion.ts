import { knownWord } from '../command-line/usage-problems.ts';
import { shellNames } from '../layout.ts';
import { type ExitCode, exitCodes } from '../session/exit-codes.ts';
import type { Program } from '../session/program.ts';

/** Prints a shell's completion. */
export async function completion(program: Program, word: string): Promise<ExitCode> {
  const { completion: texts } = await program.handbook();
  program.ui.document(texts[knownWord('shell', word, shellNames)]);
  return exitCodes.done;
}

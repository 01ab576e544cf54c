import { unknownWord, wrongUse } from '../command-line/usage-problems.ts';
import { type ShellName, shellNames } from '../layout.ts';
import { type ExitCode, exitCodes } from '../session/exit-codes.ts';
import type { Program } from '../session/program.ts';

/** Prints a shell's completion. */
export async function completion(program: Program, word: string): Promise<ExitCode> {
  const { completion: texts } = await program.handbook();
  program.ui.document(texts[shellOf(word)]);
  return exitCodes.done;
}

function shellOf(word: string): ShellName {
  const shell = shellNames.find((name) => name === word);
  if (shell === undefined) throw wrongUse(unknownWord('shell', word, shellNames));
  return shell;
}

import { Argument } from '@commander-js/extra-typings';
import { type Declaration, declared, ofLooks } from '../command-line/command.ts';
import { completing } from '../command-line/completing.ts';
import { unknownWord, wrongUse } from '../command-line/usage-problems.ts';
import { type ShellName, shellNames } from '../layout.ts';
import { type ExitCode, exitCodes } from '../session/exit-codes.ts';
import type { Program } from '../session/program.ts';

/** `completion` */
export const completionCommand: Declaration = (begin) =>
  declared('completion', {
    summary: 'print what completes this program in a shell',
    description:
      'Prints what completes commands, options, answers and checks when TAB is pressed. An installation has it in place for the shells of the account; this is for other machines.',
    examples: [
      'completion bash > claude-routing-install.bash',
      'completion zsh > _claude-routing-install',
      'completion fish > claude-routing-install.fish',
    ],
    exits: ofLooks,
  })
    .addArgument(completing(new Argument('<SHELL>', shellNames.join(', ')), 'word', async () => shellNames))
    .action((shell) => begin({ touches: 'named-files', run: async (program) => await completion(program, shell) }));

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

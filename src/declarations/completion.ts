import { Argument } from '@commander-js/extra-typings';
import { type Declaration, declared, ofLooks } from '../command-line/command.ts';
import { completing } from '../command-line/completing.ts';
import { shellNames } from '../layout.ts';

/** `completion` */
export const completionCommand: Declaration = (begin) =>
  declared('completion', {
    summary: 'print the completion script of a shell',
    description:
      'Prints the script by which TAB completes commands, options, answers and checks. An installation already has it in place for the account’s shells; this is for other machines.',
    examples: [
      'completion bash > claude-routing-install.bash',
      'completion zsh > _claude-routing-install',
      'completion fish > claude-routing-install.fish',
    ],
    exits: ofLooks,
  })
    .addArgument(completing(new Argument('<SHELL>', shellNames.join(', ')), 'word', async () => shellNames))
    .action((shell) =>
      begin(
        'named-files',
        async (program) => await (await import('../commands/completion.ts')).completion(program, shell),
      ),
    );

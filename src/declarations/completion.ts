import { Argument } from '@commander-js/extra-typings';
import { type Declaration, declared, ofLooks } from '../command-line/command.ts';
import { completing } from '../command-line/completing.ts';
import { shellNames } from '../layout.ts';

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
    .action((shell) =>
      begin({
        touches: 'named-files',
        run: async (program) => await (await import('../commands/completion.ts')).completion(program, shell),
      }),
    );

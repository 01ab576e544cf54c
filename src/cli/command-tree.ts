import { Command, type CommandUnknownOpts, Option } from '@commander-js/extra-typings';
import { allCommands, type Begin, pathOf, programName } from '../command-line/command.ts';
import { forEveryCommand, generalOptions } from '../command-line/options.ts';
import { missingWord, tooManyWords, wrongUse } from '../command-line/usage-problems.ts';
import { declarations } from '../declarations/index.ts';

/** `-h`, `--help` */
export const helpOption = new Option('-h, --help', 'what it is for, its options, examples').helpGroup(forEveryCommand);

/** Every command with its options, ready to parse one command line: the work that was typed goes to `begin`. */
export function commandTree(begin: Begin): CommandUnknownOpts {
  const root = new Command(programName)
    .description(
      'Turns this Debian 13 host into a Claude Code box, routed through a LiteLLM gateway to a model of your own and a cloud Claude. Run it as the service user.',
    )
    .usage('[COMMAND] [options]')
    .addOption(new Option('--version', 'the version of this program').helpGroup(forEveryCommand))
    .addHelpOption(helpOption)
    .helpCommand(false);
  for (const declare of declarations) root.addCommand(declare(begin));
  for (const command of everyWord(root)) complete(command);
  return root;
}

/** The command that is meant where none is named. */
export function defaultCommand(root: CommandUnknownOpts): CommandUnknownOpts {
  const [first = root] = allCommands(root);
  return first;
}

/** Every command, and every word that only leads to others. */
export function everyWord(root: CommandUnknownOpts): readonly CommandUnknownOpts[] {
  return root.commands.flatMap((command) => [command, ...everyWord(command)]);
}

/** Adds what every command takes, and has the library's complaints said in our own words. */
function complete(command: CommandUnknownOpts): void {
  for (const option of generalOptions()) {
    if (!command.options.some(({ long }) => long === option.long)) command.addOption(option);
  }
  command
    .addHelpOption(helpOption)
    .helpCommand(false)
    .allowExcessArguments(false)
    .configureOutput({ writeErr: () => undefined })
    .exitOverride(({ code, message }) => {
      if (code === 'commander.excessArguments') throw wrongUse(tooManyWords(command, pathOf(command)));
      if (code === 'commander.missingArgument') throw wrongUse(missingWord(command, pathOf(command)));
      throw wrongUse({
        code: 'command-line-unclear',
        problem: message.replace(/^error: /, ''),
        fix: `see  ${programName} ${pathOf(command)} --help`,
      });
    });
}

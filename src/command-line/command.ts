import { Command, type CommandUnknownOpts } from '@commander-js/extra-typings';
import type { ExitCode } from '../session/exit-codes.ts';
import type { Program } from '../session/program.ts';

/** What the program is called by. */
export const programName = 'claude-routing-install';

/** A command as it stands on the command line: its words, its options and its help. When it is typed, it hands on its work. */
export type Declaration = (begin: Begin) => CommandUnknownOpts;

/** Takes over the work that was typed. */
export type Begin = (work: Work) => void;

/** What a command line asks for. */
export interface Work {
  /**
   * `machine`: looks at it and judges it, or changes it, so it waits until nobody else changes it. `own-files`: only reads
   * files of this account's installation. `named-files`: reads the files that are named to it, and no other; any account may.
   */
  readonly touches: 'machine' | 'own-files' | 'named-files';
  readonly run: (program: Program) => Promise<ExitCode>;
}

/** Options that the program itself is made with, for whichever command. */
export interface ProgramOptions {
  readonly answers?: string;
  readonly set?: readonly string[];
  readonly ask?: boolean;
  readonly yes?: boolean;
  readonly json?: boolean;
  readonly verbose?: boolean;
  readonly color?: boolean;
}

/** Lines to be typed, for the end of a command's help. */
export function examples(...lines: readonly string[]): string {
  return ['', 'Examples:', ...lines.map((line) => `    ${programName} ${line}`)].join('\n');
}

/** A word that only leads to other commands, such as `secrets`. It has no summary, and is in no list of what can be typed. */
export function group(name: string, description: string): Command {
  return new Command(name).description(description).usage('COMMAND');
}

/** Whether this word only leads to others. */
export function isGroup(command: CommandUnknownOpts): boolean {
  return command.commands.length > 0 && command.summary() === '';
}

/** What can be typed, in the order in which it was declared. */
export function allCommands(root: CommandUnknownOpts): readonly CommandUnknownOpts[] {
  return root.commands.flatMap((command) => [...(isGroup(command) ? [] : [command]), ...allCommands(command)]);
}

/** The words that lead to a command, e.g. `doctor why`. */
export function pathOf(command: CommandUnknownOpts): string {
  const above = command.parent;
  return above === null || above.parent === null ? command.name() : `${pathOf(above)} ${command.name()}`;
}

export function namesOf(commands: readonly CommandUnknownOpts[]): readonly string[] {
  return commands.map((command) => command.name());
}

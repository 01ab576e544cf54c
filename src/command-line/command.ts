import { Command, type CommandUnknownOpts } from '@commander-js/extra-typings';
import { type ExitCode, exitCodes, exitCodeWords } from '../session/exit-codes.ts';
import type { Program } from '../session/program.ts';

/** What the program is called by. */
export const programName = 'claude-routing-install';

/** A command as it is typed: its words, its options and its help. When it is typed, it hands on its work. */
export type Declaration = (begin: Begin) => CommandUnknownOpts;

/** Takes over the work that was typed. */
export type Begin = (touches: Work['touches'], run: Work['run']) => void;

/** What a command line asks for. */
export interface Work {
  /**
   * `machine`: judges or changes the machine, so it waits until nobody else is changing it. `machine-later`: the same,
   * but it does the waiting itself, when it gets that far. `own-files`: only reads
   * files of this account's installation. `named-files`: reads the files that are named to it, and no other; any account may.
   */
  readonly touches: 'machine' | 'machine-later' | 'own-files' | 'named-files';
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

/** What a command says about itself besides its options. */
interface About {
  readonly summary: string;
  /** Default: the summary, as a sentence. */
  readonly description?: string;
  /** Lines to be typed behind the program's name, three of them. */
  readonly examples: readonly string[];
  /** What its exit codes say, beside those that every command may end with. */
  readonly exits: ExitWords;
}

/** Exit codes by their names, in words. */
type ExitWords = Readonly<Partial<Record<keyof typeof exitCodes, string>>>;

/** How commands that look at the account may end. */
export const ofLooks: ExitWords = usualWords('preconditionNotMet');
/** How commands that read answers may end. */
export const ofAnswers: ExitWords = usualWords('invalidAnswers');
/** How commands that change a machine may end. */
export const ofChanges: ExitWords = {
  ...usualWords('preconditionNotMet', 'locked'),
  stopped: 'a step stopped; what was done before it stays',
};
const ofAll = usualWords('done', 'usage', 'outputLost', 'hungUp', 'cancelled', 'terminated');

const known = new WeakMap<CommandUnknownOpts, About>();

/** A new command that knows what to say about itself. */
export function declared(name: string, about: About): Command {
  const command = new Command(name).summary(about.summary).description(about.description ?? sentence(about.summary));
  known.set(command, about);
  return command;
}

function sentence(summary: string): string {
  return `${summary.charAt(0).toUpperCase()}${summary.slice(1)}.`;
}

/** Lines to be typed, with the program's name. */
export function examplesOf(command: CommandUnknownOpts): readonly string[] {
  return (known.get(command)?.examples ?? []).map((line) => `${programName} ${line}`);
}

/** Every exit code that a command may end with, and what it says. */
export function exitsOf(command: CommandUnknownOpts): readonly (readonly [ExitCode, string])[] {
  const words = { ...ofAll, ...known.get(command)?.exits };
  return exitCodeWords.flatMap(([code]) => {
    const [, said] = Object.entries(words).find(([name]) => exitCodes[name as keyof typeof exitCodes] === code) ?? [];
    return said === undefined ? [] : [[code, said] as const];
  });
}

function usualWords(...names: readonly (keyof typeof exitCodes)[]): ExitWords {
  return Object.fromEntries(
    names.map((name) => [name, exitCodeWords.find(([code]) => code === exitCodes[name])?.[1] ?? '']),
  );
}

/** A word that only leads to other commands, such as `secrets`. It has no summary and is not listed among what can be typed. */
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

import type { CommandUnknownOpts, HelpConfiguration, Option } from '@commander-js/extra-typings';
import { allCommands, examplesOf, exitsOf, isGroup, pathOf, programName } from '../command-line/command.ts';
import { forEveryCommand } from '../command-line/options.ts';
import { flagsOf, wordsOf } from '../command-line/usage-problems.ts';
import { exitCodeWords } from '../session/exit-codes.ts';
import { type Line, linesOfHelp } from '../ui/wording.ts';
import { commandTree, defaultCommand, everyWord, helpOption } from './command-tree.ts';

/** What --help says about a command, or about all of them. The ui makes the lines fit, all but those that are to be copied. */
export function helpLines(command: CommandUnknownOpts): readonly Line[] {
  return linesOfHelp(helpText(command));
}

/** What --help says after each command, and on its own; written down when the package is built. */
export function helpTexts(): Readonly<Record<string, string>> {
  const root = commandTree(() => undefined);
  const below = everyWord(root).map((command) => [pathOf(command), helpText(command)]);
  return Object.fromEntries([['', helpText(root)], ...below]);
}

function helpText(command: CommandUnknownOpts): string {
  return command.parent === null ? overviewOf(command) : helpOf(command);
}

function helpOf(command: CommandUnknownOpts): string {
  const parts: string[] = [];
  command.configureHelp(ownStyle).configureOutput({ writeOut: (text) => void parts.push(text) });
  command.outputHelp();
  if (isGroup(command)) return parts.join('').trimEnd();
  const typedLines = examplesOf(command).map((line) => `    ${line}`);
  return [parts.join('').trimEnd(), ['Examples:', ...typedLines].join('\n'), exits(exitsOf(command))].join('\n\n');
}

function exits(codes: readonly (readonly [code: number, words: string])[]): string {
  return ['Exit codes:', ...codes.map(([code, words]) => `  ${String(code).padStart(3)}  ${words}`)].join('\n');
}

const ownStyle: HelpConfiguration = {
  // Nothing is wrapped here: the ui does that, as with all text.
  helpWidth: Number.POSITIVE_INFINITY,
  commandUsage: (command) => `${programName} ${pathOf(command)} ${command.usage()}`.replaceAll(/[<>]/g, ''),
  commandDescription: (command) => command.description() || command.summary(),
  optionTerm: flagsOf,
  optionDescription: ({ description }) => description,
  subcommandTerm: termOf,
};

/** All that can be typed, and what is meant when no command is named. */
function overviewOf(root: CommandUnknownOpts): string {
  const commands = allCommands(root);
  const usual = shown(defaultCommand(root));
  const general = [...usual.filter(isGeneral), ...root.options, helpOption];
  const ofOthers = commands.flatMap((command): Row[] => {
    const own = shown(command).filter(({ long }) => !usual.some((option) => option.long === long));
    return own.length === 0 ? [] : [[pathOf(command), own.map(flagsOf).join(', ')]];
  });
  return [
    `Usage: ${programName} ${root.usage()}`,
    root.description(),
    list(
      'Commands:',
      commands.map((command) => [termOf(command), command.summary()]),
    ),
    list(`Options of ${pathOf(defaultCommand(root))}:`, rowsOf(usual.filter((option) => !isGeneral(option)))),
    list('Options of individual commands:', ofOthers),
    list(forEveryCommand, rowsOf(general)),
    `All about one command:  ${programName} COMMAND --help`,
    'Every answer also has an environment variable: localModel.address is CLAUDE_ROUTING_LOCAL_MODEL_ADDRESS. Keys: ANTHROPIC_DIRECT_KEY, AZURE_API_KEY, LM_STUDIO_API_KEY. Keys are never taken from the command line.',
    exits(exitCodeWords),
  ].join('\n\n');
}

type Row = readonly [term: string, words: string];

/** The first column is as wide as the longest command; the ui wraps the second column under itself. */
function list(heading: string, rows: readonly Row[]): string {
  return [heading, ...rows.map(([term, words]) => `  ${term.padEnd(20)}  ${words}`)].join('\n');
}

function rowsOf(options: readonly Option[]): readonly Row[] {
  return options.map((option) => [flagsOf(option), option.description]);
}

/** A command with its first words, as a list shows it. */
function termOf(command: CommandUnknownOpts): string {
  return [pathOf(command), ...wordsOf(command).slice(0, 1)].join(' ');
}

function shown({ options }: CommandUnknownOpts): readonly Option[] {
  return options.filter(({ hidden }) => !hidden);
}

function isGeneral({ helpGroupHeading }: Option): boolean {
  return helpGroupHeading === forEveryCommand;
}

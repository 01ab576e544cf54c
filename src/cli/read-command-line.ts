import { parseArgs } from 'node:util';
import type { CommandUnknownOpts, Option } from '@commander-js/extra-typings';
import { allCommands, isGroup, namesOf, type ProgramOptions, pathOf, type Work } from '../command-line/command.ts';
import { strayOption, unknownOption, unknownWord, valueProblem, wrongUse } from '../command-line/usage-problems.ts';
import type { Line } from '../ui/wording.ts';
import { commandTree, defaultCommand, helpOption } from './command-tree.ts';
import { helpLines } from './help.ts';

/** What a command line asks for: words about the program, or work. */
export type CommandLine =
  | { readonly kind: 'words'; readonly lines: readonly Line[] }
  | { readonly kind: 'version'; readonly forPrograms: boolean }
  | ToDo;

/** Work, and the options that the program is made with for it. */
export interface ToDo {
  readonly kind: 'work';
  readonly options: ProgramOptions;
  readonly work: Work;
}

/** Reads a command line without the program's own name. What makes no sense is refused, with the nearest thing that does. */
export function readCommandLine(given: readonly string[]): CommandLine {
  let begun: Work | undefined;
  const root = commandTree((touches, run) => {
    begun = { touches, run };
  });
  const { words, options } = partsOf(given, optionsBelow(root));
  const names = options.map(({ name }) => name);
  if (names.includes('help')) return { kind: 'words', lines: helpLines(nearestCommand(root, words)) };
  if (names.includes('version')) return { kind: 'version', forPrograms: names.includes('json') };
  if (words[0]?.value === 'help') return { kind: 'words', lines: helpLines(commandFor(root, words.slice(1))) };
  const named = commandFor(root, words);
  const command = named === root ? defaultCommand(root) : named;
  if (isGroup(command)) throw wrongUse(unknownWord(kindBelow(command), '', namesOf(command.commands)));
  for (const { name, rawName } of options) refuseStray(name, rawName, command, root);
  const path = named === root ? [] : words.slice(0, pathOf(named).split(' ').length).map(({ index }) => index);
  command.parse(
    given.filter((_, index) => !path.includes(index)),
    { from: 'user' },
  );
  if (begun === undefined) throw new Error(`${pathOf(command)} began nothing`);
  return { kind: 'work', options: command.opts(), work: begun };
}

interface Word {
  readonly value: string;
  /** Where it stands among all. */
  readonly index: number;
}

/**
 * Words and options, apart: options may stand before the command that they belong to, and commander only looks behind it.
 * So what takes a value has to be known before the command is.
 */
function partsOf(given: readonly string[], known: ReadonlyMap<string, Option>) {
  const shapes = [...known].map(([name, { required, short }]) => {
    const type = required ? ('string' as const) : ('boolean' as const);
    return [name, { type, ...(short === undefined ? {} : { short: short.slice(1) }) }] as const;
  });
  const options = Object.fromEntries(shapes);
  const { tokens } = parseArgs({ args: [...given], options, allowPositionals: true, strict: false, tokens: true });
  for (const token of tokens) if (token.kind === 'option') refuseMalformed(token, known);
  return {
    words: tokens.filter((token): token is typeof token & Word => token.kind === 'positional'),
    options: tokens.filter((token) => token.kind === 'option'),
  };
}

interface OptionToken {
  readonly name: string;
  readonly rawName: string;
  readonly value: string | undefined;
  /** Whether it was written with `=`. */
  readonly inlineValue: boolean | undefined;
}

function refuseMalformed({ name, rawName, value, inlineValue }: OptionToken, known: ReadonlyMap<string, Option>): void {
  const option = known.get(name);
  if (option === undefined) throw wrongUse(unknownOption(rawName, [...known.keys()]));
  if (!option.required && value !== undefined) throw wrongUse(valueProblem(option, 'a value'));
  if (option.required && value === undefined) throw wrongUse(valueProblem(option, 'nothing'));
  // A single dash stands for standard input.
  const swallowed = option.required && inlineValue === false && /^-./.test(value ?? '');
  if (swallowed) throw wrongUse(valueProblem(option, 'an option'));
}

function optionsBelow(root: CommandUnknownOpts): ReadonlyMap<string, Option> {
  const all = [...root.options, helpOption, ...allCommands(root).flatMap(({ options }) => options)];
  return new Map(all.map((option) => [option.long?.slice(2) ?? '', option]));
}

function commandFor(above: CommandUnknownOpts, words: readonly Word[]): CommandUnknownOpts {
  const [word, ...others] = words;
  if (word === undefined || above.commands.length === 0) return above;
  const command = above.commands.find((candidate) => candidate.name() === word.value);
  if (command !== undefined) return commandFor(command, others);
  throw wrongUse(unknownWord(kindBelow(above), word.value, namesOf(above.commands)));
}

/** What the next word would be taken for. */
function kindBelow(command: CommandUnknownOpts): string {
  return command.parent === null ? 'command' : `${pathOf(command)} command`;
}

/** The command whose help is wanted: who asks for help need not know the words yet. */
function nearestCommand(above: CommandUnknownOpts, [word, ...others]: readonly Word[]): CommandUnknownOpts {
  const command = above.commands.find((candidate) => candidate.name() === word?.value);
  return command === undefined ? above : nearestCommand(command, others);
}

function refuseStray(name: string, rawName: string, command: CommandUnknownOpts, root: CommandUnknownOpts): void {
  const takes = ({ options }: CommandUnknownOpts) => options.some(({ long }) => long === `--${name}`);
  if (takes(command)) return;
  throw wrongUse(strayOption(rawName, allCommands(root).filter(takes).map(pathOf), pathOf(command)));
}

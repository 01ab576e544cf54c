import type { CommandUnknownOpts, Option } from '@commander-js/extra-typings';
import { examplesOf, exitsOf, isGroup, pathOf } from '../command.ts';
import { forEveryCommand, type Values, valuesOf } from '../options.ts';
import { flagsOf, wordsOf } from '../usage-problems.ts';

/** A command line as data: what every shell's completion and the manual are made from. */
export interface Described {
  /** The words that lead to it; none for the program itself. */
  readonly path: string;
  /** Whether it can be typed alone, and does not only lead to others. */
  readonly typed: boolean;
  readonly summary: string;
  readonly description: string;
  /** Its words, as in a usage line. */
  readonly usage: readonly string[];
  readonly options: readonly DescribedOption[];
  readonly words: readonly DescribedWord[];
  readonly below: readonly { readonly name: string; readonly summary: string }[];
  readonly examples: readonly string[];
  readonly exits: readonly (readonly [code: number, words: string])[];
}

export interface DescribedOption {
  /** As it is typed, with two dashes. */
  readonly flag: string;
  readonly short: string | undefined;
  /** As in a usage line, e.g. `--answers FILE`. */
  readonly usage: string;
  readonly summary: string;
  /** Whether every command takes it. */
  readonly general: boolean;
  /** Undefined where it takes none. */
  readonly value: DescribedWord | undefined;
}

export interface DescribedWord {
  readonly name: string;
  readonly variadic: boolean;
  readonly kind: Values['kind'] | 'unknown';
  /** Every value that it can have, where that is known. */
  readonly known: readonly string[];
}

/** The program, and every command below it. */
export async function described(root: CommandUnknownOpts, help: Option): Promise<readonly Described[]> {
  const everywhere = [...root.options, help];
  return await Promise.all(allBelow(root).map(async (command) => await describedCommand(command, everywhere)));
}

function allBelow(command: CommandUnknownOpts): readonly CommandUnknownOpts[] {
  return [command, ...command.commands.flatMap(allBelow)];
}

async function describedCommand(command: CommandUnknownOpts, everywhere: readonly Option[]): Promise<Described> {
  const { root, first } = ends(command);
  const meant = command === root ? first : command;
  const options = [...meant.options.filter(({ hidden }) => !hidden), ...everywhere];
  return {
    path: command === root ? '' : pathOf(command),
    typed: command !== root && !isGroup(command),
    summary: command.summary() || command.description(),
    description: command.description(),
    usage: wordsOf(command),
    options: await Promise.all(options.map(describedOption)),
    words: await Promise.all(
      command.registeredArguments.map(async (word) => await describedWord(word.name(), word.variadic, valuesOf(word))),
    ),
    below: command.commands.map((one) => ({ name: one.name(), summary: one.summary() || one.description() })),
    examples: examplesOf(command),
    exits: exitsOf(command),
  };
}

/** The program that a command belongs to, and what is meant where none of its commands is named. */
function ends(command: CommandUnknownOpts): { root: CommandUnknownOpts; first: CommandUnknownOpts } {
  const root = command.parent === null ? command : ends(command.parent).root;
  return { root, first: root.commands[0] ?? root };
}

async function describedOption(option: Option): Promise<DescribedOption> {
  const { long = '', short, description } = option;
  const name = /<(.*)>/.exec(option.flags)?.[1];
  const value = name === undefined ? undefined : await describedWord(name, false, valuesOf(option));
  const general = option.helpGroupHeading === forEveryCommand;
  return { flag: long, short, usage: flagsOf(option), summary: description, general, value };
}

async function describedWord(name: string, variadic: boolean, values: Values | undefined): Promise<DescribedWord> {
  return { name, variadic, kind: values?.kind ?? 'unknown', known: (await values?.known?.()) ?? [] };
}

/** Every option that is followed by a value, by whichever command it is taken. */
export function valuedFlags(commands: readonly Described[]): readonly string[] {
  const flags = commands.flatMap(({ options }) =>
    options.flatMap(({ flag, value }) => (value === undefined ? [] : flag)),
  );
  return [...new Set(flags)];
}

/** Every answer that can be given, as it is typed behind `--set`. */
export function answerWordsOf(commands: readonly Described[]): readonly string[] {
  const values = commands.flatMap(({ options }) => options.flatMap(({ value }) => value ?? []));
  return values.find(({ kind }) => kind === 'answer')?.known ?? [];
}

/** Keys with the same value, together, in the order in which their first one came. */
export function grouped<Key>(
  pairs: readonly (readonly [Key, string])[],
): readonly (readonly [readonly Key[], string])[] {
  const found = new Map<string, Key[]>();
  for (const [key, value] of pairs) found.set(value, [...(found.get(value) ?? []), key]);
  return [...found].map(([value, keys]) => [keys, value] as const);
}

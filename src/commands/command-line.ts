import { parseArgs } from 'node:util';
import { nearestOf } from '../answers/answers-file.ts';
import type { Problem } from '../problem.ts';
import { failure, type Result, success } from '../result.ts';
import type { Flags } from './program.ts';

/** Every command, in the order of --help, with the options that not every command understands and whether words may follow it. */
const commands = {
  install: { options: ['dry-run'] },
  plan: { options: ['dry-run'] },
  status: {},
  doctor: { options: ['fix', 'dry-run'], words: true },
  drill: {},
  usage: { options: ['days'] },
  update: { options: ['check', 'image', 'dry-run'], words: true },
  secrets: { options: ['from'], words: true },
  restore: { options: ['dry-run'], words: true },
  uninstall: { options: ['purge', 'dry-run'] },
  answers: { words: true },
  'prepare-host': { options: ['user', 'authorized-key', 'print-script'] },
} as const satisfies Readonly<Record<string, CommandShape>>;

interface CommandShape {
  readonly options?: readonly OptionName[];
  /** Whether the command takes further words, such as `answers check FILE`. */
  readonly words?: boolean;
}

export type CommandName = keyof typeof commands;
export const commandNames = Object.keys(commands) as readonly CommandName[];

const options = {
  answers: { type: 'string' },
  yes: { type: 'boolean' },
  'dry-run': { type: 'boolean' },
  fix: { type: 'boolean' },
  check: { type: 'boolean' },
  image: { type: 'string' },
  purge: { type: 'boolean' },
  ask: { type: 'boolean' },
  json: { type: 'boolean' },
  verbose: { type: 'boolean' },
  'no-color': { type: 'boolean' },
  only: { type: 'string', multiple: true },
  skip: { type: 'string', multiple: true },
  set: { type: 'string', multiple: true },
  days: { type: 'string' },
  from: { type: 'string' },
  user: { type: 'string' },
  'authorized-key': { type: 'string' },
  'print-script': { type: 'boolean' },
  version: { type: 'boolean' },
  help: { type: 'boolean', short: 'h' },
} as const;

type OptionName = keyof typeof options;
type Values = ReturnType<typeof parse>['values'];

/** What the words of a command line say. */
export interface CommandLine {
  readonly command: CommandName;
  /** Words behind the command. */
  readonly words: readonly string[];
  readonly flags: Flags;
  readonly version: boolean;
  readonly help: boolean;
  readonly noColor: boolean;
}

/** Reads a command line without the program's own name; a word or an option that nobody knows is told with the nearest one. */
export function readCommandLine(given: readonly string[]): Result<CommandLine> {
  const parsed = parsedWords(given);
  if (!parsed.ok) return parsed;
  const { values, positionals } = parsed.value;
  const [word = 'install', ...words] = positionals;
  const command = commandNames.find((name) => name === word);
  const { version = false, help = false, 'no-color': noColor = false } = values;
  if (command === undefined && !version && !help) return failure(unknownWord('command', word, commandNames));
  const known = command ?? 'install';
  const misplaced = version || help ? undefined : (strayWord(known, words) ?? strayOption(known, values));
  if (misplaced !== undefined) return failure(misplaced);
  const days = wholeNumber(values.days);
  if (!days.ok) return days;
  return success({ command: known, words, flags: flagsOf(values, days.value), version, help, noColor });
}

/** That a word is missing or unknown, with the nearest of those that are known. */
export function unknownWord(kind: string, word: string, known: readonly string[]): Problem {
  const nearest = nearestOf(word, known);
  const hint = nearest === undefined ? '' : `; did you mean ${nearest}?`;
  return {
    problem: word === '' ? `the ${kind} is missing` : `there is no ${kind} ${word}${hint}`,
    fix: known.length === 0 ? 'see  claude-routing-install --help' : `one of: ${known.join(', ')}`,
  };
}

function parse(words: readonly string[]) {
  return parseArgs({ args: [...words], options, allowPositionals: true, strict: true });
}

function parsedWords(words: readonly string[]): Result<ReturnType<typeof parse>> {
  try {
    return success(parse(words));
  } catch (error) {
    const said = error instanceof Error ? error.message : String(error);
    const option = /'(-[^' ]*)/.exec(said)?.[1] ?? '';
    const nearest = nearestOf(option.replace(/^-+/, ''), Object.keys(options));
    const hint = nearest === undefined ? '' : `; did you mean --${nearest}?`;
    return failure({ problem: `${said.split(/\. |\n/)[0] ?? said}${hint}`, fix: 'see  claude-routing-install --help' });
  }
}

function strayWord(command: CommandName, words: readonly string[]): Problem | undefined {
  const shape: CommandShape = commands[command];
  return shape.words === true || words[0] === undefined ? undefined : unknownWord('argument', words[0], []);
}

function strayOption(command: CommandName, values: Values): Problem | undefined {
  const shapes = Object.entries(commands) as readonly (readonly [CommandName, CommandShape])[];
  const owners = (name: OptionName) => shapes.filter(([, { options: own }]) => own?.includes(name)).map(([of]) => of);
  const given = (Object.keys(options) as OptionName[]).filter((name) => values[name] !== undefined);
  const stray = given.find((name) => owners(name).length > 0 && !owners(name).includes(command));
  if (stray === undefined) return undefined;
  return {
    problem: `--${stray} belongs to ${owners(stray).join(', ')}, not to ${command}`,
    fix: 'see  claude-routing-install --help',
  };
}

function wholeNumber(typed: string | undefined): Result<number | undefined> {
  if (typed === undefined) return success(undefined);
  if (/^[1-9]\d{0,3}$/.test(typed)) return success(Number(typed));
  return failure({ problem: `--days ${typed} is not a number of days`, fix: 'a whole number, e.g.  --days 30' });
}

function flagsOf(values: Values, days: number | undefined): Flags {
  const list = (words: readonly string[] | undefined) =>
    (words ?? []).flatMap((word) => word.split(',')).filter((word) => word !== '');
  return {
    answers: values.answers,
    yes: values.yes === true,
    dryRun: values['dry-run'] === true,
    fix: values.fix === true,
    check: values.check === true,
    image: values.image,
    purge: values.purge === true,
    ask: values.ask === true,
    json: values.json === true,
    verbose: values.verbose === true,
    only: list(values.only),
    skip: list(values.skip),
    set: values.set ?? [],
    days,
    from: values.from,
    prepare: {
      user: values.user,
      authorizedKey: values['authorized-key'],
      printScript: values['print-script'] === true,
    },
  };
}

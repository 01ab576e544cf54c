import type { CommandUnknownOpts, Option } from '@commander-js/extra-typings';
import { looksLikeKey } from '../host/secret.ts';
import type { Problem } from '../problem.ts';
import { exitCodes } from '../session/exit-codes.ts';
import { Refused } from '../session/program.ts';
import { didYouMean } from '../text/nearest.ts';

const seeHelp = 'see  claude-routing-install --help';

/** Ends with the exit code for wrong use of the command line. */
export function wrongUse(problem: Problem): Refused {
  return new Refused(exitCodes.usage, problem);
}

/** That a word is missing or unknown, with the nearest of those that are known. */
export function unknownWord(kind: string, word: string, known: readonly string[]): Problem {
  const fix = known.length === 0 ? seeHelp : `one of: ${known.join(', ')}`;
  if (word === '') return { code: 'word-missing', problem: `the ${kind} is missing`, fix };
  if (looksLikeKey(word))
    return {
      code: 'secret-on-command-line',
      problem: `the word in place of the ${kind} looks like a secret, which must not be on a command line`,
      fix,
    };
  return { code: 'word-unknown', problem: `there is no ${kind} ${word}${didYouMean(word, known)}`, fix };
}

/** The one of these words that was typed; any other is refused. */
export function knownWord<Known extends string>(kind: string, word: string, known: readonly Known[]): Known {
  const found = known.find((one) => one === word);
  if (found === undefined) throw wrongUse(unknownWord(kind, word, known));
  return found;
}

/** That no command has such an option. What was given as its value may be a key, and is not repeated. */
export function unknownOption(flag: string, known: readonly string[]): Problem {
  const nearest = didYouMean(flag.replace(/^-+/, ''), known, '--');
  return { code: 'option-unknown', problem: `Unknown option '${flag}'${nearest}`, fix: seeHelp };
}

/** That an option lacks its value, or has one that it does not take. */
export function valueProblem(option: Option, gives: 'nothing' | 'an option' | 'a value'): Problem {
  const { long = '' } = option;
  if (gives === 'a value')
    return { code: 'option-value-wrong', problem: `${long} takes no value`, fix: `${long} alone; ${seeHelp}` };
  const problem =
    gives === 'nothing' ? `${long} lacks its value` : `${long} is followed by an option instead of its value`;
  return { code: 'option-value-wrong', problem, fix: `${flagsOf(option)}; ${seeHelp}` };
}

/** That an option is another command's. */
export function strayOption(flag: string, owners: readonly string[], path: string): Problem {
  return {
    code: 'option-unknown',
    problem: `${flag} belongs to ${owners.join(', ')}, not to ${path}`,
    fix: `see  claude-routing-install ${path} --help`,
  };
}

/** That a command was given more words than it takes. Those may be a key, and are repeated only where none is asked for. */
export function tooManyWords(command: CommandUnknownOpts, path: string): Problem {
  const taken = command.registeredArguments.length;
  if (taken === 0) return unknownWord('argument', command.args[0] ?? '', []);
  return {
    code: 'command-line-unclear',
    problem: `${path} takes no more than ${taken === 1 ? 'one word' : `${taken} words`}`,
    fix: usage(command, path),
  };
}

/** That a word is missing without which a command cannot work. */
export function missingWord(command: CommandUnknownOpts, path: string): Problem {
  const missing = command.registeredArguments[command.args.length];
  const name = missing?.name() ?? 'word';
  return {
    code: 'word-missing',
    problem: `${path} needs a ${name}`,
    fix: `${usage(command, path)}   where ${name} is ${missing?.description}`,
  };
}

function usage(command: CommandUnknownOpts, path: string): string {
  return ['claude-routing-install', path, ...wordsOf(command)].join(' ');
}

/** The words that a command takes, as a usage line has them: `[NAME]` for one that may be left out. */
export function wordsOf({ registeredArguments }: CommandUnknownOpts): readonly string[] {
  return registeredArguments.map((argument) => {
    const name = `${argument.name()}${argument.variadic ? '...' : ''}`;
    return argument.required ? name : `[${name}]`;
  });
}

/** An option as a person would type it. */
export function flagsOf({ flags }: Option): string {
  return flags.replaceAll(/[<>]/g, '');
}

/** What --only and --skip name, by id. */
export interface Selection {
  /** All when it is empty. */
  readonly only: readonly string[];
  readonly skip: readonly string[];
}

/** What they leave, in the same order. An unknown name is refused, with the nearest known one. */
export function selected<Thing extends { readonly id: string }>(
  kind: string,
  things: readonly Thing[],
  { only, skip }: Selection,
): readonly Thing[] {
  const known = things.map(({ id }) => id);
  for (const id of [...only, ...skip]) knownWord(kind, id, known);
  return things.filter(({ id }) => (only.length === 0 || only.includes(id)) && !skip.includes(id));
}

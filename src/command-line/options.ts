import { type Argument, Option } from '@commander-js/extra-typings';

/** Heading over what every command takes. */
export const forEveryCommand = 'With every command:';

/** `--answers` */
export const answersFile = () => new Option('--answers <FILE>', 'answers as YAML or JSON');
/** `--set`; later ones win. */
export const setting = () =>
  completing(
    new Option('--set <KEY=VALUE>', 'one answer, e.g. --set localModel.address=10.0.0.5; may be repeated')
      .argParser((word, before: readonly string[]) => [...before, word])
      .default([]),
    'answer',
    async () => (await import('../config/answers-file.ts')).answerWords(),
  );
/** `--ask` */
export const askAll = () => new Option('--ask', 'ask all questions again, with your answers as defaults');
/** `--yes` */
export const yes = () => new Option('--yes', 'agree to everything shown; never ask');
/** `--only` */
export const only = (things: string, known?: Known) =>
  completing(new Option('--only <A,B>', `only these ${things}`).argParser(listed).default(none), 'list', known);
/** `--skip` */
export const skip = (things: string, known?: Known) =>
  completing(new Option('--skip <A,B>', `all ${things} but these`).argParser(listed).default(none), 'list', known);
/** `--dry-run` */
export const dryRun = (words = 'show it and change nothing') => new Option('--dry-run', words);
/** `--verbose`, where a command itself tells more. */
export const verbose = (words = 'every command and difference') => new Option('--verbose', words);

/** What `--only` and `--skip` know of an installation. */
export const stepIds: Known = async () => (await import('../registry/steps.ts')).steps.map(({ id }) => id);

const none: readonly string[] = [];

/** A list in one word or in several: `--only a,b --only c`. */
function listed(word: string, before: readonly string[]): readonly string[] {
  return [...before, ...word.split(',').filter((part) => part !== '')];
}

/**
 * What may stand in any command line, so that a script can have the same options before every command. Shown in a command's
 * help where the command declares them itself, or where they concern how it speaks.
 */
export function generalOptions(): readonly Option[] {
  const speaking = [
    new Option('--json', 'one JSON object a line'),
    new Option('--verbose', 'show every command that is run'),
    new Option('--no-color', 'no colours (also NO_COLOR)'),
  ].map((option) => option.helpGroup(forEveryCommand));
  const hidden = [answersFile(), setting(), askAll(), yes(), only('steps'), skip('steps')];
  return [...speaking, ...hidden.map((option) => option.hideHelp())];
}

/** What a word on the command line can be, as far as that is known: for the completion of the shells. */
export interface Values {
  /** `answer`: a key of the answers with its value; `word`: one of `known`; `list`: several, separated by commas. */
  readonly kind: 'file' | 'answer' | 'word' | 'list';
  readonly known?: Known;
}

/** Everything that can be meant. A promise, because some of it is only known by parts of the program that take time to load. */
type Known = () => Promise<readonly string[]>;

const given = new WeakMap<Typed, Values>();

type Typed = Argument | Option;

/** Gives an option or an argument what it can be. One whose value is called FILE takes files anyway. */
export function completing<Word extends Typed>(typed: Word, kind: Values['kind'], known?: Known): Word {
  given.set(typed, known === undefined ? { kind } : { kind, known });
  return typed;
}

/** What an option's value or an argument can be; undefined where nothing is known. */
export function valuesOf(typed: Typed): Values | undefined {
  const named = 'flags' in typed ? typed.flags : typed.name();
  return given.get(typed) ?? (/(?:^|<)FILE/.test(named) ? { kind: 'file' } : undefined);
}

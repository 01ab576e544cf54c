import type { Argument, Option } from '@commander-js/extra-typings';

/** What a word on the command line can be, as far as that is known: for the completion of the shells. */
export interface Values {
  /** Files of the person; `answer`: a key of the answers with its value; `word`: one of `known`; `list`: several, with commas between. */
  readonly kind: 'file' | 'answer' | 'word' | 'list';
  readonly known?: Known;
}

/** Everything that can be meant. A promise, because some of it is only known by parts of the program that take time to load. */
export type Known = () => Promise<readonly string[]>;

const given = new WeakMap<Typed, Values>();

type Typed = Argument | Option;

/** An option or an argument, with what it can be. One whose value is called FILE takes files, without being told. */
export function completing<Word extends Typed>(typed: Word, kind: Values['kind'], known?: Known): Word {
  given.set(typed, known === undefined ? { kind } : { kind, known });
  return typed;
}

/** What an option's value or an argument can be; undefined where nothing is known. */
export function valuesOf(typed: Typed): Values | undefined {
  const named = 'flags' in typed ? typed.flags : typed.name();
  return given.get(typed) ?? (/(?:^|<)FILE/.test(named) ? { kind: 'file' } : undefined);
}

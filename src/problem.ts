import type { ProblemCode } from './problem-codes/index.ts';

/** Bad news as a value: what is wrong and where, and the exact thing to type or do. */
export interface Problem {
  /** The cause, for programs and for whoever has to react to it: words may change at any time, these do not. */
  readonly code: ProblemCode;
  readonly problem: string;
  readonly fix: string;
  /** Where it is in one of the person's files, and what is said about that place alone, for whoever shows the two separately. */
  readonly at?: { readonly line: number; readonly says: string };
  /** Something the person can agree to that settles it: a yes-or-no key of the answers, and what to call it in a list. */
  readonly agreement?: { readonly key: string; readonly label: string };
}

/** Just the problem, out of a value that has more fields. */
export function problemOf({ code, problem, fix }: Problem): Problem {
  return { code, problem, fix };
}

/** A row of a table of errors: how one is recognised, and what it means. */
export interface ErrorRow<Seen> extends Pick<Problem, 'code'> {
  readonly when: (seen: Seen) => boolean;
  readonly problem: string | ((seen: Seen) => string);
  readonly fix: string | ((seen: Seen) => string);
}

/** What an error means by the first row that fits; undefined where none does. */
export function meaningIn<Seen>(rows: readonly ErrorRow<Seen>[], seen: Seen): Problem | undefined {
  const row = rows.find(({ when }) => when(seen));
  if (row === undefined) return undefined;
  const inWords = (words: ErrorRow<Seen>['fix']) => (typeof words === 'string' ? words : words(seen));
  return { code: row.code, problem: inWords(row.problem), fix: inWords(row.fix) };
}

/**
 * What was looked for, or why there is none. Only `ok` tells which of the two it is: a field that
 * happens to exist says nothing, since a value may get one of that name tomorrow.
 */
export type Result<Value, Failure = Problem> =
  | { readonly ok: true; readonly value: Value }
  | { readonly ok: false; readonly problem: Failure };

/** A result that was found. */
export function success<Value>(value: Value): { readonly ok: true; readonly value: Value } {
  return { ok: true, value };
}

/** A result that says why there is none. */
export function failure<Failure>(problem: Failure): { readonly ok: false; readonly problem: Failure } {
  return { ok: false, problem };
}

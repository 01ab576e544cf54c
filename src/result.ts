import type { Problem } from './problem.ts';

/**
 * What was looked for, or why there is none. Which of the two it is stands in `ok` and nowhere else: a field that
 * happens to exist says nothing, since a value may get one of that name tomorrow.
 */
export type Result<Value, Failure = Problem> =
  | { readonly ok: true; readonly value: Value }
  | { readonly ok: false; readonly problem: Failure };

/** What was looked for. */
export function success<Value>(value: Value): { readonly ok: true; readonly value: Value } {
  return { ok: true, value };
}

/** Why there is none. */
export function failure<Failure>(problem: Failure): { readonly ok: false; readonly problem: Failure } {
  return { ok: false, problem };
}

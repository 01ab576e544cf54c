import type { Result } from '../src/problem.ts';

/** The value of a result that has to have one: a problem in its place fails the test, in its own words. */
export function valueIn<Value>(result: Result<Value, unknown>): Value {
  if (result.ok) return result.value;
  throw new Error(JSON.stringify(result.problem));
}

/** The other way round. */
export function problemIn<Failure>(result: Result<unknown, Failure>): Failure {
  if (!result.ok) return result.problem;
  throw new Error('there was no problem');
}

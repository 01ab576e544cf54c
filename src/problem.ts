import type { ProblemCode } from './problem-codes/index.ts';

/** Bad news as a value: what is wrong and where, and the exact thing to type or do. */
export interface Problem {
  /** The cause, for programs and for whoever has to react to it: words may change at any time, these do not. */
  readonly code: ProblemCode;
  readonly problem: string;
  readonly fix: string;
  /** Where in a file of the person it stands, and what is said of that place alone: for who shows the two apart. */
  readonly at?: { readonly line: number; readonly says: string };
  /** Something that the person may agree to, which settles it: a yes-or-no key of the answers, and what to call it in a list. */
  readonly agreement?: { readonly key: string; readonly label: string };
}

/** The problem alone, out of a value that says more than that. */
export function problemOf({ code, problem, fix }: Problem): Problem {
  return { code, problem, fix };
}

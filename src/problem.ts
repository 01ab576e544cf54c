/** Bad news as a value: what is wrong and where, and the exact thing to type or do. */
export interface Problem {
  readonly problem: string;
  readonly fix: string;
  /** Something that the person may agree to, which settles it: a yes-or-no key of the answers, and what to call it in a list. */
  readonly agreement?: { readonly key: string; readonly label: string };
}

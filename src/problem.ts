/** Bad news as a value: what is wrong and where, and the exact thing to type or do. */
export interface Problem {
  readonly problem: string;
  readonly fix: string;
  /** Where in a file of the person it stands, and what is said of that place alone: for who shows the two apart. */
  readonly at?: { readonly line: number; readonly says: string };
  /** Something that the person may agree to, which settles it: a yes-or-no key of the answers, and what to call it in a list. */
  readonly agreement?: { readonly key: string; readonly label: string };
}

/** Bad news as a value: what is wrong and where, and the exact thing to type or do. */
export interface Problem {
  readonly problem: string;
  readonly fix: string;
}

/** What a check found out. A warning does not stop the run. */
export type Finding =
  | { readonly status: 'ok'; readonly note: string }
  | ({ readonly status: 'warning' } & Problem)
  | ({ readonly status: 'stop' } & Problem);

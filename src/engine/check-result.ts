import type { Problem } from '../problem.ts';

/** What a check found out. A warning does not stop the run. */
export type CheckResult =
  | { readonly status: 'ok'; readonly note: string }
  | ({ readonly status: 'warning' } & Problem)
  | ({ readonly status: 'stop' } & Problem);

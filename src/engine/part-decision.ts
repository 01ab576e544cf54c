import type { Problem } from '../problem.ts';

/** What can be brought up to date, in the order in which it is done. */
export const partNames = ['launchers', 'gateway', 'claude-code', 'mise'] as const;
export type PartName = (typeof partNames)[number];

/** What to do about a part. `Target`: what it would become. */
export type Decision<Target> =
  | { readonly status: 'current'; readonly note: string; readonly warning?: Problem }
  | { readonly status: 'pending'; readonly target: Target; readonly does: string; readonly warning?: Problem }
  /** Not known, or must not be done. */
  | ({ readonly status: 'stuck' } & Problem);

/** What was found out about a part, in words beside the decision. */
export interface PartLook<Target = unknown> {
  readonly part: PartName;
  readonly runs: string;
  readonly newest: string;
  readonly decision: Decision<Target>;
}

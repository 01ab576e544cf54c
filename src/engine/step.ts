import type { Probe } from '../host/host.ts';
import type { Problem, Result } from '../problem.ts';
import type { Resource } from '../resources/resource.ts';

/** What a check found out. A warning does not stop the run. */
export type CheckResult =
  | { readonly status: 'ok'; readonly note: string }
  | ({ readonly status: 'warning' } & Problem)
  | ({ readonly status: 'stop' } & Problem);

/** One phase of the work as a declaration: what must be true first, what is wanted, and how it is proven. */
export interface Step<Context> {
  readonly id: string;
  readonly title: string;
  /** One sentence for the person who asks what this is for. */
  readonly why: string;
  /** Phase of the manual guide that this replaces. */
  readonly guidePhase: string;
  /** Why it is not needed with these answers; undefined if it is. */
  readonly notNeeded?: (context: Context) => string | undefined;
  readonly requires?: readonly Requirement<Context>[];
  readonly resources: (context: Context, probe: Probe) => readonly Resource[] | Promise<readonly Resource[]>;
  /** What can be started during earlier steps. It promises nothing: what is still missing in its turn, the step does itself. */
  readonly ahead?: (context: Context) => Resource | undefined;
  /** Run after changes, and each time when `always` is set. */
  readonly proofs?: readonly Proof<Context>[];
  /** Its proofs speak for the whole installation: they run whenever anything changed, or was never proven. */
  readonly provesEverything?: boolean;
  /** Said at the end of a run, once the step is in place: what is left to do by hand, useful commands. */
  readonly advice?: (context: Context) => readonly string[];
}

export interface Requirement<Context> {
  readonly name: string;
  readonly run: (probe: Probe, context: Context) => Promise<CheckResult>;
}

export interface Proof<Context> {
  readonly name: string;
  /** Cheap enough to be repeated when nothing was changed. */
  readonly always?: boolean;
  readonly run: (probe: Probe, context: Context, report: (waiting: string) => void) => Promise<ProofResult>;
}

/** What was shown to work, or why it does not. */
export type ProofResult = Result<Proven>;

export interface Proven {
  readonly note: string;
  readonly warning?: Problem;
}

/** How a step ended. */
export type Outcome =
  | { readonly status: 'not-needed'; readonly reason: string }
  | { readonly status: 'in-place' }
  /** Nothing was changed, and it was shown to work. */
  | { readonly status: 'proven' }
  | { readonly status: 'done'; readonly changes: number }
  | { readonly status: 'planned'; readonly changes: number; readonly later: number }
  | { readonly status: 'declined' }
  /** The person asked to stop while it ran. */
  | { readonly status: 'cancelled' }
  | ({ readonly status: 'stopped' } & Problem);

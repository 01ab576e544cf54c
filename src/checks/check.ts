import type { ProblemCode } from '../problem-codes/index.ts';
import type { Resource } from '../resources/resource.ts';
import type { ResourceId } from '../resources/resource-id.ts';
import type { CheckContext, InstalledCheckContext } from './check-context.ts';
import type { Evidence, Finding } from './finding.ts';

/** What a finding is told by when its step has several of one code: thirty files that a new release wants otherwise are one fact. */
export interface OneOfMany {
  /** The step's title. */
  readonly step: string;
  /** What is true of all of them. */
  readonly problem: string;
  /** What this one adds. */
  readonly part: Evidence;
}

/** One thing that can be wrong. The look only looks; what it makes of what it saw is decided by a pure function. */
export type Check = {
  /** Stable, for --only and for programs. */
  readonly id: string;
  /** What is looked at, in a few words. */
  readonly about: string;
} & (
  | { readonly on: 'machine'; readonly look: (examination: CheckContext) => Promise<readonly CheckFinding[]> }
  /** Asked only where there is an installation whose answers can be used. */
  | {
      readonly on: 'installation';
      readonly look: (examination: InstalledCheckContext) => Promise<readonly CheckFinding[]>;
    }
);

/** What a finding says, without what is done about it. */
export interface Words {
  readonly code: ProblemCode;
  /** What the person sees of it. */
  readonly symptom: string;
  /** The cause. */
  readonly problem: string;
  readonly evidence: readonly Evidence[];
  /** Default `broken`. */
  readonly severity?: Finding['severity'];
  /** Resources that it accounts for although it does not fix them: the look for drift leaves them out. */
  readonly explains?: readonly ResourceId[];
  readonly oneOfMany?: OneOfMany;
}

/** What a look found: --fix does something about it (`fixWith`), or only a person can, by typing `fix`. */
export type CheckFinding = Words &
  (
    | { readonly fix: string; readonly fixWith?: never }
    | { readonly fixWith: readonly Resource[]; readonly fix?: never }
  );

/** The resources of a step with these ids. */
export function byId(resources: readonly Resource[], ...ids: readonly ResourceId[]): readonly Resource[] {
  return resources.filter(({ id }) => ids.includes(id));
}

import type { ProblemCode } from '../problem-codes/index.ts';
import type { Resource } from '../resources/resource.ts';
import type { ResourceId } from '../resources/resource-id.ts';
import type { CheckContext, InstalledCheckContext } from './check-context.ts';
import type { Evidence, Finding } from './finding.ts';

/** A finding, and the resources of the steps that it accounts for although it does not fix them. */
export interface CheckFinding extends Finding {
  /** The look for drift leaves them out. */
  readonly explains?: readonly ResourceId[];
  readonly oneOfMany?: OneOfMany;
}

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

/** What a finding is made of, but for its name. */
export interface Words {
  readonly code: ProblemCode;
  readonly symptom: string;
  readonly problem: string;
  readonly evidence: readonly Evidence[];
  readonly severity?: Finding['severity'];
  readonly explains?: readonly ResourceId[];
  readonly oneOfMany?: OneOfMany;
}

/** Something that --fix fixes. */
export function fixable(check: string, words: Words, fixWith: readonly Resource[]): CheckFinding {
  const fix = `claude-routing-install doctor --fix --only ${check}`;
  return { check, fix, fixWith, severity: 'broken', ...words };
}

/** Something that only a person can fix: `fix` is what to type. */
export function byHand(check: string, words: Words, fix: string): CheckFinding {
  return { check, fix, severity: 'broken', ...words };
}

/** The resources of a step with these ids. */
export function byId(resources: readonly Resource[], ...ids: readonly ResourceId[]): readonly Resource[] {
  return resources.filter(({ id }) => ids.includes(id));
}

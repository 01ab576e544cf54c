import type { Effect } from '../host/host.ts';
import type { Problem } from '../problem.ts';
import type { Plan } from '../resources/resource.ts';
import type { ResourceId } from '../resources/resource-id.ts';
import type { Outcome } from './step.ts';

/** Everything that can be reported while steps run. Words are made from it in one place, JSON lines in another. */
export type Event =
  | { readonly type: 'step-began'; readonly step: StepName }
  | { readonly type: 'check-warned'; readonly step: StepName; readonly check: string; readonly finding: Problem }
  | {
      readonly type: 'planned';
      readonly step: StepName;
      readonly resource: string;
      readonly id: ResourceId;
      readonly plan: Plan;
    }
  | {
      readonly type: 'effect-began';
      readonly step: StepName;
      readonly resource: string;
      readonly id: ResourceId;
      readonly effect: Effect;
    }
  | {
      readonly type: 'effect-ended';
      readonly step: StepName;
      readonly resource: string;
      readonly id: ResourceId;
      readonly effect: Effect;
      readonly ms: number;
      readonly backup?: string;
    }
  | {
      readonly type: 'effect-failed';
      readonly step: StepName;
      readonly resource: string;
      readonly id: ResourceId;
      readonly effect: Effect;
      readonly message: string;
      readonly output: readonly string[];
    }
  | { readonly type: 'waiting'; readonly step: StepName; readonly forWhat: string }
  | {
      readonly type: 'proven';
      readonly step: StepName;
      readonly proof: string;
      readonly result: string;
      readonly ms: number;
    }
  | { readonly type: 'proof-warned'; readonly step: StepName; readonly proof: string; readonly finding: Problem }
  /** Something that is left in its place, with the reason and what would take it away. */
  | { readonly type: 'kept'; readonly kept: Kept }
  | { readonly type: 'step-ended'; readonly step: StepName; readonly outcome: Outcome; readonly ms: number };

/** Something that an uninstallation leaves where it is. */
export interface Kept {
  /** What it is: a path, or a few words. */
  readonly what: string;
  readonly why: string;
  /** What to type to be rid of it all the same. */
  readonly command?: string;
  /** `uninstall --purge` takes it off, and needs the journal to know that it may. */
  readonly purgeable?: boolean;
}

export interface StepName {
  readonly id: string;
  readonly title: string;
  /** Place in the list, from 1. */
  readonly number: number;
  readonly of: number;
}

import type { Resource } from '../resources/resource.ts';
import type { ResourceId } from '../resources/resource-id.ts';
import type { Diagnosis, Evidence } from './diagnosis.ts';
import type { Examination, Installed } from './examination.ts';

/** A diagnosis, and the wishes of the steps that it accounts for although it does not mend them. */
export interface Found extends Diagnosis {
  /** The look for drift leaves them out. */
  readonly explains?: readonly ResourceId[];
}

/** One thing that can be wrong. The look only looks; what it makes of what it saw is decided by a pure function. */
export type Ailment = {
  /** Stable, for --only and for programs. */
  readonly id: string;
  /** What is looked at, in a few words. */
  readonly about: string;
} & (
  | { readonly on: 'machine'; readonly look: (examination: Examination) => Promise<readonly Found[]> }
  /** Asked only where there is an installation whose answers can be used. */
  | { readonly on: 'installation'; readonly look: (examination: Installed) => Promise<readonly Found[]> }
);

/** What a diagnosis is made of, but for its name. */
export interface Words {
  readonly symptom: string;
  readonly problem: string;
  readonly evidence: readonly Evidence[];
  readonly severity?: Diagnosis['severity'];
  readonly explains?: readonly ResourceId[];
}

/** Something that --fix mends. */
export function mended(ailment: string, words: Words, mend: readonly Resource[]): Found {
  const fix = `claude-routing-install doctor --fix --only ${ailment}`;
  return { ailment, fix, mend, severity: 'broken', ...words };
}

/** Something that only a person can mend: `fix` is what to type. */
export function byHand(ailment: string, words: Words, fix: string): Found {
  return { ailment, fix, severity: 'broken', ...words };
}

/** The wishes of a step with these ids. */
export function byId(resources: readonly Resource[], ...ids: readonly ResourceId[]): readonly Resource[] {
  return resources.filter(({ id }) => ids.includes(id));
}

import type { Plan, Resource } from '../resources/resource.ts';

/** How a resource of the program and the machine compare. */
export type DriftState =
  | 'as-wanted'
  /** Its text is not the one that this program wrote last; by whom cannot be known. */
  | 'changed-here'
  /** Untouched since it was written; the answers or the program have changed. */
  | 'wanted-otherwise'
  /** Changed here, and something else is wanted by now than what was written. */
  | 'both'
  | 'missing'
  /** Should not be there. */
  | 'extra'
  /** The text is right, its mode is not. */
  | 'mode-differs'
  /** Stands where ours should, and this program never wrote it. */
  | 'never-written'
  /** A live object (container, unit, package, tool) is not as wanted. */
  | 'not-as-wanted'
  /** Cannot be told now, e.g. because the engine does not answer. */
  | 'unknown';

/** The comparison of one file or object: as last written, as it is, as wanted; a short hash or words. */
export interface Compared {
  /** Id of the step that wants it. */
  readonly step: string;
  /** Of the resource; a step that could not say what it wants has its own id here. */
  readonly id: string;
  readonly title: string;
  readonly kind: Resource['kind'];
  readonly state: DriftState;
  readonly path?: string;
  readonly written?: string;
  readonly now?: string;
  readonly wanted?: string;
  /** When the file was last changed, ISO 8601. */
  readonly changedAt?: string;
  /** What more there is to say, e.g. why it cannot be told. */
  readonly note?: string;
}

/** A text by its SHA-256, with its mode where that matters. */
export interface Version {
  readonly hash: string;
  readonly mode?: number;
}

/** The three versions of a file. `shared`: others write into it, too, and only a part of it is ours. */
export interface Versions {
  readonly written: string | undefined;
  readonly now: Version | undefined;
  readonly wanted: Version | undefined;
  readonly shared: boolean;
}

/** What the three versions of a file say. */
export function fileState({ written, now, wanted, shared }: Versions): DriftState {
  if (wanted === undefined) return now === undefined ? 'as-wanted' : 'extra';
  if (now === undefined) return 'missing';
  if (now.hash === wanted.hash)
    return wanted.mode === undefined || now.mode === wanted.mode ? 'as-wanted' : 'mode-differs';
  if (now.hash === written) return 'wanted-otherwise';
  if (written === undefined) return shared ? 'changed-here' : 'never-written';
  // A person's own lines in a shared file are part of what is wanted: they are no second reason.
  return shared || written === wanted.hash ? 'changed-here' : 'both';
}

const shortHash = 8;

/** The three columns of a file as they are shown: short hashes, or modes where only those differ. */
export function fileColumns(versions: Versions): Pick<Compared, 'written' | 'now' | 'wanted'> {
  const { written, now, wanted } = versions;
  if (fileState(versions) === 'mode-differs')
    return { now: `mode ${octal(now?.mode)}`, wanted: `mode ${octal(wanted?.mode)}` };
  return {
    written: written?.slice(0, shortHash) ?? 'never',
    now: now?.hash.slice(0, shortHash) ?? 'none',
    wanted: wanted?.hash.slice(0, shortHash) ?? 'none',
  };
}

function octal(mode: number | undefined): string {
  return mode?.toString(8) ?? '?';
}

/** What the plan for a live object says about it. */
export function planState(plan: Plan): Pick<Compared, 'state' | 'note'> {
  switch (plan.status) {
    case 'ok':
      return { state: 'as-wanted', note: plan.note };
    case 'change':
      return { state: 'not-as-wanted', note: `to do: ${plan.summary}` };
    case 'later':
      return { state: 'unknown', note: `unknown without ${plan.waitsFor}` };
    case 'blocked':
      return { state: 'not-as-wanted', note: `${plan.problem}. Fix: ${plan.fix}` };
  }
}

import type { Problem } from '../problem.ts';
import type { Resource } from '../resources/resource.ts';
import { given } from '../text/json.ts';
import type { Precedence, VariableSource } from './variable-source.ts';

/** What shows that a finding is true: a line of a file, or what a program said. Never a secret. */
export interface Evidence {
  readonly path?: string;
  /** Counted from 1. */
  readonly line?: number;
  readonly text: string;
}

/** One thing that is wrong: `problem` is the cause, `fix` the exact thing to type. */
export interface Finding extends Problem {
  /** Name of the check, stable, for --only and for programs. */
  readonly check: string;
  /** What the person sees of it. */
  readonly symptom: string;
  readonly evidence: readonly Evidence[];
  /** `broken`: something does not work or costs money unasked. `note`: worth knowing, nothing is broken by it. */
  readonly severity: 'broken' | 'note';
  /** What --fix does about it, through the same engine as everything else; absent where only a person can help. */
  readonly fixWith?: readonly Resource[];
}

/** Where a value stands, without the value. */
export function evidenceOf({ name, layer, path, line }: VariableSource): Evidence {
  const text = path === undefined ? `${precedenceWords[layer]}: ${name}` : name;
  return { ...given({ path, line }), text };
}

const precedenceWords: Readonly<Partial<Record<Precedence, string>>> = {
  'this-shell': 'this shell',
  'user-manager': 'systemctl --user show-environment',
};

import type { Secret } from '../host/secret.ts';
import type { Layout } from '../layout.ts';
import type { Problem } from '../problem.ts';

/** Everything that can give a variable of Claude Code a value, from the strongest to the weakest. */
export const precedences = [
  'managed-settings',
  'local-settings',
  'project-settings',
  'user-settings',
  /** `env` in .claude.json, the client's own notes; overridden by every settings file. */
  'client-state',
  'launcher',
  'secrets-file',
  'this-shell',
  'shell-file',
  'system-file',
  'user-manager',
  'environment-d',
] as const;
export type Precedence = (typeof precedences)[number];

/**
 * How far a line of a shell file reaches. `exported`: to every program. `shell-only`: assigned and not exported, so no
 * program sees it. `in-function`: exported when that function or alias is called. `one-command`: for one command only.
 */
export type Reach = 'exported' | 'shell-only' | 'in-function' | 'one-command';

/** One place that gives a routing or limit variable a value. */
export interface VariableSource {
  readonly name: string;
  /** May be a key, so it is never shown as it is. */
  readonly value: Secret;
  readonly layer: Precedence;
  /** Absent for what only lives in memory. */
  readonly path?: string;
  /** Counted from 1. */
  readonly line?: number;
  /** CLAUDE_CONFIG_DIR that user settings belong to; absent in all other layers. */
  readonly configDir?: string;
  /** Directory in which project and local settings count; absent in all other layers. */
  readonly project?: string;
  /** Counts in that project only, and not where Claude Code would be started now. */
  readonly elsewhere?: true;
  /** Absent for places that have no choice: what they set reaches every program. */
  readonly reach?: Reach;
  /** The function, alias or launcher that the line stands in. */
  readonly within?: string;
  /** The shell would expand it; this is the value as written. */
  readonly unexpanded?: true;
  /** A key of the settings file itself, such as apiKeyHelper or model, not of its `env`. */
  readonly setting?: true;
}

/** A file in which a variable may stand and that cannot be read. */
export interface UnreadablePlace extends Problem {
  readonly layer: Precedence;
  readonly path: string;
  readonly line?: number;
}

export interface VariablePlaces {
  /** In the order of `layers`. */
  readonly places: readonly VariableSource[];
  readonly unreadable: readonly UnreadablePlace[];
}

/** Where to look. */
export interface Surroundings {
  readonly layout: Layout;
  /** Of the shell that this program was called from. */
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** Where Claude Code would be started. */
  readonly cwd: string;
}

import type { Secret } from '../host/secret.ts';

/** Everything that can give a variable of Claude Code a value, from the strongest to the weakest. */
export const layers = [
  'managed-settings',
  'local-settings',
  'project-settings',
  'user-settings',
  'launcher',
  'secrets-file',
  'this-shell',
  'shell-file',
  'system-file',
  'user-manager',
  'environment-d',
] as const;
export type Layer = (typeof layers)[number];

/** One place that gives a routing or limit variable a value. */
export interface VariablePlace {
  readonly name: string;
  /** May be a key, so it is never shown as it is. */
  readonly value: Secret;
  readonly layer: Layer;
  /** Absent for what only lives in memory. */
  readonly path?: string;
  /** Counted from 1. */
  readonly line?: number;
  /** CLAUDE_CONFIG_DIR that user settings belong to; absent in all other layers. */
  readonly configDir?: string;
}

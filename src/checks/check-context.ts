import type { Context } from '../context.ts';
import type { ActionLog } from '../engine/action-log.ts';
import type { Probe } from '../host/host.ts';
import type { Layout } from '../layout.ts';
import type { Problem } from '../problem.ts';
import type { VariablePlaces } from './variable-source.ts';

/** What a look of the doctor may see: the machine through an impatient probe, this shell, and the installation if there is one. */
export interface CheckContext {
  readonly probe: Probe;
  readonly layout: Layout;
  /** Of the shell that the doctor was started from. */
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly cwd: string;
  /** Addresses of this machine, loopback excluded. */
  readonly addresses: readonly string[];
  /** Milliseconds since 1970. */
  readonly now: number;
  /** Undefined where nothing is installed for this account, or where its answers cannot be used. */
  readonly installed: Context | undefined;
  /** Why the answers that are there cannot be used. */
  readonly answersProblems: readonly Problem[];
  /** What this program wrote here before, by the journal; read once. */
  readonly history: () => Promise<ActionLog>;
  /** Everything that gives a variable of Claude Code a value; gathered once. */
  readonly places: () => Promise<VariablePlaces>;
}

/** An examination of an installed machine. */
export interface InstalledCheckContext extends CheckContext {
  readonly installed: Context;
}

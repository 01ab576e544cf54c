import type { ActionLog } from '../engine/action-log.ts';
import type { Kept } from '../engine/event.ts';
import type { Step } from '../engine/step.ts';
import type { Probe } from '../host/host.ts';
import type { Layout } from '../layout.ts';
import type { Original } from './backups.ts';
import type { Baseline } from './baseline.ts';

/** What a step of an uninstallation may see: the account's layout, and what is left of the evidence. Each part but the layout may be empty. */
export interface Removal {
  readonly layout: Layout;
  /** Of the journal; empty when it is gone. */
  readonly history: ActionLog;
  /** Which well-known places were there before the first installation; undefined when that was not noted. */
  readonly before: Baseline | undefined;
  /** What stood at a path before this program first wrote there. */
  readonly originals: ReadonlyMap<string, Original>;
  /** Also packages, images and keys. */
  readonly purge: boolean;
}

/** Takes off what one step of the installation, or several, put on: the same engine, with resources that something be absent. */
export interface RemovalStep extends Step<Removal> {
  /** Ids of the installation's steps that it answers for. */
  readonly undoes: readonly string[];
  /** What it leaves in its place. */
  readonly kept?: (removal: Removal, probe: Probe) => Promise<readonly Kept[]>;
}

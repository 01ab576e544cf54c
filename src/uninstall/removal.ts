import type { ActionLog } from '../engine/action-log.ts';
import type { Kept } from '../engine/event.ts';
import type { Step } from '../engine/step.ts';
import type { Effect, Probe } from '../host/host.ts';
import type { Layout } from '../layout.ts';
import type { Resource, ResourceId } from '../resources/resource.ts';
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

/** Removes what one or more steps of the installation added: the same engine, with resources that are to be absent. */
export interface RemovalStep extends Step<Removal> {
  /** Ids of the installation's steps that it answers for. */
  readonly undoes: readonly string[];
  /** What it leaves in its place. */
  readonly kept?: (removal: Removal, probe: Probe) => Promise<readonly Kept[]>;
}

/** Folders and links that programs of ours made, gone with all that is in them. Never for what may hold a person's work. */
export function treesGone(id: ResourceId, title: string, paths: readonly string[], sudo = false): Resource {
  return {
    kind: 'script',
    id,
    title,
    inspect: async (probe) => {
      const there = await existing(probe, paths);
      if (there.length === 0) return { status: 'ok', note: 'gone' };
      return {
        status: 'change',
        summary: `remove ${there.join(', ')}`,
        effects: there.map((path) => removeTree(path, sudo)),
        destructive: true,
      };
    },
  };
}

/** The paths that exist. */
export async function existing(probe: Probe, paths: readonly string[]): Promise<readonly string[]> {
  const found = await Promise.all(paths.map(async (path) => [path, await probe.stat(path)] as const));
  return found.flatMap(([path, stat]) => (stat === undefined ? [] : [path]));
}

export function removeTree(path: string, sudo = false): Effect {
  const command = { file: 'rm', args: ['-rf', path], ...(sudo ? { sudo } : {}) };
  return { do: 'run', why: `remove ${path}`, command };
}

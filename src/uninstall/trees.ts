import type { Effect, Probe } from '../host/host.ts';
import type { Resource } from '../resources/resource.ts';
import type { ResourceId } from '../resources/resource-id.ts';

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

/** Those of the paths at which something stands. */
export async function existing(probe: Probe, paths: readonly string[]): Promise<readonly string[]> {
  const found = await Promise.all(paths.map(async (path) => [path, await probe.stat(path)] as const));
  return found.flatMap(([path, stat]) => (stat === undefined ? [] : [path]));
}

export function removeTree(path: string, sudo = false): Effect {
  const command = { file: 'rm', args: ['-rf', path], ...(sudo ? { sudo } : {}) };
  return { do: 'run', why: `remove ${path}`, command };
}

import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, rmdirSync } from 'node:fs';
import { join } from 'node:path';

/**
 * Control groups for one machine. Without groups of its own, nspawn puts the payload of every machine of this host into one
 * and the same group, and two machines' systemds then see, wait for and kill each other's processes.
 */
export function makeControlGroups(name: string): string[] {
  const groups = mountsOfSystemd().map((mount) => join(mount, name));
  for (const group of groups) mkdirSync(group, { recursive: true });
  return groups;
}

/** Removes the groups of this name. The kernel takes a moment to let go of processes that were killed just before. */
export function removeControlGroups(name: string): void {
  for (const mount of mountsOfSystemd()) {
    for (let attempt = 0; attempt < 100 && !removeTree(join(mount, name)); attempt += 1) spawnSync('sleep', ['0.05']);
  }
}

/** A command that moves itself into the groups and then becomes `command`. */
export function insideControlGroups(groups: readonly string[], command: readonly string[]): string[] {
  const enter = groups.map((group) => `echo 0 > '${group}/cgroup.procs'`).join(' && ');
  return ['sh', '-c', `${enter} && exec "$@"`, 'sh', ...command];
}

/** Where systemd keeps its groups on this host: the unified hierarchy, the one named after it, or (hybrid) both. */
function mountsOfSystemd(): string[] {
  return readFileSync('/proc/mounts', 'utf8')
    .split('\n')
    .map((line) => line.split(' '))
    .filter(
      ([, , type, options = '']) =>
        type === 'cgroup2' || (type === 'cgroup' && options.split(',').includes('name=systemd')),
    )
    .map(([, directory = '']) => directory);
}

/** Groups are directories of files that nobody can remove; only the directories count. False while one is still in use. */
function removeTree(group: string): boolean {
  if (!existsSync(group)) return true;
  try {
    const below = readdirSync(group, { withFileTypes: true }).filter((entry) => entry.isDirectory());
    if (!below.every((entry) => removeTree(join(group, entry.name)))) return false;
    rmdirSync(group);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EBUSY') return false;
    throw error;
  }
}

import { createHash } from 'node:crypto';
import { lstatSync, readdirSync, readFileSync, readlinkSync } from 'node:fs';

export interface TreeEntry {
  readonly mode: string;
  /** Nanoseconds. */
  readonly changedAt: string;
  /** SHA-256 of a file, target of a link, the kind of anything else. */
  readonly content: string;
}

/** Everything below a folder by its path: mode, time of the last change and content. */
export function folderTree(folder: string): Readonly<Record<string, TreeEntry>> {
  const rows = readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .sort()
    .map((path) => [path, entryOf(`${folder}/${path}`)] as const);
  return Object.fromEntries(rows);
}

function entryOf(path: string): TreeEntry {
  const stat = lstatSync(path, { bigint: true });
  return {
    mode: (Number(stat.mode) & 0o7777).toString(8),
    changedAt: String(stat.mtimeNs),
    content: contentOf(path, stat),
  };
}

function contentOf(
  path: string,
  stat: { isFile(): boolean; isSymbolicLink(): boolean; isDirectory(): boolean },
): string {
  if (stat.isSymbolicLink()) return `→ ${readlinkSync(path)}`;
  if (!stat.isFile()) return stat.isDirectory() ? 'directory' : 'other';
  return createHash('sha256').update(readFileSync(path)).digest('hex');
}

import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';

const root = new URL('../../', import.meta.url);
const folders = ['src', 'templates', 'test', 'docs', '.github'];

/** Everything in this repository that a page may name, from its root on; a folder ends with a slash. */
const there = [
  ...readdirSync(root),
  'build/',
  ...folders.flatMap((folder) =>
    readdirSync(new URL(`${folder}/`, root), { recursive: true, withFileTypes: true }).map((entry) =>
      join(entry.parentPath, entry.name, entry.isDirectory() ? '/' : ''),
    ),
  ),
];

/** What a page calls by a path, or by a file's name beside another one; `NAME`, `AREA` and `*` stand for any name. */
function namedIn(page: string): string[] {
  const words = [...page.matchAll(/`([\w.*-]+(?:\/[\w.*-]*)*)`/g)].map(([, word = '']) => word);
  return words.filter((word) => /^[\w.*-]+\/|\.(?:ts|py|mjs|bash)$/.test(word));
}

function isThere(named: string): boolean {
  const pattern = named.replace(/[.]/g, '\\.').replace(/NAME|AREA|\*/g, '[\\w.-]+');
  const found = new RegExp(`(?:^|/)${pattern}/?$`);
  return there.some((path) => found.test(path));
}

it.each(['src/README.md', '.github/CONTRIBUTING.md'])('%s names files that there are', (page) => {
  const named = namedIn(readFileSync(new URL(page, root), 'utf8'));
  expect(named.length).toBeGreaterThan(20);
  expect(named.filter((one) => !isThere(one))).toEqual([]);
});

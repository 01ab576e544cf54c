import { expect } from 'vitest';
import type { World } from './world.ts';

export const home = '/home/claude';

/** What a place holds: path to kind, mode, owner, link target and content. */
export type Places = ReadonlyMap<string, string>;

const LOOK = `cd "$1" && find . -path ./.local/share/docker -prune -o -printf '%P|%y %m %u:%g %l\\n' | sort
find . -path ./.local/share/docker -prune -o -type f -print0 | xargs -0 -r sha256sum | sed 's/^\\(\\S*\\)  \\.\\//\\1|/'`;

export async function placesBelow({ machine }: World, folder: string): Promise<Places> {
  const looked = await machine.onHost(`sh -s -- ${folder}`, { input: LOOK, timeoutMs: 120_000 });
  expect(looked, looked.stderr).toMatchObject({ exitCode: 0 });
  const places = new Map<string, string>();
  for (const line of looked.stdout.split('\n').filter((row) => row !== '')) {
    const [left = '', right = ''] = line.split('|', 2);
    const isHash = /^[0-9a-f]{64}$/.test(left);
    const path = `${folder}/${isHash ? right : left}`;
    places.set(path, `${places.get(path) ?? ''}${isHash ? ` ${left}` : right}`);
  }
  return places;
}

/** Paths that are not as they were, each with what is there now. */
export function differences(before: Places, after: Places): readonly string[] {
  const paths = [...new Set([...before.keys(), ...after.keys()])];
  const changed = paths.filter((path) => before.get(path) !== after.get(path));
  return changed.sort().map((path) => `${path} ${after.get(path) ?? 'gone'}`);
}

export interface Uninstalled {
  readonly exitCode: number;
  readonly output: string;
  /** What is named as kept at the end. */
  readonly kept: readonly string[];
  /** Whether anything was done. */
  readonly effects: number;
}

export async function uninstall(world: World, words = ''): Promise<Uninstalled> {
  const started = Date.now();
  const { exitCode, stdout } = await world.install(`uninstall --yes --json ${words}`);
  console.log(`uninstall ${words}: exit code ${exitCode} after ${Date.now() - started} ms`);
  const events = stdout
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as { type: string; kept?: { what: string; command?: string } });
  const kept = events.flatMap((event) => (event.kept === undefined ? [] : [event.kept.what]));
  const effects = events.filter(({ type }) => type === 'effect-ended').length;
  return { exitCode, output: stdout, kept: [...new Set(kept)], effects };
}

/** Differences that the output does not account for. */
export function unaccounted(all: readonly string[], { kept }: Uninstalled): readonly string[] {
  const paths = kept.flatMap((what) => what.split(', ')).filter((what) => what.startsWith('/'));
  const above = (path: string): boolean => paths.some((one) => one.startsWith(`${path}/`));
  return all.filter((line) => {
    const path = line.slice(0, line.indexOf(' '));
    return !paths.some((one) => path === one || path.startsWith(`${one}/`)) && !above(path);
  });
}

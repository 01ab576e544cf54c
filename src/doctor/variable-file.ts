import type { Probe } from '../host/host.ts';
import { shellWord } from '../text/shell-word.ts';
import type { FoundVariable, Unparsable } from './settings-variables.ts';
import type { Layer, UnreadablePlace, VariablePlace } from './variable-place.ts';

/** A place, or why a file could not be looked into. */
export type Seen = VariablePlace | UnreadablePlace;
/** What is the same for everything in a file. */
export type About = Partial<Pick<VariablePlace, 'configDir' | 'project' | 'elsewhere' | 'within'>>;
/** A format: what a text gives a value. */
export type Read = (text: string) => readonly FoundVariable[] | Unparsable;

/** Everything in one file; nothing where there is none. */
export async function placesInFile(
  probe: Probe,
  layer: Layer,
  path: string,
  read: Read,
  about: About = {},
): Promise<readonly Seen[]> {
  const text = await textOf(probe, layer, path);
  if (text === undefined) return [];
  if (typeof text !== 'string') return [text];
  const found = read(text);
  if ('fault' in found) return [unparsable(layer, path, found)];
  return placed(layer, { path, ...about }, found);
}

/** The same said of each. */
export function placed(
  layer: Layer,
  about: About & { readonly path?: string },
  found: readonly FoundVariable[],
): readonly VariablePlace[] {
  return found.map((variable) => ({ layer, ...about, ...variable }));
}

/** The files of a folder with this ending, in the order of their names. */
export async function filesIn(
  probe: Probe,
  layer: Layer,
  folder: string,
  ending: string,
): Promise<{ readonly paths: readonly string[]; readonly unreadable: readonly UnreadablePlace[] }> {
  const names = await probe.list(folder).catch(() => unreadable(layer, folder));
  if ('problem' in names) return { paths: [], unreadable: [names] };
  const wanted = names.filter((name) => name.endsWith(ending)).sort();
  return { paths: wanted.map((name) => `${folder}/${name}`), unreadable: [] };
}

async function textOf(probe: Probe, layer: Layer, path: string): Promise<string | undefined | UnreadablePlace> {
  const text = await probe.readFile(path).catch(() => unreadable(layer, path));
  return typeof text === 'string' && text.length > longest(layer) ? tooLong(layer, path) : text;
}

/** Characters: of what is read word by word, and of the client's own JSON, which grows with every project. */
function longest(layer: Layer): number {
  return ['shell-file', 'system-file', 'launcher'].includes(layer) ? 262_144 : 16_777_216;
}

function tooLong(layer: Layer, path: string): UnreadablePlace {
  return {
    layer,
    path,
    problem: `${path} is too long to be looked through, so what it sets is not known`,
    fix: `see how long it is:  ls -lL ${path}`,
  };
}

function unreadable(layer: Layer, path: string): UnreadablePlace {
  return {
    layer,
    path,
    problem: `${path} cannot be read, so what it sets is not known`,
    fix: `see whose it is:  ls -ld ${shellWord(path)}`,
  };
}

function unparsable(layer: Layer, path: string, { fault, line }: Unparsable): UnreadablePlace {
  const where = line === undefined ? path : `${path}:${line}`;
  return {
    layer,
    path,
    ...(line === undefined ? {} : { line }),
    problem: `${where} ${fault}, so Claude Code passes the whole file over`,
    fix: `correct the line:  nano +${line ?? 1} ${shellWord(path)}`,
  };
}

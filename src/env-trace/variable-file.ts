import type { Precedence, UnreadablePlace, VariableSource } from '../checks/variable-source.ts';
import type { Probe } from '../host/host.ts';
import { failure, type Result, success } from '../problem.ts';
import { shellWord } from '../shell/word.ts';
import { given } from '../text/json.ts';
import type { FoundVariable, Unparsable } from './settings-variables.ts';

/** A place, or why a file could not be looked into. */
export type Seen = Result<VariableSource, UnreadablePlace>;
/** What is the same for everything in a file. */
export type About = Partial<Pick<VariableSource, 'configDir' | 'project' | 'elsewhere' | 'within'>>;
/** A format: what a text gives a value. */
type Read = (text: string) => readonly FoundVariable[];
/** The same of one that a text may fail to be in. */
type ReadWhole = (text: string) => Result<readonly FoundVariable[], Unparsable>;

/** Everything in one file that is read line by line; nothing where there is none. */
export async function placesInFile(
  probe: Probe,
  layer: Precedence,
  path: string,
  read: Read,
  about: About = {},
): Promise<readonly Seen[]> {
  return await placesInSettings(probe, layer, path, (text) => success(read(text)), about);
}

/** Everything in one file that is read whole or not at all; nothing where there is none. */
export async function placesInSettings(
  probe: Probe,
  layer: Precedence,
  path: string,
  read: ReadWhole,
  about: About = {},
): Promise<readonly Seen[]> {
  const text = await textOf(probe, layer, path);
  if (!text.ok) return [text];
  if (text.value === undefined) return [];
  const found = read(text.value);
  if (!found.ok) return [unparsable(layer, path, found.problem)];
  return placed(layer, { path, ...about }, found.value);
}

/** The same said of each. */
export function placed(
  layer: Precedence,
  about: About & { readonly path?: string },
  found: readonly FoundVariable[],
): readonly Seen[] {
  return found.map((variable) => success({ layer, ...about, ...variable }));
}

/** The files of a folder with this ending, in the order of their names. */
export async function filesIn(
  probe: Probe,
  layer: Precedence,
  folder: string,
  ending: string,
): Promise<{ readonly paths: readonly string[]; readonly unreadable: readonly Seen[] }> {
  const names = await probe.list(folder).catch(() => undefined);
  if (names === undefined) return { paths: [], unreadable: [unreadable(layer, folder)] };
  const wanted = names.filter((name) => name.endsWith(ending)).sort();
  return { paths: wanted.map((name) => `${folder}/${name}`), unreadable: [] };
}

async function textOf(
  probe: Probe,
  layer: Precedence,
  path: string,
): Promise<Result<string | undefined, UnreadablePlace>> {
  const text = await probe.readFile(path).then(success, () => unreadable(layer, path));
  return text.ok && text.value !== undefined && text.value.length > longest(layer) ? tooLong(layer, path) : text;
}

/** Characters: of what is read word by word, and of the client's own JSON, which grows with every project. */
function longest(layer: Precedence): number {
  return ['shell-file', 'system-file', 'launcher'].includes(layer) ? 262_144 : 16_777_216;
}

function tooLong(layer: Precedence, path: string): Result<never, UnreadablePlace> {
  return failure({
    layer,
    code: 'file-too-large',
    path,
    problem: `${path} is too long to be searched, so what it sets is unknown`,
    fix: `see how long it is:  ls -lL ${path}`,
  });
}

function unreadable(layer: Precedence, path: string): Result<never, UnreadablePlace> {
  return failure({
    layer,
    code: 'permission-denied',
    path,
    problem: `${path} cannot be read, so what it sets is unknown`,
    fix: `see whose it is, and each folder above it:  namei -l ${shellWord(path)}`,
  });
}

function unparsable(layer: Precedence, path: string, { fault, line }: Unparsable): Result<never, UnreadablePlace> {
  const where = line === undefined ? path : `${path}:${line}`;
  return failure({
    layer,
    code: 'settings-unusable',
    path,
    ...given({ line }),
    problem: `${where} ${fault}, so Claude Code ignores the whole file`,
    fix: `correct the line:  nano +${line ?? 1} ${shellWord(path)}`,
  });
}

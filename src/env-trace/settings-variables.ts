import type { VariableSource } from '../checks/variable-source.ts';
import { firstBadLine } from '../components/launchers/settings.ts';
import { Secret } from '../host/secret.ts';
import { failure, type Result, success } from '../problem.ts';
import { isObject, withoutMark } from '../text/json.ts';
import { isWatched, watchedSettings } from './watched-variables.ts';

/** What a line of a file gives a value, before it is said which file it is. */
export type FoundVariable = Pick<
  VariableSource,
  'name' | 'value' | 'line' | 'reach' | 'within' | 'unexpanded' | 'setting'
>;

/** A text that its reader would not understand, and the line where that begins. */
export interface Unparsable {
  readonly fault: string;
  readonly line?: number;
}

/**
 * What a settings file of Claude Code gives a value: the watched variables of its `env`, and its own apiKeyHelper and
 * model where `settings` says that these count in it. The client reads the text as JSON, a byte order mark apart; it passes
 * a file over that is none.
 */
export function settingsVariables(text: string, settings = true): Result<readonly FoundVariable[], Unparsable> {
  const json = withoutMark(text);
  if (json.trim() === '') return success([]);
  const line = jsonFault(json);
  if (line !== undefined) return failure({ fault: 'is not JSON', line });
  const content: unknown = JSON.parse(json);
  if (!isObject(content)) return failure({ fault: 'is not a JSON object', line: 1 });
  const lineOf = linesIn(json);
  const { env } = content;
  return success([
    ...(settings ? watchedSettings : []).flatMap((name): FoundVariable[] =>
      typeof content[name] === 'string'
        ? [{ name, value: new Secret(content[name]), ...lineOf(name), setting: true }]
        : [],
    ),
    ...Object.entries(isObject(env) ? env : {}).flatMap(([name, value]): FoundVariable[] =>
      isWatched(name) ? [{ name, value: new Secret(textOf(value)), ...lineOf('env', name) }] : [],
    ),
  ]);
}

/** Directories of the projects that a .claude.json lists. */
export function listedProjects(text: string): readonly string[] {
  const json = withoutMark(text);
  if (jsonFault(json) !== undefined) return [];
  const content: unknown = JSON.parse(json);
  return isObject(content) && isObject(content.projects) ? Object.keys(content.projects) : [];
}

/** Of a key that stands there twice the last one counts. */
function linesIn(json: string): (...path: readonly string[]) => { readonly line?: number } {
  let lines: Map<string, number> | undefined;
  return (...path) => {
    // Most files set nothing that is looked for.
    lines ??= new Map(jsonKeys(json).map((key) => [key.path.join('\0'), key.line]));
    const line = lines.get(path.join('\0'));
    return line === undefined ? {} : { line };
  };
}

function textOf(value: unknown): string {
  return typeof value === 'string' ? value : JSON.stringify(value);
}

/** A key of a JSON text and the line where it stands. */
interface JsonKey {
  /** Names from the outermost object down to the key; items of lists are left out. */
  readonly path: readonly string[];
  /** Counted from 1. */
  readonly line: number;
}

const tokens = /"(?:[^"\\]|\\.)*"|[{}[\]:,]|\n/g;

/** Deeper than any key that a line is asked of; a path grows with its depth. */
const deepest = 8;

/** Every key of a text that is JSON, the deepest left out; of one that is given twice, each. */
export function jsonKeys(text: string): readonly JsonKey[] {
  const keys: JsonKey[] = [];
  const around: (string | undefined)[] = [];
  let line = 1;
  let word: JsonKey | undefined;
  let key: string | undefined;
  for (const [token] of text.matchAll(tokens)) {
    if (token === '\n') line += 1;
    else if (token === '{' || token === '[') around.push(key);
    else if (token === '}' || token === ']') around.pop();
    else if (token === ':' && word !== undefined) keys.push(word);
    if (token === '\n') continue;
    if (token === ':') key = word?.path.at(-1);
    else if (token === ',' || token === '[' || token === '{') key = undefined;
    word =
      token.startsWith('"') && around.length <= deepest
        ? { path: [...namesOf(around), JSON.parse(token) as string], line }
        : undefined;
  }
  return keys;
}

function namesOf(around: readonly (string | undefined)[]): readonly string[] {
  return around.flatMap((name) => (name === undefined ? [] : [name]));
}

/** The line where a text stops being JSON; undefined when it is JSON. */
function jsonFault(text: string): number | undefined {
  try {
    JSON.parse(text);
    return undefined;
  } catch {
    return firstBadLine(text);
  }
}

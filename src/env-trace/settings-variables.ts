import { Secret } from '../host/secret.ts';
import { failure, type Result, success } from '../result.ts';
import { jsonFault, jsonKeys } from './json-keys.ts';
import type { VariableSource } from './variable-source.ts';
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
  const json = text.replace(/^\uFEFF/, '');
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
  const json = text.replace(/^\uFEFF/, '');
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

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

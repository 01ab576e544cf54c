import { firstBadLine } from '../components/launchers/settings.ts';

/** A key of a JSON text and the line where it stands. */
export interface JsonKey {
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
export function jsonFault(text: string): number | undefined {
  try {
    JSON.parse(text);
    return undefined;
  } catch {
    return firstBadLine(text);
  }
}

import { launcherNames } from '../layout.ts';
import { type Result, success } from '../problem.ts';
import { byHand, type LineRange } from './lines.ts';

/** A line of a fish file. */
interface FishLine {
  /** Counted from 1. */
  readonly number: number;
  readonly text: string;
  /** The line break, or nothing in a last line without one. */
  readonly end: string;
  /** Whether a command can begin in it: not inside quotes, not continued from the line before. */
  readonly begins: boolean;
  /** Blocks that it opens, less those that it closes. */
  readonly deeper: number;
}

// Source: fishshell.com, "The fish language": in single quotes only \' and \\ are escapes.
const tokens = new RegExp(
  [
    String.raw`(?<![^\s;&|()])#.*`,
    String.raw`(?<escape>\\(?:.|$))`,
    String.raw`'(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*"`,
    `(?<quote>['"]).*`,
    '(?<separator>[;&|()]+)',
    String.raw`(?<word>[^\s;&|()'"\\#]+|#)`,
    String.raw`\s`,
  ].join('|'),
  'g',
);
const openers = ['begin', 'for', 'function', 'if', 'switch', 'while'];
/** Words behind which another command stands. */
const introducers = ['and', 'or', 'not', '!', 'builtin', 'command', 'time'];

/** Splits a fish file into lines; `text + end` of all of them is the file. It knows quotes, comments and blocks, no more. */
export function fishLines(file: string): readonly FishLine[] {
  let quote = '';
  let continued = false;
  return (file.match(/[^\n]*\n|[^\n]+$/g) ?? []).map((raw, index) => {
    const end = /\r?\n$/.exec(raw)?.[0] ?? '';
    const text = raw.slice(0, raw.length - end.length);
    const begins = quote === '' && !continued;
    const closing = quote === '' ? 0 : closingAt(text, quote);
    const read = closing === -1 ? { deeper: 0, quote, continued: false } : readLine(text.slice(closing), begins);
    ({ quote, continued } = read);
    return { number: index + 1, text, end, begins, deeper: read.deeper };
  });
}

/** Behind the quote that ends what an earlier line began; -1 where none does. */
function closingAt(text: string, quote: string): number {
  const found = (quote === "'" ? /^(?:[^'\\]|\\.)*'/ : /^(?:[^"\\]|\\.)*"/).exec(text);
  return found === null ? -1 : found[0].length;
}

function readLine(text: string, begins: boolean): { deeper: number; quote: string; continued: boolean } {
  let deeper = 0;
  let quote = '';
  let continued = false;
  let command = begins;
  for (const { groups = {} } of text.matchAll(tokens)) {
    continued = groups.escape === '\\';
    if (groups.quote !== undefined) quote = groups.quote;
    if (groups.separator !== undefined) command = true;
    else if (groups.word !== undefined) {
      if (command && openers.includes(groups.word)) deeper += 1;
      if (command && groups.word === 'end') deeper -= 1;
      command = command && introducers.includes(groups.word);
    } else if (groups.quote !== undefined) command = false;
  }
  return { deeper, quote, continued };
}

const ours = launcherNames.join('|');
const definition = new RegExp(`^\\s*function\\s+(?:-\\S+\\s+)*(${ours})(?=[\\s;]|$)`);
const alias = new RegExp(
  `^\\s*(alias|abbr)\\s+(?:-\\S+\\s+)*["']?(${ours})(?:[=\\s]\\s*)(?:'(?:[^'\\\\]|\\\\.)*'|"(?:[^"\\\\]|\\\\.)*"|[^'";&|()])*\\s*(?:#.*)?$`,
);
const mentioned = new RegExp(
  `(?:^|[;&|]|\\b(?:and|or)\\b)\\s*(?:alias|abbr|function)\\s+(?:-\\S+\\s+)*["']?(${ours})(?=[=\\s;]|$)`,
);

/** Every function, alias or abbreviation of fish that has the name of a launcher. */
export function fishPieces(lines: readonly FishLine[]): Result<readonly LineRange[]> {
  const pieces: LineRange[] = [];
  for (const line of lines) {
    if (!line.begins || /^\s*(?::\s+)?#/.test(line.text) || pieces.some(({ to }) => to >= line.number)) continue;
    const name = definition.exec(line.text)?.[1];
    const short = alias.exec(line.text);
    const other = mentioned.exec(line.text)?.[1];
    if (name !== undefined) {
      const to = lastLine(lines, line);
      if (to === undefined) return byHand(line.number, `a function ${name}, and where it ends is not clear`);
      pieces.push({ from: line.number, to, what: `a function of your own, ${name},` });
    } else if (short !== null) {
      const kind = short[1] === 'abbr' ? 'abbreviation' : 'alias';
      pieces.push({ from: line.number, to: line.number, what: `the ${kind} ${short[2]}` });
    } else if (other !== undefined) return byHand(line.number, `a definition of ${other} among other commands`);
  }
  return success(pieces);
}

/** Where launchers are defined as aliases or abbreviations. */
export function fishAliases(lines: readonly FishLine[]): readonly { readonly line: number; readonly name: string }[] {
  return lines.flatMap(({ number, text, begins }) => {
    const found = begins && !/^\s*(?::\s+)?#/.test(text) ? mentioned.exec(text) : null;
    return found === null || /\bfunction\b/.test(found[0]) ? [] : [{ line: number, name: found[1] ?? '' }];
  });
}

/** Every line that sets one of these variables, so far as it does nothing else. */
export function fishVariablePieces(lines: readonly FishLine[], names: readonly string[]): Result<readonly LineRange[]> {
  const pieces: LineRange[] = [];
  for (const { number, text, begins } of lines) {
    if (!begins || /^\s*(?::\s+)?#/.test(text)) continue;
    const name = fishSettings(text).find((setting) => names.includes(setting.name))?.name;
    if (name === undefined) continue;
    if (!/^\s*(?:set|export)\b(?:'(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*"|[^'";&|()])*$/.test(text))
      return byHand(number, `${name} among other commands`);
    pieces.push({ from: number, to: number, what: `the line that sets ${name}` });
  }
  return success(pieces);
}

interface FishSetting {
  readonly name: string;
  /** As written, quotes taken away; empty where the line takes a variable away. */
  readonly value: string;
  readonly exported: boolean;
  /** `set -e`, which takes it away. */
  readonly erases: boolean;
}

/** What a line's `set NAME VALUE` and `export NAME=VALUE` do. Source: fishshell.com, "set". */
export function fishSettings(text: string): readonly FishSetting[] {
  const command =
    /(?:^|[;&|]|\b(?:and|or|then|begin)\b)\s*(?:set((?:\s+-\S+)*)\s+([A-Za-z_]\w*)(?=[\s;]|$)|export\s+([A-Za-z_]\w*)=)[ \t]*('(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*"|[^\s;&|]*)/g;
  return [...text.matchAll(command)].map(([, options = '', name = '', exported, value = '']) => ({
    name: exported ?? name,
    value: value.replace(/^(['"])(.*)\1$/, '$2'),
    exported: exported !== undefined || /\s(?:-[a-zA-Z]*x[a-zA-Z]*|--export)\b/.test(options),
    erases: /\s(?:-[a-zA-Z]*e[a-zA-Z]*|--erase)\b/.test(options),
  }));
}

/** The line of its `end`, where nothing else stands in it. */
function lastLine(lines: readonly FishLine[], first: FishLine): number | undefined {
  let depth = 0;
  for (const line of lines.slice(first.number - 1)) {
    depth += line.deeper;
    if (depth > 0) continue;
    const alone = line.number === first.number ? /;\s*end\s*(?:#.*)?$/ : /^\s*end\s*(?:#.*)?$/;
    return depth === 0 && alone.test(line.text) ? line.number : undefined;
  }
  return undefined;
}

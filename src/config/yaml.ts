import { Document, isMap, isScalar, LineCounter, parseDocument, Scalar, visit } from 'yaml';
import { failure, type Result, success } from '../problem.ts';
import { messageOf } from '../text/said.ts';

/** YAML that was read, with where each key stands. */
export interface YamlRead {
  readonly value: unknown;
  /** The line of a key, or of the nearest one above it that exists; counted from 1. */
  readonly lineOf: (path: readonly PropertyKey[]) => number | undefined;
}

/** Why a text is not read; follows its name and a colon. */
export interface YamlFault {
  readonly fault: string;
  readonly line?: number;
  readonly column?: number;
}

interface YamlBounds {
  /** Characters; the longest text that is read at all. */
  readonly longest: number;
  /** Read as version 1.1 with merge keys, as Python and Go do. */
  readonly old?: boolean;
}

/** Levels, and columns of an indentation: the parser recurses for each, and a deep text would end the whole program. */
const deepest = 64;
const widest = 200;
/** Aliases are looked up one by one, and each may stand for a text that holds more of them. */
const mostAliases = 100;

/**
 * Reads YAML, or JSON (which is YAML too), from whoever wrote it. Never throws and takes time in proportion to the text: what
 * is too long, too deep, given twice, or names an anchor that is not there is a fault in words.
 */
export function readYaml(text: string, { longest, old = false }: YamlBounds): Result<YamlRead, YamlFault> {
  const tooMuch =
    text.length > longest ? { fault: `longer than ${longest.toLocaleString('en-US')} characters` } : tooDeep(text);
  if (tooMuch !== undefined) return failure(tooMuch);
  const lines = new LineCounter();
  const version = old ? ({ version: '1.1', merge: true } as const) : {};
  const options = {
    lineCounter: lines,
    prettyErrors: false,
    uniqueKeys: false,
    logLevel: 'error',
    ...version,
  } as const;
  try {
    const document = parseDocument(text, options);
    const [error] = document.errors;
    if (error !== undefined) return failure(at(lines, error.pos[0], `not YAML: ${error.message}`));
    const fault = aliasFault(document, lines) ?? repeatedKey(document, lines);
    if (fault !== undefined) return failure(fault);
    const value: unknown = document.toJS({ maxAliasCount: mostAliases });
    return success({ value, lineOf: (path) => lineOf(document, lines, path) });
  } catch (error) {
    return failure({ fault: `not YAML that can be read: ${messageOf(error)}` });
  }
}

/** Counts brackets and indentations without understanding them; even quoted ones may not outnumber the levels. */
function tooDeep(text: string): YamlFault | undefined {
  let depth = 0;
  for (const [index, line] of text.split(/\r\n?|\n/).entries()) {
    const indented = /^[ \t]*(?:[-?:][ \t]+)*/.exec(line)?.[0].length ?? 0;
    for (const bracket of line.match(/[[\]{}]/g) ?? []) {
      depth += bracket === '[' || bracket === '{' ? 1 : -1;
      if (Math.abs(depth) > deepest) return { fault: 'brackets nested too deeply', line: index + 1 };
    }
    if (indented > widest && line.length > indented) return { fault: 'indented too deeply', line: index + 1 };
  }
  return undefined;
}

function aliasFault(document: Document, lines: LineCounter): YamlFault | undefined {
  let count = 0;
  let fault: YamlFault | undefined;
  const anchors = new Set<string>();
  visit(document, {
    Node: (_, node) => {
      if ('anchor' in node && typeof node.anchor === 'string') anchors.add(node.anchor);
    },
    Alias: (_, alias) => {
      count += 1;
      const start = alias.range?.[0] ?? 0;
      if (!anchors.has(alias.source)) fault = at(lines, start, `*${alias.source} names no anchor in front of it`);
      else if (count > mostAliases) fault = at(lines, start, `more than ${mostAliases} aliases`);
      return fault === undefined ? undefined : visit.BREAK;
    },
  });
  return fault;
}

function repeatedKey(document: Document, lines: LineCounter): YamlFault | undefined {
  let fault: YamlFault | undefined;
  visit(document, {
    Map: (_, { items }) => {
      const seen = new Set<unknown>();
      for (const { key } of items) {
        const name = isScalar(key) ? String(key.value) : key;
        if (seen.has(name)) fault ??= at(lines, startOf(key) ?? 0, `not YAML: Map keys must be unique`);
        seen.add(name);
      }
      return fault === undefined ? undefined : visit.BREAK;
    },
  });
  return fault;
}

function lineOf(document: Document, lines: LineCounter, path: readonly PropertyKey[]): number | undefined {
  for (let depth = path.length; depth > 0; depth -= 1) {
    const parent = depth === 1 ? document.contents : document.getIn(path.slice(0, depth - 1), true);
    const pair = isMap(parent) ? parent.items.find((item) => String(item.key) === String(path[depth - 1])) : undefined;
    const start = pair === undefined ? undefined : startOf(pair.key);
    if (start !== undefined) return lines.linePos(start).line;
  }
  return undefined;
}

function startOf(key: unknown): number | undefined {
  return (key as { range?: readonly number[] | null }).range?.[0];
}

function at(lines: LineCounter, offset: number, fault: string): YamlFault {
  const { line, col } = lines.linePos(offset);
  return { fault, line, column: col };
}

/**
 * Data as YAML that parsers of 1.1 (Python, older Go) and 1.2 read alike: no anchors, ambiguous words quoted, a first line that
 * names its author. Texts with anything but plain characters in them stand in double quotes: Python's parser takes tabs,
 * colons and characters that cannot be printed otherwise than the others do.
 */
export function yamlText(data: unknown): string {
  const document = new Document(data, { aliasDuplicateObjects: false });
  document.commentBefore = ' Written by claude-routing-install. Changes made here are replaced by its next run.';
  visit(document, {
    Scalar: (_, node) => {
      if (typeof node.value === 'string' && !(plain.test(node.value) && !ambiguous.test(node.value)))
        node.type = Scalar.QUOTE_DOUBLE;
    },
  });
  return document.toString({ lineWidth: 0 }).replace(unprintable, escaped);
}

const plain = /^[A-Za-z/][\w./@+-]*(?:[: ][\w./@+-]+)*$/;
/** Words that one version reads as text and another as true, false, null or a number. */
const ambiguous = /^(?:y|yes|n|no|on|off|true|false|null|e[-+]?\d+)$/i;

/** Used inside double quotes only, because a text with one of them is not plain. */
const unprintable = /[\x7f-\x9f\u2028\u2029\ufeff\ufffe\uffff]/g;

function escaped(character: string): string {
  return `\\u${(character.codePointAt(0) ?? 0).toString(16).padStart(4, '0')}`;
}

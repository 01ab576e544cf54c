import { failure, type Result } from '../problem.ts';

/** A line of a shell file. */
export interface ShellLine {
  /** Counted from 1. */
  readonly number: number;
  /** Without its line break. */
  readonly text: string;
  /** The line break: '\n', '\r\n', or nothing in a last line without one. */
  readonly end: string;
  /** Whether a command can begin in it: not inside quotes or a here-document, not continued from the line before. */
  readonly begins: boolean;
  /** Whether it belongs to the body of a here-document, its last line included. */
  readonly inDocument: boolean;
  /** The braces of command groups in it, in their order. */
  readonly braces: string;
}

export interface ShellLines {
  readonly lines: readonly ShellLine[];
  /** Where something begins that is not ended by the end of the file; from there on nothing is certain. */
  readonly openSince?: number;
}

interface Open {
  readonly line: number;
  /** What ends it: a pattern within a line, or a whole line. */
  readonly end: RegExp;
}

// A word begins where no other character of a word stands before it.
const tokens = new RegExp(
  [
    String.raw`(?<![^\s;&|()<>])#.*`,
    String.raw`(?<escape>\\(?:.|$))`,
    String.raw`'[^']*'|\$'(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*"`,
    String.raw`(?<quote>\$'|'|").*`,
    '<<<',
    String.raw`<<(?<tabs>-?)[ \t]*(?:'(?<single>[^']*)'|"(?<double>[^"]*)"|\\?(?<bare>[A-Za-z_][\w.-]*))`,
    String.raw`\$\{(?:"(?:[^"\\]|\\.)*"|'[^']*'|[^{}\\"']|\\.)*\}`,
    String.raw`(?<![^\s;&|()<>])(?<brace>[{}])(?=$|[\s;&|()<>])`,
    // A run of characters that mean nothing here, so that a long text has few tokens.
    String.raw`[^#\\'"<{}$]+`,
    '[^]',
  ].join('|'),
  'g',
);

const quoteEnds: Readonly<Record<string, RegExp>> = {
  "'": /^[^']*'/,
  "$'": /^(?:[^'\\]|\\.)*'/,
  '"': /^(?:[^"\\]|\\.)*"/,
};

/** Splits a shell file into lines; `text + end` of all of them is the file. It knows quotes, comments, here-documents and brace groups, no more. */
export function shellLines(file: string): ShellLines {
  let quote: Open | undefined;
  const documents: Open[] = [];
  let ended = 0;
  let continued = false;
  const lines = (file.match(/[^\n]*\n|[^\n]+$/g) ?? []).map((raw, index): ShellLine => {
    const end = /\r?\n$/.exec(raw)?.[0] ?? '';
    const line = { number: index + 1, text: raw.slice(0, raw.length - end.length), end };
    const document = documents[ended];
    if (quote === undefined && document !== undefined) {
      if (document.end.test(line.text)) ended += 1;
      return { ...line, begins: false, inDocument: true, braces: '' };
    }
    const begins = quote === undefined && !continued;
    const closing = quote?.end.exec(line.text)?.[0] ?? '';
    if (quote !== undefined && closing === '') return { ...line, begins, inDocument: false, braces: '' };
    const read = readTokens(line.text.slice(closing.length), line.number);
    ({ quote, continued } = read);
    documents.push(...read.documents);
    return { ...line, begins, inDocument: false, braces: read.braces };
  });
  const open = quote ?? documents[ended];
  return open === undefined ? { lines } : { lines, openSince: open.line };
}

interface Read {
  readonly braces: string;
  readonly continued: boolean;
  readonly quote: Open | undefined;
  readonly documents: readonly Open[];
}

const nothing: Read = { braces: '', continued: false, quote: undefined, documents: [] };

function readTokens(text: string, line: number): Read {
  // Most of what is long is empty.
  if (text === '') return nothing;
  const found = [...text.matchAll(tokens)].map(({ groups }) => groups ?? {});
  const quote = found.find((groups) => groups.quote !== undefined)?.quote;
  const end = quote === undefined ? undefined : quoteEnds[quote];
  return {
    braces: found.map((groups) => groups.brace ?? '').join(''),
    continued: found.at(-1)?.escape === '\\',
    quote: end === undefined ? undefined : { line, end },
    documents: found.flatMap((groups) => hereDocument(groups, line)),
  };
}

function hereDocument(groups: Readonly<Record<string, string | undefined>>, line: number): readonly Open[] {
  const word = groups.single ?? groups.double ?? groups.bare;
  if (word === undefined) return [];
  const literal = word.replace(/[.*+?^${}()|[\]\\]/g, String.raw`\$&`);
  return [{ line, end: new RegExp(`^${groups.tabs === '-' ? '\t*' : ''}${literal}$`) }];
}

/** Lines of a hand-made installation that are in the way of ours. */
export interface LineRange {
  readonly from: number;
  readonly to: number;
  /** What it is, to be read after "lines 3-9: ". */
  readonly what: string;
}

/** What stands in a start-up file and is not taken out of it, because of what it stands with. */
export function byHand(line: number, what: string): Result<never> {
  return failure({
    code: 'start-up-file-unclear',
    problem: `line ${line} has ${what}`,
    fix: `remove it by hand (nano +${line} FILE), then run again`,
  });
}

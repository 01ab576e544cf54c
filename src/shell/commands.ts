import { shellLines } from './lines.ts';

/** A word as the shell would see it, and the line where it begins. */
export interface ShellText {
  /** Without quotes and backslashes, nothing expanded. */
  readonly text: string;
  /** As it is written. */
  readonly raw: string;
  /** Counted from 1. */
  readonly line: number;
  /** The shell would expand something in it: a variable, or a command's output. */
  readonly expands: boolean;
}

/** One simple command: its words, with what stands between it and the next one. */
export interface ShellCommand {
  readonly words: readonly ShellText[];
  /** What ended it: a line break, one of ; & && || | ( ) { }, or nothing at the end of the file. */
  readonly end: string;
}

const pieces = new RegExp(
  [
    String.raw`(?<blank>[ \t]+|\\\n)`,
    String.raw`(?<comment>(?<![^\s;&|()])#[^\n]*)`,
    String.raw`(?<here><<-?[ \t]*(?:'[^']*'|"[^"]*"|\\?[\w.-]+)|[0-9]*(?:<<<|[<>]&?[0-9-]*|>>)[ \t]*)`,
    String.raw`(?<operator>\n|;;?|&&|\|\||[&|()])`,
    String.raw`(?<word>(?:\\[^\n]|\\\n|'[^']*'|\$'(?:[^'\\]|\\[\s\S])*'|"(?:[^"\\]|\\[\s\S])*"|\$\((?:[^()]|\([^()]*\))*\)|\$\{[^}]*\}|` +
      '`[^`]*`' +
      String.raw`|[^\s;&|()<>\\'"])+)`,
    String.raw`(?<other>[\s\S])`,
  ].join('|'),
  'g',
);

/**
 * The simple commands of a shell file, in their order. Comments and the bodies of here-documents are none. What stands
 * inside `$( )` is part of its word. Meant for start-up files: it knows words and separators, and no grammar.
 */
export function shellCommands(file: string): readonly ShellCommand[] {
  return logicalLines(file).flatMap(({ text, line }) => commandsIn(text, line));
}

/** Lines with those that continue them; a body of a here-document belongs to no line. */
function logicalLines(file: string): readonly { readonly text: string; readonly line: number }[] {
  const joined: { readonly texts: string[]; readonly line: number }[] = [];
  for (const { number, text, begins, inDocument } of shellLines(file).lines) {
    if (begins) joined.push({ texts: [text], line: number });
    else if (!inDocument) joined.at(-1)?.texts.push(text);
  }
  return joined.map(({ texts, line }) => ({ text: texts.join('\n'), line }));
}

function commandsIn(text: string, first: number): readonly ShellCommand[] {
  const commands: ShellCommand[] = [];
  let words: ShellText[] = [];
  let line = first;
  const finish = (end: string): void => {
    commands.push({ words, end });
    words = [];
  };
  for (const { 0: piece, groups = {} } of text.matchAll(pieces)) {
    if (groups.word === '{' || groups.word === '}') finish(piece);
    else if (groups.word !== undefined) words.push(shellText(piece, line));
    else if (groups.operator !== undefined) finish(piece);
    line += piece.split('\n').length - 1;
  }
  finish('\n');
  return commands;
}

function shellText(raw: string, line: number): ShellText {
  const parts = [
    ...raw.matchAll(/'([^']*)'|\$'((?:[^'\\]|\\[\s\S])*)'|"((?:[^"\\]|\\[\s\S])*)"|\\([\s\S])|([^'"\\]+)/g),
  ];
  const text = parts
    .map(([, single, ansi, double, escaped, bare]) => {
      if (escaped === '\n') return '';
      return single ?? ansi ?? double?.replace(/\\([$`"\\])/g, '$1') ?? escaped ?? bare ?? '';
    })
    .join('');
  const expands = parts.some(([, , , double, , bare]) => /(?<!\\)[$`]/.test(double ?? bare ?? ''));
  return { text, raw, line, expands };
}

import type { Problem } from '../engine/finding.ts';
import {
  aliasNames,
  aliasPieces,
  functionPieces,
  guidePieces,
  type HandMadeChoices,
  isWithin,
  leftAlone,
  type Piece,
  variablePieces,
} from './hand-made.ts';
import { removeBlock, type ShellBlock, upsertBlock } from './shell-block.ts';
import { type ShellLine, type ShellLines, shellLines } from './shell-lines.ts';

export interface AdoptedFile {
  readonly text: string;
  /** What was done and to which lines of the file as it was; no values. Empty when there was nothing to do. */
  readonly notes: readonly string[];
}

/** Stands in front of a line that was put out of use; what follows is the line as it was. */
const retired = '#claude-routing# ';

/**
 * ~/.bashrc as it should be: our block in it, and what the manual guide had a person add put out of use behind a mark
 * of ours, so that nothing is lost and `releaseBashrc` gives every byte back. All else keeps every byte.
 */
export function adoptBashrc(current: string, block: ShellBlock, choices: HandMadeChoices): AdoptedFile | Problem {
  const file = shellLines(current);
  const functions = functionPieces(file.lines);
  if ('problem' in functions) return named('~/.bashrc', functions);
  const aliases = aliasPieces(file.lines, functions);
  if ('problem' in aliases) return named('~/.bashrc', aliases);
  const guide = guidePieces(file.lines, functions, choices);
  const pieces = [...functions, ...aliases, ...guide].sort((a, b) => a.from - b.from);
  const doubt = doubtful(file);
  if (doubt !== undefined) return named('~/.bashrc', doubt);
  const result = upsertBlock(withRetired(file.lines, pieces), block);
  if ('problem' in result) return named('~/.bashrc', result);
  const left = file.lines.filter((line) => !isWithin(line, pieces)).flatMap(leftAlone);
  return { text: result.text, notes: [...pieces.map(note), ...left] };
}

/** ~/.bashrc as it was before `adoptBashrc`: the block gone, every line that was put out of use back in it. */
export function releaseBashrc(current: string, blockName: string): { readonly text: string } | Problem {
  const result = removeBlock(current, blockName);
  if ('problem' in result) return named('~/.bashrc', result);
  return { text: restored(result.text) };
}

/** An alias with the name of a launcher, for the other files that an interactive shell reads. */
export function findAliases(text: string): readonly { readonly line: number; readonly name: string }[] {
  return shellLines(text).lines.flatMap((line) => aliasNames(line).map((name) => ({ line: line.number, name })));
}

/** Such a file with those aliases put out of use; `file` is its name in messages. Undone by `restoreAliases`. */
export function retireAliases(text: string, file: string): AdoptedFile | Problem {
  const { lines } = shellLines(text);
  const pieces = aliasPieces(lines);
  if ('problem' in pieces) return named(file, pieces);
  return { text: withRetired(lines, pieces), notes: pieces.map(note) };
}

/** A shell file with every line that sets one of these variables put out of use. Undone by `restoreAliases`. */
export function retireVariables(text: string, names: readonly string[], file: string): AdoptedFile | Problem {
  const { lines } = shellLines(text);
  const pieces = variablePieces(lines, names);
  if ('problem' in pieces) return named(file, pieces);
  return { text: withRetired(lines, pieces), notes: pieces.map(note) };
}

/** The same for a file of plain assignments, such as those below environment.d, in which nothing else may stand. */
export function retireAssignments(text: string, names: readonly string[]): AdoptedFile {
  const line = new RegExp(`^[ \\t]*(?:${names.join('|')})=`);
  const rows = text.split('\n');
  const found = rows.flatMap((row, index) => (line.test(row) ? [index + 1] : []));
  return {
    text: rows.map((row) => (line.test(row) ? `${retired}${row}` : row)).join('\n'),
    notes: found.map((number) => `line ${number} is put out of use`),
  };
}

/** The file as it was before `retireAliases` or `retireVariables`. */
export function restoreAliases(text: string): string {
  return restored(text);
}

function withRetired(lines: readonly ShellLine[], pieces: readonly Piece[]): string {
  const starts = new Set(pieces.map(({ from }) => from));
  return lines
    .map((line) => {
      if (!isWithin(line, pieces)) return line.text + line.end;
      // A command must stay where one stood: it may be all that an `if` around it has.
      return `${starts.has(line.number) ? ': ' : ''}${retired}${line.text}${line.end}`;
    })
    .join('');
}

function restored(text: string): string {
  return text.replace(new RegExp(`^(?:: )?${retired}`, 'gm'), '');
}

/** After an open quote a hand-made piece cannot be told from a text that looks like one. */
function doubtful({ lines, openSince }: ShellLines): Problem | undefined {
  if (openSince === undefined) return undefined;
  const hidden = lines.slice(openSince).map((line) => ({ ...line, begins: true }));
  const pieces = functionPieces(hidden.map((line, index) => ({ ...line, number: index + 1 })));
  const found = 'problem' in pieces || pieces.length > 0 || hidden.some((line) => aliasNames(line).length > 0);
  if (!found) return undefined;
  return {
    problem: `line ${openSince} opens a quotation or here-document that never ends`,
    fix: `see what "bash -n ~/.bashrc" says, mend it (nano +${openSince} ~/.bashrc), then run again`,
  };
}

function note({ from, to, what }: Piece): string {
  return `${from === to ? `line ${from}` : `lines ${from}-${to}`}: ${what} is put out of use`;
}

function named(file: string, { problem, fix }: Problem): Problem {
  return { problem: `${file}: ${problem}`, fix: fix.replaceAll('FILE', file) };
}

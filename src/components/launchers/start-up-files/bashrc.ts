import { failure, type Problem, type Result, success } from '../../../problem.ts';
import { removeBlock, type ShellBlock, upsertBlock } from '../../../shell/block.ts';
import { fishAliases, fishLines, fishPieces, fishVariablePieces } from '../../../shell/fish-lines.ts';
import { type LineRange, type ShellLine, type ShellLines, shellLines } from '../../../shell/lines.ts';
import {
  aliasNames,
  aliasPieces,
  functionPieces,
  guidePieces,
  type LegacyChoices,
  leftAlone,
  variablePieces,
  within,
} from './legacy-setup.ts';

interface AdoptedFile {
  readonly text: string;
  /** What was done, and to which lines of the former file; no values. Empty if there was nothing to do. */
  readonly notes: readonly string[];
}

/** Characters; ten times the longest start-up file that was seen. A shell, too, would take seconds to read a longer one. */
const longest = 262_144;

function tooLong(file: string): Result<never> {
  return failure({
    code: 'file-too-large',
    problem: `${file} is longer than ${longest.toLocaleString('en-US')} characters and is not edited`,
    fix: `move most of it into a file of its own and read that from here:  echo '. ~/.bashrc.more' >> ${file}`,
  });
}

/** Stands in front of a line that was commented out; what follows is the line as it was. */
const disabledMark = '#claude-routing# ';

/**
 * ~/.bashrc, or another start-up file of bash or zsh, as it should be: our block in it, and what the manual guide had a
 * person add commented out behind a mark of ours, so that nothing is lost and `releaseBashrc` gives every byte back. All
 * else keeps every byte. `name` is the file in messages.
 */
export function adoptBashrc(
  current: string,
  block: ShellBlock,
  choices: LegacyChoices,
  name = '~/.bashrc',
): Result<AdoptedFile> {
  const retired = disableLegacySetup(current, choices, name);
  if (!retired.ok) return retired;
  const result = upsertBlock(retired.value.text, block);
  return result.ok ? success({ ...retired.value, text: result.value }) : named(name, result.problem);
}

/** The same without a block: for a file that such a shell reads later than the one in which our block stands. */
export function disableLegacySetup(current: string, choices: LegacyChoices, name: string): Result<AdoptedFile> {
  if (current.length > longest) return tooLong(name);
  const file = shellLines(current);
  const functions = functionPieces(file.lines);
  if (!functions.ok) return named(name, functions.problem);
  const aliases = aliasPieces(file.lines, functions.value);
  if (!aliases.ok) return named(name, aliases.problem);
  const guide = guidePieces(file.lines, functions.value, choices);
  const pieces = [...functions.value, ...aliases.value, ...guide].sort((a, b) => a.from - b.from);
  const doubt = doubtful(file);
  if (doubt !== undefined) return named(name, doubt);
  const isTaken = within(pieces);
  const left = file.lines.filter((line) => !isTaken(line)).flatMap(leftAlone);
  return success({ text: withDisabled(file.lines, pieces), notes: [...pieces.map(note), ...left] });
}

/** A start-up file as it was before `adoptBashrc` or `adoptFish`: the block gone, every line that was commented out back in it. */
export function releaseBashrc(current: string, blockName: string, name = '~/.bashrc'): Result<string> {
  const result = removeBlock(current, blockName);
  return result.ok ? success(restored(result.value)) : named(name, result.problem);
}

/** ~/.config/fish/config.fish with our block in it, and functions, aliases and abbreviations of a launcher's name commented out. */
export function adoptFish(current: string, block: ShellBlock, name: string): Result<AdoptedFile> {
  const lines = fishLines(current);
  const pieces = fishPieces(lines);
  if (!pieces.ok) return named(name, pieces.problem);
  const result = upsertBlock(withDisabled(lines, pieces.value), block);
  return result.ok ? success({ text: result.value, notes: pieces.value.map(note) }) : named(name, result.problem);
}

/** An alias with the name of a launcher, for the other files that an interactive shell reads. */
export function findAliases(text: string): readonly { readonly line: number; readonly name: string }[] {
  if (text.length > longest) return [];
  return shellLines(text).lines.flatMap((line) => aliasNames(line).map((name) => ({ line: line.number, name })));
}

/** The same in a file of fish, where an alias is a function. */
export function findFishAliases(text: string): readonly { readonly line: number; readonly name: string }[] {
  return fishAliases(fishLines(text));
}

/** Such a file with those aliases commented out; `file` is its name in messages. Undone by `restored`. */
export function retireAliases(text: string, file: string): Result<AdoptedFile> {
  return retired(text, file, shellLinesOf, (lines) => aliasPieces(lines));
}

/** A shell file with every line that sets one of these variables commented out. Undone by `restored`. */
export function retireVariables(text: string, names: readonly string[], file: string): Result<AdoptedFile> {
  return retired(text, file, shellLinesOf, (lines) => variablePieces(lines, names));
}

/** The same for a file of fish. */
export function retireFish(text: string, names: readonly string[], file: string): Result<AdoptedFile> {
  return retired(text, file, fishLines, (lines) => fishVariablePieces(lines, names));
}

const shellLinesOf = (text: string) => shellLines(text).lines;

function retired<Line extends Written>(
  text: string,
  file: string,
  linesOf: (text: string) => readonly Line[],
  piecesIn: (lines: readonly Line[]) => Result<readonly LineRange[]>,
): Result<AdoptedFile> {
  if (text.length > longest) return tooLong(file);
  const lines = linesOf(text);
  const pieces = piecesIn(lines);
  if (!pieces.ok) return named(file, pieces.problem);
  return success({ text: withDisabled(lines, pieces.value), notes: pieces.value.map(note) });
}

/** The same for a file of plain assignments, such as those below environment.d, in which nothing else may stand. */
export function retireAssignments(text: string, names: readonly string[]): AdoptedFile {
  const line = new RegExp(`^[ \\t]*(?:${names.join('|')})=`);
  const rows = text.split('\n');
  const found = rows.flatMap((row, index) => (line.test(row) ? [index + 1] : []));
  return {
    text: rows.map((row) => (line.test(row) ? `${disabledMark}${row}` : row)).join('\n'),
    notes: found.map((number) => `line ${number} is commented out`),
  };
}

/** Whether lines of a file were commented out. */
export function hasDisabledLine(text: string): boolean {
  return restored(text) !== text;
}

type Written = Pick<ShellLine, 'number' | 'text' | 'end'>;

function withDisabled(lines: readonly Written[], pieces: readonly LineRange[]): string {
  const starts = new Set(pieces.map(({ from }) => from));
  const isTaken = within(pieces);
  return lines
    .map((line) => {
      if (!isTaken(line)) return line.text + line.end;
      // A command must remain where there was one: it may be all that an enclosing `if` has.
      return `${starts.has(line.number) ? ': ' : ''}${disabledMark}${line.text}${line.end}`;
    })
    .join('');
}

/** A file as it was before lines of it were commented out. */
export function restored(text: string): string {
  return text.replace(new RegExp(`^(?:: )?${disabledMark}`, 'gm'), '');
}

/** After an open quote a hand-made piece cannot be told from text that looks like one. */
function doubtful({ lines, openSince }: ShellLines): Problem | undefined {
  if (openSince === undefined) return undefined;
  const hidden = lines.slice(openSince).map((line) => ({ ...line, begins: true }));
  const pieces = functionPieces(hidden.map((line, index) => ({ ...line, number: index + 1 })));
  const found = !pieces.ok || pieces.value.length > 0 || hidden.some((line) => aliasNames(line).length > 0);
  if (!found) return undefined;
  return {
    code: 'start-up-file-unclear',
    problem: `line ${openSince} opens a quotation or here-document that never ends`,
    fix: `see what "bash -n FILE" says, fix it (nano +${openSince} FILE), then run again`,
  };
}

function note({ from, to, what }: LineRange): string {
  return `${from === to ? `line ${from}` : `lines ${from}-${to}`}: ${what} is commented out`;
}

function named(file: string, { code, problem, fix }: Problem): Result<never> {
  return failure({ code, problem: `${file}: ${problem}`, fix: fix.replaceAll('FILE', file) });
}

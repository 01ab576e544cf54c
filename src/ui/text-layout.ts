import stringWidth from 'fast-string-width';
import { wrapAnsi } from 'fast-wrap-ansi';
import type { Choice } from './ui.ts';

/** Longest line: what still reads well in a log or beside other windows. */
const widest = 78;
/** Under this many columns every blank counts. */
const roomy = 60;
/** The last column where the second part of a line with two parts may begin. */
const lastColumn = 26;

/** The columns that text may use on a screen of that width; where it is not known, the widest. */
export function usableWidth(columns: number | undefined): number {
  return Math.max(20, Math.min(columns === undefined || columns === 0 ? widest : columns, widest));
}

/**
 * Wraps at the terminal's width, at most 78. Continuation lines stand under the text that they continue. Words longer than a
 * line stay whole, and so does what is to be typed, so that they can be copied.
 */
export function wrapped(text: string, columns: number | undefined): string {
  const width = usableWidth(columns);
  return text
    .split('\n')
    .map((line) => wrappedLine(line, width))
    .join('\n');
}

function wrappedLine(line: string, width: number): string {
  const indent = indentOf(line, width);
  const text = line.trim();
  if (stringWidth(indent) + stringWidth(text) <= width) return `${indent}${text}`.trimEnd();
  const column = width < roomy ? 0 : secondColumn(line);
  if (column > 0) return hung(line.slice(column).trimEnd(), line.slice(0, column), ' '.repeat(column), width);
  return hung(closer(text), indent, hangingOf(line, indent, width), width);
}

/** What stands before the lines that continue one; a list keeps its shape, a paragraph gets a little more than its own indentation. */
function hangingOf(line: string, indent: string, width: number): string {
  if (indent === '') return '';
  if (width >= roomy) return `${indent}  `;
  return secondColumn(line) > 0 ? '     ' : indent;
}

/** The first line behind `lead`, the others behind `hanging`. */
function hung(text: string, lead: string, hanging: string, width: number): string {
  const whole = text.replace(typed, (command) => command.replaceAll(' ', '\u00a0')).replace(quantity, '$1\u00a0$2');
  const parts = wrapAnsi(whole, width - hanging.length, { hard: false }).split('\n');
  return parts
    .map((part, index) => `${index === 0 ? lead : hanging}${part.replaceAll('\u00a0', ' ')}`.trimEnd())
    .join('\n');
}

/** A number and its unit stay together. */
const quantity = /(\d) (s|ms|min|GB|%|tokens)(?![a-z])/g;

/** A line of a shell: behind a colon and two blanks, or a fix that begins with a program. A line break in it would end it there. */
const typed =
  /(?<=: {2})\S.*?(?= {2}|$)|(?<=^Fix: )(?:claude-routing-install|docker|export|getent|ls|npx|sudo|systemctl) .*?(?= {2}|[,;] | or |$)/g;

/** Where the second part of a slightly indented line with two parts begins; 0 when it has only one. */
function secondColumn(line: string): number {
  if (!/^ {1,4}\S/.test(line)) return 0;
  const gaps = [...line.matchAll(/(?<=\S) {2,}(?=\S)/g)].map((gap) => gap.index + gap[0].length);
  return gaps.findLast((column) => column <= lastColumn) ?? 0;
}

function indentOf(line: string, width: number): string {
  const indent = /^\s*/.exec(line)?.[0] ?? '';
  return width < roomy ? indent.slice(0, Math.ceil(indent.length / 2)) : indent;
}

/** Columns made with blanks lose their meaning in a line that has to be broken. */
function closer(line: string): string {
  return line.replace(/ {3,}/g, '  ');
}

/** An answer behind its question, which takes the first `taken` columns: broken between words, further lines indented. */
export function answerText(answer: string, taken: number, columns: number | undefined): string {
  const width = usableWidth(columns);
  if (taken + stringWidth(answer) <= width) return answer;
  const hanging = '    ';
  const [first = '', ...rest] = wrapAnsi(`${'x'.repeat(taken)}${answer}`, width - hanging.length).split('\n');
  return [first.slice(taken), ...rest.map((line) => `${hanging}${line}`)].join('\n');
}

/** How each choice is written: label and detail in two columns where all fit into `width`, else the detail under the label. */
export function choiceTexts(choices: readonly Choice<string>[], width: number): readonly string[] {
  const longest = Math.max(...choices.map(({ label }) => stringWidth(label)));
  const beside = choices.map(({ label, detail }) =>
    detail === undefined ? label : `${label}${' '.repeat(longest - stringWidth(label) + 3)}${detail}`,
  );
  if (beside.every((text) => stringWidth(text) <= width)) return beside;
  return choices.map(({ label, detail }) => [label, ...(detail === undefined ? [] : under(detail, width))].join('\n'));
}

function under(detail: string, width: number): readonly string[] {
  const indent = '  ';
  return wrapAnsi(detail, width - indent.length)
    .split('\n')
    .map((line) => `${indent}${line}`);
}

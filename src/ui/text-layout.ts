import stringWidth from 'string-width';
import wrapAnsi from 'wrap-ansi';
import type { Choice } from './ui.ts';

/** Longest line: what still reads well in a log or beside other windows. */
export const widest = 78;

/** The columns that text may use on a screen of that width; where it is not known, the widest. */
export function usableWidth(columns: number | undefined): number {
  return Math.max(20, Math.min(columns === undefined || columns === 0 ? widest : columns, widest));
}

/**
 * Wraps at the terminal's width, at most 78. Continuation lines keep the indentation, and a little more where it marks a
 * paragraph. Words longer than a line stay whole, so that they can be copied.
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
  const hanging = indent === '' || width < roomy ? indent : `${indent}  `;
  const parts = wrapAnsi(closer(text), width - hanging.length, { hard: false }).split('\n');
  return parts.map((part, index) => `${index === 0 ? indent : hanging}${part.trimEnd()}`.trimEnd()).join('\n');
}

/** Under this many columns every blank counts. */
const roomy = 60;

function indentOf(line: string, width: number): string {
  const indent = /^\s*/.exec(line)?.[0] ?? '';
  return width < roomy ? indent.slice(0, Math.ceil(indent.length / 2)) : indent;
}

/** Columns made with blanks lose their meaning in a line that has to be broken. */
function closer(line: string): string {
  return line.replace(/ {3,}/g, '  ');
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
  const indent = '    ';
  return wrapAnsi(detail, width - indent.length)
    .split('\n')
    .map((line) => `${indent}${line}`);
}

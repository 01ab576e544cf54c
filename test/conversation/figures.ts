import { writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import type { Course } from './course.ts';

/** Where the figures of the last run are found. */
export const figuresFile = `${tmpdir()}/claude-routing-conversations.md`;

const columns: Readonly<Record<string, (course: Course) => number | string>> = {
  'turns answered': ({ answered, turns }) => `${answered} of ${turns.length}`,
  'first lost': ({ lost }) => lost?.turn ?? '–',
  compactions: ({ compactions }) => compactions,
  requests: ({ requests }) => requests,
  refused: ({ refused }) => refused,
  'prompt tokens': ({ promptTokens }) => thousands(promptTokens),
  'of them unread': ({ unreadTokens }) => thousands(unreadTokens),
  'cloud answers': ({ cloud }) => cloud,
  'what the person saw': ({ lost }) =>
    lost === undefined ? '' : `\`${lost.words.replaceAll('\n', ' ').slice(0, 200)}\``,
};

const rows: string[] = [];

/** Adds a conversation to the table and gives it back. */
export function note(name: string, course: Course): Course {
  rows.push(row([name, ...Object.values(columns).map((cell) => cell(course))]));
  return course;
}

/** Writes what was noted as one Markdown table. */
export function writeFigures(): void {
  const titles = ['conversation', ...Object.keys(columns)];
  writeFileSync(figuresFile, [row(titles), row(titles.map(() => '---')), ...rows, ''].join('\n'));
}

function row(cells: readonly (number | string)[]): string {
  return `| ${cells.join(' | ')} |`;
}

function thousands(tokens: number): string {
  return `${Math.round(tokens / 1000)}k`;
}

import { failure, type Result, success } from '../problem.ts';

/** A few lines of ours in a text file that belongs to another account, between two marker lines. */
export interface ShellBlock {
  /** Stands in both markers; one block per name and file. */
  readonly name: string;
  readonly lines: readonly string[];
  /** Where a new block goes; an existing one stays where it is. Default 'end'. */
  readonly at?: 'start' | 'end';
}

/**
 * The text with the block in it. What stands around the block keeps every byte; doing it twice changes nothing more.
 * A text without a final newline keeps none: the block then ends without one, which is how `removeBlock` knows.
 */
export function upsertBlock(current: string, block: ShellBlock): Result<string> {
  const looked = findBlock(current, block.name);
  if (!looked.ok) return looked;
  const found = looked.value;
  const body = [openingMarker(block.name), ...block.lines, closingMarker(block.name)].join('\n');
  if (found !== undefined) {
    const newline = current.startsWith('\n', found.bodyEnd) || current.startsWith('\r\n', found.bodyEnd);
    const rest = current.slice(found.bodyEnd).replace(/^\r?\n/, '');
    return success(current.slice(0, found.start) + body + (newline ? '\n' : '') + rest);
  }
  if (block.at === 'start' || current === '') return success(`${body}\n${current}`);
  return success(current.endsWith('\n') ? `${current}${body}\n` : `${current}\n${body}`);
}

/** The text without the block: byte for byte what it was before `upsertBlock`. No block, no change. */
export function removeBlock(current: string, name: string): Result<string> {
  const looked = findBlock(current, name);
  if (!looked.ok) return looked;
  const found = looked.value;
  if (found === undefined) return success(current);
  const rest = current.slice(found.bodyEnd);
  const before = current.slice(0, found.start);
  return success(rest === '' ? before.replace(/\n$/, '') : before + rest.replace(/^\r?\n/, ''));
}

/** Whether a block of this name stands in the text, whole or not. */
export function hasBlock(current: string, name: string): boolean {
  const looked = findBlock(current, name);
  return !looked.ok || looked.value !== undefined;
}

/** Offsets of the block: from the first byte of its opening marker to the last byte of its closing one, newline excluded. */
function findBlock(
  text: string,
  name: string,
): Result<{ readonly start: number; readonly bodyEnd: number } | undefined> {
  const opened: Mark[] = [];
  const closed: Mark[] = [];
  for (const mark of markedLines(text, name)) (mark.opens ? opened : closed).push(mark);
  const [start, extraStart] = opened;
  const [end, extraEnd] = closed;
  if (start === undefined && end === undefined) return success(undefined);
  const wrong = extraStart ?? extraEnd;
  if (wrong !== undefined) return broken(name, `appears more than once (again in line ${wrong.line})`);
  if (start === undefined) return broken(name, `ends in line ${end?.line} without having begun`);
  if (end === undefined) return broken(name, `begins in line ${start.line} and never ends`);
  if (end.line < start.line) return broken(name, `ends in line ${end.line}, before it begins in line ${start.line}`);
  return success({ start: start.from, bodyEnd: end.to });
}

interface Mark {
  readonly opens: boolean;
  readonly line: number;
  readonly from: number;
  readonly to: number;
}

function* markedLines(text: string, name: string): Generator<Mark> {
  let from = 0;
  let line = 1;
  for (const raw of text.split('\n')) {
    const content = raw.trimEnd();
    const opens = content === openingMarker(name);
    if (opens || content === closingMarker(name)) yield { opens, line, from, to: from + raw.replace(/\r$/, '').length };
    from += raw.length + 1;
    line += 1;
  }
}

function openingMarker(name: string): string {
  return `# >>> ${name} >>>`;
}

function closingMarker(name: string): string {
  return `# <<< ${name} <<<`;
}

function broken(name: string, what: string): Result<never> {
  return failure({
    code: 'start-up-file-unclear',
    problem: `the block "${name}" ${what}`,
    fix: `remove the lines "${openingMarker(name)}" and "${closingMarker(name)}" and what stands between them, then run again`,
  });
}

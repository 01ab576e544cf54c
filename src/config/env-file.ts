import type { Problem } from '../problem.ts';

/** One assignment of an env file. Offsets count UTF-16 units of the whole text. */
interface Assignment {
  readonly name: string;
  readonly value: string;
  /** Number of its first line, from 1. */
  readonly line: number;
  /** Where its line begins, where its name begins, and where the next line begins. */
  readonly start: number;
  readonly nameAt: number;
  readonly end: number;
  /** `export ` or nothing. */
  readonly lead: string;
  /** What follows the value on its last line, starting with the #. */
  readonly comment: string;
}

/** A line that its readers read differently; `what` never quotes any of it. */
export interface Unlike {
  readonly line: number;
  readonly what: string;
  readonly fix: 'carriage-returns' | 'mark' | 'by-hand';
}

interface EnvFile {
  readonly assignments: readonly Assignment[];
  readonly unlike: readonly Unlike[];
}

// Each is tried at one position only and has only one way to match, so that no text takes long.
const gap = /[ \t]*(?:#[^\n]*)?(?:\n|$)/y;
const head = /([ \t]*)((?:export[ \t]+)?)([A-Za-z_][A-Za-z0-9_]*)=/y;
const quoted = { "'": /'([^']*)'/y, '"': /"([^"]*)"/y } as const;
const bare = /[^ \t\n]*/y;
const tail = /[ \t]*(?:\n|$)|[ \t]+(#[^\n]*)(?:\n|$)/y;

/**
 * The only reader of env files, by assignment: what bash (`.`), docker compose (`env_file`) and dotenv read alike.
 * Tried with bash 5.2, Docker Compose 2.26 and dotenv 17; a line that they take differently is `unlike`, whatever it is.
 */
export function readEnvFile(text: string): EnvFile {
  const assignments: Assignment[] = [];
  const unlike: Unlike[] = [];
  let sure = true;
  for (let at = 0, line = 1; at < text.length; ) {
    const read = readAt(text, at, line);
    const { end } = read;
    if (read.kind === 'unlike') {
      unlike.push({ line, what: read.what, fix: read.fix });
      // For one of the readers this line may continue into the ones below: nobody knows what those say.
      if (/['"`\\(<{]/.test(text.slice(at, end))) sure = false;
    } else if (read.kind === 'assignment' && sure) assignments.push(read.assignment);
    line += linesIn(text, at, end);
    at = end;
  }
  return { assignments, unlike };
}

/** What is at a position, and where it ends. */
type Read = { readonly end: number } & (
  | { readonly kind: 'assignment'; readonly assignment: Assignment }
  | { readonly kind: 'blank' }
  | ({ readonly kind: 'unlike' } & Omit<Unlike, 'line'>)
);

function readAt(text: string, start: number, line: number): Read {
  const lineEnd = endOfLine(text, start);
  const bad = (what: string, fix: Unlike['fix'] = 'by-hand', end = lineEnd) =>
    ({ kind: 'unlike', what, fix, end }) as const;
  const oneLine = text.slice(start, lineEnd);
  if (start === 0 && oneLine.startsWith('\uFEFF')) return bad('begins with a byte order mark', 'mark');
  if (oneLine.includes('\r')) return bad('has a carriage return, as files from Windows have', 'carriage-returns');
  if (controlIn(oneLine)) return bad('has a control character in it');
  const blank = matchAt(gap, text, start);
  if (blank !== undefined) return { kind: 'blank', end: start + blank[0].length };
  const found = matchAt(head, text, start);
  if (found === undefined) return bad(notAssigned(oneLine));
  const [begin, indent = '', lead = '', name = ''] = found;
  const behind = start + begin.length;
  const value = valueAt(text, behind, lead !== '');
  if (!value.ok) return bad(`gives ${name} a value that ${value.what}`, 'by-hand', Math.max(lineEnd, value.end));
  const rest = matchAt(tail, text, value.end);
  if (rest === undefined)
    return bad(`has something after the value of ${name} that is not a comment`, 'by-hand', endOfLine(text, value.end));
  const end = value.end + rest[0].length;
  const nameAt = start + indent.length + lead.length;
  const assignment = { name, value: value.text, line, start, nameAt, end, lead, comment: rest[1] ?? '' };
  return { kind: 'assignment', assignment, end };
}

type Value = { readonly end: number } & (
  | { readonly ok: true; readonly text: string }
  | { readonly ok: false; readonly what: string }
);

function valueAt(text: string, at: number, exported: boolean): Value {
  const mark = text[at];
  if (mark !== "'" && mark !== '"') {
    const word = matchAt(bare, text, at)?.[0] ?? '';
    const what = offenceOf(word, exported);
    return what === undefined ? { ok: true, text: word, end: at + word.length } : { ok: false, what, end: at };
  }
  const found = matchAt(quoted[mark], text, at);
  if (found === undefined) return { ok: false, what: 'opens a quotation mark that is never closed', end: at };
  const [whole, inside = ''] = found;
  const end = at + whole.length;
  if (controlIn(inside)) return { ok: false, what: 'has a control character in it', end };
  if (mark === '"' && /[$`\\]/.test(inside))
    return { ok: false, what: 'has a $, a ` or a \\ within double quotation marks', end };
  if (inside.endsWith('\\')) return { ok: false, what: 'has a \\ before the quotation mark that closes it', end };
  return { ok: true, text: inside, end };
}

function notAssigned(line: string): string {
  if (/^[ \t]*(?:export[ \t]+)?[A-Za-z_]\w*[ \t]+=/.test(line)) return 'has a blank before the =';
  return 'is not NAME=value';
}

function matchAt(pattern: RegExp, text: string, at: number): RegExpExecArray | undefined {
  pattern.lastIndex = at;
  return pattern.exec(text) ?? undefined;
}

function endOfLine(text: string, at: number): number {
  const end = text.indexOf('\n', at);
  return end === -1 ? text.length : end + 1;
}

function linesIn(text: string, start: number, end: number): number {
  let count = 0;
  for (let at = text.indexOf('\n', start); at !== -1 && at < end; at = text.indexOf('\n', at + 1)) count += 1;
  return count;
}

/** The variables that a file gives; of a name given twice the last one counts. */
export function readVariables(text: string): Readonly<Record<string, string>> {
  return Object.fromEntries(readEnvFile(text).assignments.map(({ name, value }) => [name, value]));
}

/** Everything that could be a value, even on lines that nobody should use: for masking, and for nothing else. */
export function suspectedValues(text: string): readonly string[] {
  const loose = text.split('\n').map((line) => line.replace(/^[^=:]*[=:]/, '').replace(/^[\s'"`]+|[\s'"`]+$/g, ''));
  return [...new Set([...Object.values(readVariables(text)), ...loose])].filter((value) => value !== '');
}

/**
 * The text with these variables in it. An assignment that says it already stays as it is, any other one of the name gets
 * the value, and what is missing is added at the end. Every other byte is kept. The file must have no line that its
 * readers take differently, and the values must have passed `secretValueProblem`.
 */
export function setVariables(text: string, wanted: Readonly<Record<string, string>>): string {
  const missing = new Map(Object.entries(wanted));
  const edited = withAssignments(text, (assignment, written) => {
    const { name, value, lead, comment } = assignment;
    const want = wanted[name];
    if (want === undefined) return written;
    missing.delete(name);
    if (value === want) return written;
    const end = written.endsWith('\n') ? '\n' : '';
    return `${lead}${name}=${want}${comment === '' ? '' : ` ${comment}`}${end}`;
  });
  return appended(
    edited,
    [...missing].map(([name, value]) => `${name}=${value}`),
  );
}

/** The text with each assignment as `change` wants it; everything else unchanged. */
export function withAssignments(text: string, change: (assignment: Assignment, written: string) => string): string {
  let out = '';
  let at = 0;
  for (const assignment of readEnvFile(text).assignments) {
    const { start, end } = assignment;
    out += text.slice(at, start) + change(assignment, text.slice(start, end));
    at = end;
  }
  return out + text.slice(at);
}

function appended(text: string, lines: readonly string[]): string {
  if (lines.length === 0) return text;
  const lead = text === '' || text.endsWith('\n') ? text : `${text}\n`;
  return `${lead}${lines.join('\n')}\n`;
}

/**
 * Why a key cannot stand in an env file, or undefined when it can: without quotes, in characters that every reader, every
 * header and every URL takes as they are. The value itself is never part of the message.
 */
export function secretValueProblem(variable: string, value: string): Problem | undefined {
  const found = offences.find(([pattern]) => pattern.test(value))?.[1];
  if (found === undefined) return undefined;
  return {
    code: 'key-malformed',
    problem: `the value of ${variable} ${found}, which the shell and the container would read differently`,
    fix: 'copy the key once more, without quotes or blanks around it; a key has letters, digits and . _ ~ + / = : @ % - only',
  };
}

const offences: readonly (readonly [RegExp, string])[] = [
  [/\0/, 'is UTF-16 text, as PowerShell may write it'],
  [/^$/, 'is empty'],
  [/[\r\n]/, 'has a line break in it'],
  [/^\s|\s$/, 'begins or ends with a blank'],
  [/\s/, 'has a blank in it'],
  [/['"`]/, 'has a quotation mark in it'],
  [/\$/, 'has a dollar sign in it'],
  [/#/, 'has a # in it'],
  [/\\/, 'has a backslash in it'],
  [/\p{Cc}/u, 'has a control character in it'],
  [/[^\x20-\x7e]/, 'has a character in it that is not plain ASCII'],
  [/^~|:~/, 'has a ~ where the shell would put a home directory'],
  [/[^A-Za-z0-9._~+/=:@%-]/, 'has a punctuation mark in it that a key does not have'],
];

/** What bash, docker compose and dotenv read differently in an unquoted value; completes "a value that …". */
function offenceOf(value: string, exported: boolean): string | undefined {
  if (/['"`]/.test(value)) return 'has a quotation mark within';
  if (/\$/.test(value)) return 'has a dollar sign in it, without single quotation marks around it';
  if (/#/.test(value)) return 'has a # in it, without quotation marks around it';
  if (/\\/.test(value)) return 'has a backslash in it, without single quotation marks around it';
  if (/[;&|<>()]/.test(value)) return 'has a character in it that the shell acts on, without quotation marks around it';
  if (/^~|:~/.test(value)) return 'has a ~ in it where the shell puts a home directory';
  if (exported && /[{}*?[\]]/.test(value)) return 'has a pattern in it that the shell fills in';
  return /[\p{C}\p{Z}]/u.test(value) ? 'has a blank or sign in it that cannot be seen' : undefined;
}

/** Whether a text contains a control character other than line breaks and tabs. */
function controlIn(text: string): boolean {
  return /[\x00-\x08\x0b-\x1f\x7f]/.test(text);
}

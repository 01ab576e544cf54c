import { parse } from 'dotenv';
import type { Problem } from '../engine/finding.ts';

/** The variables of an env file, as dotenv reads them; of a name given twice the last one counts, as in bash. */
export function readVariables(text: string): Readonly<Record<string, string>> {
  return parse(text);
}

/**
 * Why a value cannot stand in an env file, or undefined when it can. Bash, the container runtime and dotenv must all
 * read the same thing, and they differ about quotes, blanks, `$`, `#`, backslashes and a leading `~`.
 * The value itself is never part of the message.
 */
export function secretValueProblem(variable: string, value: string): Problem | undefined {
  const found = offence(value);
  if (found === undefined) return undefined;
  return {
    problem: `the value of ${variable} ${found}, which the shell and the container would not read alike`,
    fix: 'copy the key once more, without quotes or blanks around it; a key has letters, digits and . _ ~ + / = : @ % - only',
  };
}

const offences: readonly (readonly [RegExp, string])[] = [
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

function offence(value: string): string | undefined {
  return offences.find(([pattern]) => pattern.test(value))?.[1];
}

// The same idea of an assignment as dotenv has, so that a quoted value of several lines is one assignment.
const assignment =
  /^([ \t]*(?:export[ \t]+)?)([\w.-]+)([ \t]*=[ \t]*|:[ \t]+)('(?:\\'|[^'])*'|"(?:\\"|[^"])*"|`(?:\\`|[^`])*`|[^#\r\n]*)([ \t]*(?:#[^\r\n]*)?)(\r?)$/gm;

/**
 * The text with these variables in it. A line that already says the same to every reader stays as it is, any other
 * line of the name gets the value, and what is missing is added at the end. Every other byte is kept. The values must
 * have passed `secretValueProblem`.
 */
export function setVariables(text: string, wanted: Readonly<Record<string, string>>): string {
  const missing = new Set(Object.keys(wanted));
  const edited = text.replace(
    assignment,
    (line, lead: string, name: string, equals: string, value: string, ...rest) => {
      const want = wanted[name];
      if (want === undefined) return line;
      missing.delete(name);
      const [comment, carriageReturn] = rest as [string, string];
      if (carriageReturn === '' && equals === '=' && saysPlainly(value, comment, want)) return line;
      return `${lead.trimStart()}${name}=${want}${comment.trim() === '' ? '' : ` ${comment.trim()}`}`;
    },
  );
  return appended(
    edited,
    [...missing].map((name) => `${name}=${wanted[name]}`),
  );
}

function saysPlainly(value: string, comment: string, want: string): boolean {
  const bare = value.replace(/[ \t]+$/, '');
  if (bare !== value && comment === '') return false;
  return bare === want || bare === `"${want}"` || bare === `'${want}'`;
}

function appended(text: string, lines: readonly string[]): string {
  if (lines.length === 0) return text;
  const lead = text === '' || text.endsWith('\n') ? text : `${text}\n`;
  return `${lead}${lines.join('\n')}\n`;
}

import type { Problem } from '../problem.ts';

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

/** What bash, docker compose and dotenv take differently in a value without quotation marks, as words behind "a value that". */
export function offenceOf(value: string, exported: boolean): string | undefined {
  if (/['"`]/.test(value)) return 'has a quotation mark within';
  if (/\$/.test(value)) return 'has a dollar sign in it, without single quotation marks around it';
  if (/#/.test(value)) return 'has a # in it, without quotation marks around it';
  if (/\\/.test(value)) return 'has a backslash in it, without single quotation marks around it';
  if (/[;&|<>()]/.test(value)) return 'has a character in it that the shell acts on, without quotation marks around it';
  if (/^~|:~/.test(value)) return 'has a ~ in it where the shell puts a home directory';
  if (exported && /[{}*?[\]]/.test(value)) return 'has a pattern in it that the shell fills in';
  return /[\p{C}\p{Z}]/u.test(value) ? 'has a blank or sign in it that cannot be seen' : undefined;
}

/** Whether a text has a control character in it that is no line break and no tab. */
export function controlIn(text: string): boolean {
  return /[\x00-\x08\x0b-\x1f\x7f]/.test(text);
}

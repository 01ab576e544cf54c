import { harmless } from '../text/harmless.ts';

/**
 * A text as one word of bash: left bare where no character means anything to the shell, in single quotes otherwise, and in
 * `$'…'` where it holds what a screen would obey, so that what is shown can be typed.
 */
export function shellWord(text: string): string {
  if (/^[A-Za-z0-9_@%+=:,./-]+$/.test(text)) return text;
  if (harmless(text) === text) return `'${text.replaceAll("'", `'\\''`)}'`;
  return `$'${[...text].map(ansiQuoted).join('')}'`;
}

/** Source: bash(1), "QUOTING": escapes of `$'…'`. */
function ansiQuoted(character: string): string {
  // No word of a shell can hold it.
  if (character === '\0') return '';
  if (/['\\]/.test(character)) return `\\${character}`;
  if (/^[ -~]$/.test(character) || (/^[\p{L}\p{N}\p{S}]$/u.test(character) && harmless(character) === character))
    return character;
  return [...Buffer.from(character)].map((byte) => `\\x${byte.toString(16).padStart(2, '0')}`).join('');
}

import { execFileSync } from 'node:child_process';
import { describe, expect, test } from 'vitest';
import { shellWord } from '../../src/shell/word.ts';
import { bounded, harmless, harmlessJson, harmlessLine, withTextsFit } from '../../src/text/harmless.ts';

/** What other programs may put into a text, and what is to be seen of it. */
const texts: readonly (readonly [what: string, text: string, shown: string])[] = [
  ['colour', 'a \x1b[1;31mred\x1b[0m word', 'a red word'],
  ['a moved cursor and an erased line', 'a\x1b[2A\x1b[2Kb', 'ab'],
  ['colour in one byte', '\x9b31mred', 'red'],
  ['a window title, with BEL', '\x1b]0;title\x07x', 'x'],
  ['a window title, with ST', '\x1b]2;title\x1b\\x', 'x'],
  ['a link', '\x1b]8;;http://x\x07here\x1b]8;;\x07', 'here'],
  ['a title that does not end', '\x1b]0;title', '\\x1b]0;title'],
  ['a device control string', '\x1bPq#0\x1b\\', '\\x1bPq#0\\x1b\\'],
  ['a reset', '\x1bc', '\\x1bc'],
  ['ESC alone', 'a\x1b', 'a\\x1b'],
  ['carriage return', 'good\rbad', 'good\\rbad'],
  ['backspace, bell, form feed, vertical tab, NUL, DEL', 'a\b\x07\f\v\0\x7f', 'a\\b\\x07\\f\\v\\0\\x7f'],
  ['C1', 'a\x85\x90', 'a\\x85\\x90'],
  ['turned direction', 'a\u202eb\u202c\u2066c\u2069\u200f\u061c', 'a\\u202eb\\u202c\\u2066c\\u2069\\u200f\\u061c'],
  ['no width', 'a\u200bb\u200dc\ufeff\u00ad\u2060', 'a\\u200bb\\u200dc\\ufeff\\xad\\u2060'],
  ['letters that fill and show nothing', '\u3164\u115f', '\\u3164\\u115f'],
  ['separators', 'a\u2028b\u2029c', 'a\\u2028b\\u2029c'],
  ['half a pair', 'a\ud83d b \ude00', 'a\\ud83d b \\ude00'],
  ['tags', 'a\u{e0041}', 'a\\u{e0041}'],
  ['heaped marks', `e${'\u0301'.repeat(50)}x`, `e${'\u0301'.repeat(4)}x`],
  [
    'nothing of all that',
    'Grüße, 世界, 👍 ❤️ e\u0301 ✓ … a\tb\n\n"\\x1b"',
    'Grüße, 世界, 👍 ❤️ e\u0301 ✓ … a\tb\n\n"\\x1b"',
  ],
  ['line ends of another system', 'a\r\nb', 'a\nb'],
];

describe('a text that was not written by us', () => {
  test.each(texts)('with %s', (_, text, shown) => {
    expect(harmless(text)).toBe(shown);
    expect(harmless(shown)).toBe(shown);
  });

  test('stays on its line where it belongs on one', () => {
    expect(harmlessLine('a\n ✓ 12  proof\tholds\r\n')).toBe('a\\n ✓ 12  proof holds\\n');
  });

  test('has an end', () => {
    expect(bounded('x'.repeat(10), 10)).toBe('x'.repeat(10));
    expect(bounded('x'.repeat(11), 10)).toBe(`${'x'.repeat(10)}… (1 more characters)`);
    expect(bounded(`${'x'.repeat(9)}😀`, 10)).toBe(`${'x'.repeat(9)}… (2 more characters)`);
  });

  test.each(texts.filter(([what]) => what !== 'heaped marks'))(
    'as JSON means what it meant, and can be looked at: %s',
    (_, text) => {
      const json = harmlessJson({ [text]: [text] });
      expect(JSON.parse(json)).toEqual({ [text]: [text] });
      expect(harmless(json)).toBe(json);
    },
  );

  test('is made fit wherever it stands in a value', () => {
    const value = { 'a\x07': ['b\x07', { c: 'd\x07', n: 1, none: null }], left: undefined };
    expect(withTextsFit(value, harmless)).toEqual({ 'a\\x07': ['b\\x07', { c: 'd\\x07', n: 1, none: null }] });
  });
});

describe('a word for a shell', () => {
  test.each([...texts.map(([, text]) => text), "it's", '$(x) `y`', 'a b', 'ü', 'a\\b\x07'])(
    '%j can be shown and is what it was',
    (text) => {
      const word = shellWord(text);
      expect(harmless(word)).toBe(word);
      const args = ['--norc', '-c', `printf %s ${word} | od -An -v -tx1`];
      const bytes = execFileSync('bash', args, { encoding: 'utf8', env: { LC_ALL: 'C.UTF-8' } }).replace(/\s/g, '');
      // No word of a shell can hold NUL, and half a pair is no text.
      expect(bytes).toBe(Buffer.from(text.replaceAll('\0', '')).toString('hex'));
    },
  );
});

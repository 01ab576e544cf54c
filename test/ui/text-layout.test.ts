import { describe, expect, test } from 'vitest';
import { answerText, choiceTexts, usableWidth, wrapped } from '../../src/ui/text-layout.ts';

describe('wrapped', () => {
  test('uses at most 78 columns of a wide terminal, and all of a narrow one', () => {
    const text = 'word '.repeat(60);
    const longest = (columns: number | undefined) =>
      Math.max(
        ...wrapped(text, columns)
          .split('\n')
          .map((line) => line.length),
      );
    expect(longest(200)).toBeLessThanOrEqual(78);
    expect(longest(undefined)).toBeLessThanOrEqual(78);
    expect(longest(40)).toBeLessThanOrEqual(40);
    expect(longest(40)).toBeGreaterThan(35);
  });

  test('leaves a line that fits as it is, blanks within included', () => {
    expect(wrapped('  a      b   c', 80)).toBe('  a      b   c');
  });

  test('never cuts a word, so that addresses and paths can be copied', () => {
    const path = `/home/claude/${'x'.repeat(60)}`;
    expect(wrapped(`see ${path} there`, 40)).toBe(`see\n${path}\nthere`);
  });

  test('indents what continues a paragraph a little more, where there is room', () => {
    expect(wrapped(`     ${'word '.repeat(20)}`, 78).split('\n')[1]).toMatch(/^ {7}word/);
    expect(wrapped(`     ${'word '.repeat(20)}`, 40).split('\n')).toEqual([
      expect.stringMatching(/^ {3}word/),
      expect.stringMatching(/^ {3}word/),
      expect.stringMatching(/^ {3}word/),
    ]);
  });

  test('puts what continues the second column under it', () => {
    const [, second] = wrapped(`  11  gateway            ${'thing, '.repeat(12)}`, 80).split('\n');
    expect(second).toMatch(/^ {25}thing/);
  });

  test.each([
    [
      '     Fix: claude-routing-install doctor --fix --only secrets-file, or leave it',
      'claude-routing-install doctor --fix --only secrets-file',
    ],
    [
      'is it there? From here:  curl -s http://192.168.1.20:1234/v1/models',
      'curl -s http://192.168.1.20:1234/v1/models',
    ],
    ['keep it:  cp -p a-long-name a-longer-name-yet  then fix it in an editor', 'cp -p a-long-name a-longer-name-yet'],
  ])('leaves what is to be typed on one line: %s', (text, command) => {
    expect(wrapped(text, 40)).toContain(command);
    expect(wrapped(text, 40).split('\n').length).toBeGreaterThan(1);
  });

  test('gives up columns in a narrow terminal, and keeps the shape of the list', () => {
    expect(wrapped('  11  gateway            one thing, another thing, a third one', 40)).toBe(
      ' 11  gateway  one thing, another\n     thing, a third one',
    );
  });

  test('keeps a number and its unit together', () => {
    expect(wrapped(' ✓  1  answers and keys   2 changes             0.0 s', 40)).not.toMatch(/0\.0$/m);
  });
});

test('usableWidth takes 78 where the terminal does not tell its width', () => {
  expect([usableWidth(undefined), usableWidth(0), usableWidth(300), usableWidth(40), usableWidth(5)]).toEqual([
    78, 78, 78, 40, 20,
  ]);
});

describe('choiceTexts', () => {
  const choices = [
    { value: 'a', label: 'short', detail: 'what it is' },
    { value: 'b', label: 'much longer', detail: 'what the other is' },
    { value: 'c', label: 'alone' },
  ];

  test('sets label and detail in columns', () => {
    expect(choiceTexts(choices, 60)).toEqual(['short         what it is', 'much longer   what the other is', 'alone']);
  });

  test('sets the detail under the label where one of them does not fit', () => {
    expect(choiceTexts(choices, 20)).toEqual(['short\n  what it is', 'much longer\n  what the other is', 'alone']);
  });
});

test('an answer that is too long is broken between words', () => {
  expect(answerText('use it anyway; it is only off at the moment', 12, 40)).toBe(
    'use it anyway; it is\n    only off at the moment',
  );
  expect(answerText('yes', 12, 40)).toBe('yes');
});

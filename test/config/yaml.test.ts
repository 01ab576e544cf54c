import { describe, expect, it } from 'vitest';
import { readYaml } from '../../src/config/yaml.ts';
import { problemIn, valueIn } from '../value-in.ts';

const bounds = { longest: 65_536 };
const bomb = [
  'a: &a [x, x, x, x, x, x, x, x, x]',
  ...['b', 'c', 'd', 'e', 'f', 'g', 'h'].map((name, index) => {
    const before = String.fromCharCode('a'.charCodeAt(0) + index);
    return `${name}: &${name} [${`*${before}, `.repeat(9)}]`;
  }),
].join('\n');

describe('YAML of anybody', () => {
  it.each([
    ['an alias without its anchor', 'a: *b\n', /\*b names no anchor/, 1],
    ['an alias before its anchor', 'a: *b\nb: &b 1\n', /\*b names no anchor/, 1],
    ['an alias bomb', bomb, /alias/i, undefined],
    ['thousands of aliases', `a: &a 1\nb: [${'*a, '.repeat(4000)}]`, /more than 100 aliases/, 2],
    ['a key given twice', 'a:\n  b: 1\n  b: 2\n', /unique/, 3],
    ['thousands of brackets', '['.repeat(5000), /nested too deeply/, 1],
    ['thousands of closing brackets', '}'.repeat(60_000), /nested too deeply/, 1],
    ['lists in lists', `${'- '.repeat(5000)}x`, /indented too deeply/, 1],
    [
      'keys in keys',
      `a:\n${Array.from({ length: 300 }, (_, depth) => `${' '.repeat(depth)}a:`).join('\n')}`,
      /too deeply/,
      203,
    ],
    ['two documents', 'a: 1\n---\na: 2\n', /not YAML/, 2],
    ['a tab', 'a:\n\tb: 1\n', /not YAML/, 2],
    ['a text that is too long', 'x'.repeat(65_537), /longer than 65,536 characters/, undefined],
  ])('%s is a fault in words', (_, text, fault, line) => {
    expect(problemIn(readYaml(text, bounds))).toMatchObject({
      fault: expect.stringMatching(fault),
      ...(line && { line }),
    });
  });

  it('may say a thing once and mean it twice', () => {
    expect(valueIn(readYaml('a: &x {b: 1}\nc: *x\n', bounds))).toMatchObject({ value: { a: { b: 1 }, c: { b: 1 } } });
    expect(valueIn(readYaml('a: &x {b: 1}\nc: {<<: *x, d: no}\n', { ...bounds, old: true }))).toMatchObject({
      value: { c: { b: 1, d: false } },
    });
  });
});

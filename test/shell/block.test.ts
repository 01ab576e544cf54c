import { describe, expect, it } from 'vitest';
import { removeBlock, upsertBlock } from '../../src/shell/block.ts';
import { problemIn, valueIn } from '../value-in.ts';

const block = { name: 'mine', lines: ['one', 'two'] };
const whole = '# >>> mine >>>\none\ntwo\n# <<< mine <<<';

const files: readonly [string, string][] = [
  ['empty', ''],
  ['a newline', '\n'],
  ['one line', 'a\n'],
  ['no final newline', 'a\nb'],
  ['Windows line ends', 'a\r\nb\r\n'],
  ['Windows line ends and none at the end', 'a\r\nb'],
  ['a carriage return at the end', 'a\r'],
  ['blank lines around', '\n\na\n\n\n'],
  ['another block', '# >>> other >>>\nx\n# <<< other <<<\n'],
];

describe.each(['start', 'end'] as const)('a block at the %s', (at) => {
  it.each(files)('comes and goes without a trace in a file with %s', (_, file) => {
    const once = valueIn(upsertBlock(file, { ...block, at }));
    expect(once).toContain(whole);
    expect(valueIn(upsertBlock(once, { ...block, at }))).toBe(once);
    expect(valueIn(removeBlock(once, 'mine'))).toBe(file);
  });

  it.each(files)('leaves every byte around it when its lines change, in a file with %s', (_, file) => {
    const before = valueIn(upsertBlock(file, { ...block, at }));
    const after = valueIn(upsertBlock(before, { ...block, at, lines: ['three'] }));
    expect(after.replace('three', 'one\ntwo')).toBe(before);
    expect(valueIn(removeBlock(after, 'mine'))).toBe(file);
  });
});

describe('a block that is already there', () => {
  it('stays where it is, whatever place is asked for', () => {
    const file = `a\n${whole}\nb\n`;
    expect(valueIn(upsertBlock(file, { ...block, at: 'start' }))).toBe(file);
  });

  it('is written with plain line ends where an editor made Windows ones', () => {
    const file = `a\r\n${whole.replaceAll('\n', '\r\n')}\r\nb\r\n`;
    expect(valueIn(upsertBlock(file, block))).toBe(`a\r\n${whole}\nb\r\n`);
  });

  it('is found behind trailing blanks', () => {
    expect(valueIn(removeBlock('# >>> mine >>>  \nx\n# <<< mine <<<\t\n', 'mine'))).toBe('');
  });
});

describe('a block that is not whole', () => {
  it.each([
    ['has no end', 'a\n# >>> mine >>>\nb\n', 'begins in line 2 and never ends'],
    ['has no beginning', 'a\n# <<< mine <<<\n', 'ends in line 2 without having begun'],
    ['begins twice', `${whole}\n${whole}\n`, 'more than once (again in line 5)'],
    ['ends twice', `${whole}\n# <<< mine <<<\n`, 'more than once (again in line 5)'],
    ['ends before it begins', '# <<< mine <<<\n# >>> mine >>>\n', 'ends in line 1, before it begins in line 2'],
  ])('is reported when it %s', (_, file, words) => {
    for (const result of [upsertBlock(file, block), removeBlock(file, 'mine')]) {
      expect(problemIn(result)).toHaveProperty('problem', expect.stringContaining(words));
      expect(problemIn(result)).toHaveProperty('fix', expect.stringContaining('# >>> mine >>>'));
    }
  });
});

it('leaves a file without the block as it is', () => {
  expect(valueIn(removeBlock('a\nb', 'mine'))).toBe('a\nb');
});

import { describe, expect, it, test } from 'vitest';
import {
  queueLimit,
  queueTrouble,
  queueWords,
  slotsOf,
  windowVerdict,
} from '../../../src/components/lm-studio/server-limits.ts';

it.each([
  [4096, 'stop', 'n_keep >= n_ctx'],
  [32_767, 'stop', 'n_keep >= n_ctx'],
  [32_768, 'serious', 'every turn'],
  [49_151, 'serious', 'every turn'],
  [49_152, 'warning', 'every second turn'],
  [65_535, 'warning', 'every second turn'],
  [undefined, 'warning', 'does not say'],
])('%s tokens: %s, because "%s"', (tokens, level, reason) => {
  const verdict = windowVerdict(tokens);
  expect(verdict).toMatchObject({
    level,
    problem: expect.stringContaining(reason),
    fix: expect.stringContaining('65,536'),
  });
});

it.each([65_536, 262_144])('%i tokens are enough', (tokens) => {
  expect(windowVerdict(tokens)).toEqual({ level: 'ok', note: `${tokens.toLocaleString('en-US')} tokens loaded` });
});

describe('how many requests a local server gets at once', () => {
  it.each([
    [undefined, 4, '4 at once, as LM Studio says; the others wait'],
    [undefined, undefined, 'no limit: LM Studio does not name one; localModel.parallel sets one'],
    [2, 4, '2 at once, by localModel.parallel; the others wait'],
    [2, undefined, '2 at once, by localModel.parallel; the others wait'],
    ['off', 4, 'no limit: localModel.parallel is off'],
  ] as const)('chosen %s, told %s', (chosen, slots, words) => {
    expect(queueWords(queueLimit(chosen, slots), 'LM Studio')).toBe(words);
  });

  it.each([
    [undefined, 4, undefined],
    ['off', 1, undefined],
    [4, undefined, undefined],
    [4, 4, undefined],
    [2, 4, undefined],
    [4, 1, 'claude-routing-install --set localModel.parallel=1'],
  ] as const)('is a trouble where it is more than the server answers: chosen %s, told %s', (chosen, slots, fix) => {
    expect(queueTrouble(chosen, slots, { address: 'http://a:1234', kind: 'llama.cpp' })?.fix).toBe(fix);
  });
});

test('what a server says is taken of the chosen model', () => {
  const models = [
    { id: 'a', key: 'a', slots: 2 },
    { id: 'b:2', key: 'b', slots: 8 },
  ] as const;
  expect(['a', 'b', 'b:2', 'c', undefined].map((chosen) => slotsOf(models, chosen))).toEqual([
    2,
    8,
    8,
    undefined,
    undefined,
  ]);
});

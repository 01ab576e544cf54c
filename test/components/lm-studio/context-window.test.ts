import { expect, it } from 'vitest';
import { windowVerdict } from '../../../src/components/lm-studio/server-limits.ts';

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

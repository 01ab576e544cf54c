import { describe, expect, it } from 'vitest';
import { Durations } from '../../src/usage/sums.ts';

describe('durations', () => {
  it.each<[what: string, ms: readonly number[], share: number, expected: number]>([
    ['one', [812], 0.5, 812],
    ['of two the first', [100, 200], 0.5, 100],
    ['of many the middle one', Array.from({ length: 1001 }, (_, index) => index + 1), 0.5, 501],
    ['of many the 95th of a hundred', Array.from({ length: 1000 }, (_, index) => (index + 1) * 10), 0.95, 9500],
    ['what is longer than an hour', [5_000_000], 0.5, 5_000_000],
    ['nothing at all', [0, 0, 0], 0.95, 1],
  ])('%s', (_what, ms, share, expected) => {
    const durations = new Durations();
    for (const one of ms) durations.add(one);
    const found = durations.quantile(share) ?? Number.NaN;
    expect(Math.abs(found - expected)).toBeLessThanOrEqual(Math.max(1, expected * 0.02));
  });

  it('are none before the first', () => {
    expect(new Durations().quantile(0.5)).toBeNull();
  });
});

import { describe, expect, it } from 'vitest';
import { hardTexts, processorMs, readers } from './readers.ts';

/** Large enough that a reader whose time grows with the square needs many seconds; 10 MB are for `npm run bench:parsers`. */
const size = 60_000;
/** Milliseconds of processor time; on a quiet machine none needs a quarter. */
const enough = 2000;

describe('a text that is hard to read', () => {
  it.each(Object.keys(readers))('keeps %s from nothing for long', (name) => {
    const slow = Object.entries(hardTexts).flatMap(([text, make]) => {
      const made = make(size);
      const ms = processorMs(() => readers[name]?.(made));
      return ms > enough ? [`${text}: ${Math.round(ms)} ms`] : [];
    });
    expect(slow).toEqual([]);
  });
});

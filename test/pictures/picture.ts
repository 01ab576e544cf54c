import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect } from 'vitest';
import type { Grid } from './grid.ts';
import { svgOf, wordsIn } from './svg.ts';

/** `npm run pictures` writes them; every other run compares. */
const writes = process.env['PICTURES'] === 'write';
const folder = fileURLToPath(new URL('../../docs/pictures/', import.meta.url));

/** Every screen that is drawn has as many. */
export const columns = 80;

/** The words of a picture without what differs from run to run: times, process numbers, sums of texts, and where a line ends by them. */
function steady(svg: string): readonly string[] {
  const text = wordsIn(svg)
    .join(' ')
    .replaceAll(/\d[\d.]* (?:ms|s)\b/g, '#');
  const words = text.split(/\s+/);
  return words.map((word) => word.replaceAll(/\b[0-9a-f]{7,}\b|\d+/g, '#'));
}

/** Holds a picture of the docs against what the program shows. */
export function expectPicture(name: string, title: string, grid: Grid): void {
  const drawn = svgOf(grid, columns, title);
  const path = `${folder}${name}.svg`;
  if (writes) {
    mkdirSync(folder, { recursive: true });
    writeFileSync(path, drawn);
  }
  expect(steady(readFileSync(path, 'utf8')), 'draw it anew:  npm run pictures').toEqual(steady(drawn));
}

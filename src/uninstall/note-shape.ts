import type { Baseline } from './baseline.ts';

type Shape = (value: unknown) => boolean;

const isText: Shape = (value) => typeof value === 'string';
const isTexts: Shape = (value) => Array.isArray(value) && value.every(isText);

/** What each part of a note is made like, where it is there. */
const shapes: Readonly<Record<keyof Baseline, Shape>> = {
  version: (value) => typeof value === 'number',
  places: recordOf((value) => typeof value === 'boolean'),
  entries: recordOf(isTexts),
  texts: recordOf(isText),
  packages: isTexts,
  timezone: isText,
  restart: isText,
};

function recordOf(shape: Shape): Shape {
  return (value) => isRecord(value) && Object.values(value).every(shape);
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** A note's text as a value; undefined where it is no JSON object. */
export function parsedNote(text: string | undefined): Readonly<Record<string, unknown>> | undefined {
  try {
    const value: unknown = JSON.parse(text ?? '');
    return isRecord(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

/** The part of a parsed note that has another shape; undefined where all have theirs. */
export function misshapenPart(note: Readonly<Record<string, unknown>>): string | undefined {
  return Object.entries(shapes).find(([part, shape]) => note[part] !== undefined && !shape(note[part]))?.[0];
}

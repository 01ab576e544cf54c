/**
 * Everything that a screen obeys or hides instead of showing it: control characters (C0, DEL, C1), marks that turn the
 * direction of writing or have no width, separators of lines and paragraphs, halves of surrogate pairs. Line breaks, tabs
 * and the marks that choose between the two looks of a symbol are harmless.
 */
const obeyed = /(?!\n|\t|\ufe0e|\ufe0f)[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}\p{Default_Ignorable_Code_Point}]/gu;

/** Nearly all text: nothing of it is in any of the others, each of which takes a millisecond to be made ready for its first text. */
const usual = /^[\n\t\x20-\x7e]*$/;

/** Whole sequences that colour, move or name something (ECMA-48: CSI, OSC): they say nothing to a person. */
const sequences = /(?:\x1b\[|\x9b)[0-?]*[ -/]*[@-~]|(?:\x1b\]|\x9d)[^\x07\x1b\x9c\x9d]*(?:\x07|\x1b\\|\x9c)/g;

/** More marks than this over one letter grow into the lines above and below it. */
const heaped = /(\p{M}{4})\p{M}+/gu;

/**
 * Text that was not written by us, as it can be shown anywhere: what a screen would obey stands there as it is written in
 * program text, e.g. `\x1b`. Whole sequences, which only dress words up, are left out. Line breaks stay.
 */
export function harmless(text: string): string {
  if (usual.test(text)) return text;
  return text.replaceAll('\r\n', '\n').replace(sequences, '').replace(obeyed, spelled).replace(heaped, '$1');
}

/** The same on one line. */
export function harmlessLine(text: string): string {
  return harmless(text).replaceAll('\n', '\\n').replaceAll('\t', ' ');
}

/** At most so many characters; what is left out is counted. */
export function bounded(text: string, most: number): string {
  if (text.length <= most) return text;
  const kept = text.slice(0, most).replace(/[\ud800-\udbff]$/, '');
  return `${kept}… (${text.length - kept.length} more characters)`;
}

/** JSON that means the same and can be looked at: what a screen would obey is escaped. For records that are read back. */
export function harmlessJson(value: unknown): string {
  return JSON.stringify(value).replace(obeyed, (character) =>
    [...Array(character.length).keys()].map((at) => `\\u${hex(character.charCodeAt(at), 4)}`).join(''),
  );
}

/** A value with every text in it made `shown` to be shown, names of fields included. */
export function withTextsFit(value: unknown, shown: (text: string) => string): unknown {
  return JSON.parse(JSON.stringify(value), (_name, part: unknown) => {
    if (typeof part === 'string') return shown(part);
    if (typeof part !== 'object' || part === null || Array.isArray(part)) return part;
    return Object.fromEntries(Object.entries(part).map(([name, inner]) => [shown(name), inner]));
  });
}

const short: Readonly<Record<string, string>> = { '\b': '\\b', '\r': '\\r', '\f': '\\f', '\v': '\\v', '\0': '\\0' };

function spelled(character: string): string {
  const code = character.codePointAt(0) ?? 0;
  if (code > 0xffff) return `\\u{${code.toString(16)}}`;
  return short[character] ?? (code <= 0xff ? `\\x${hex(code, 2)}` : `\\u${hex(code, 4)}`);
}

function hex(code: number, digits: number): string {
  return code.toString(16).padStart(digits, '0');
}

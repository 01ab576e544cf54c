/** A page of the manual as roff, section 1. Source: man(7), groff_man(7). */
export function manualPage(name: string, summary: string, sections: readonly string[]): string {
  return [
    '.\\" Kept by claude-routing-install; what you change here is put back by the next run.',
    `.TH ${quoted(name.toUpperCase())} 1 "" "claude-routing-install" "User Commands"`,
    section('NAME', [`${escaped(name)} \\- ${escaped(summary)}`]),
    ...sections,
    '',
  ].join('\n');
}

/** A section with its lines. */
export function section(title: string, lines: readonly string[]): string {
  return [`.SH ${quoted(title)}`, ...lines].join('\n');
}

/** A heading within a section. */
export function heading(title: string): string {
  return `.SS ${quoted(title)}`;
}

/** A paragraph of plain text. */
export function paragraph(text: string): string {
  return `.PP\n${escaped(text)}`;
}

/** A word and what it means, hung below each other. */
export function item(word: string, meaning: string): string {
  return `.TP\n.B ${quoted(word)}\n${escaped(meaning)}`;
}

/** Lines to be typed, as they stand. */
export function typedLines(lines: readonly string[]): string {
  return ['.PP', '.EX', ...lines.map((line) => `    ${escaped(line)}`), '.EE'].join('\n');
}

/** Text in which roff reads nothing as a request, an escape or a hyphen. */
function escaped(text: string): string {
  const plain = text.replaceAll('\\', '\\e').replaceAll('-', '\\-').replaceAll('\n', ' ');
  const known = plain.replace(
    /[^ -~]/gu,
    (sign) => `\\[u${sign.codePointAt(0)?.toString(16).toUpperCase().padStart(4, '0')}]`,
  );
  return /^[.']/.test(known) ? `\\&${known}` : known;
}

function quoted(text: string): string {
  return `"${escaped(text).replaceAll('"', '\\(dq')}"`;
}

/** A text without the byte order mark that editors of Windows put in front; Claude Code reads its files without it, too. */
export function withoutMark(text: string): string {
  return text.replace(/^\uFEFF/, '');
}

/** The JSON in a text; undefined when it is none. */
export function parsedJson(text: string): unknown {
  try {
    return JSON.parse(withoutMark(text)) as unknown;
  } catch {
    return undefined;
  }
}

/** Whether a value is an object of JSON: neither a list nor nothing. */
export function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Without the fields that have no value: for objects in which a field is there or is not. */
export function given<Fields extends object>(
  fields: Fields,
): { [Name in keyof Fields]?: Exclude<Fields[Name], undefined> } {
  const entries = Object.entries(fields).filter(([, value]) => value !== undefined);
  return Object.fromEntries(entries) as { [Name in keyof Fields]?: Exclude<Fields[Name], undefined> };
}

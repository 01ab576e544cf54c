/** Characters; LM Studio's ids are two names and a quantisation, a fifth of this. */
const longestLocalId = 300;
/** Characters that the request log accepts, without the `foundry/` in front of a deployment's name. */
const longestCloudId = 90;

/**
 * Why an id that a local server lists cannot be used, to be read after the id; undefined when it can. Everything that can be
 * printed is fine: the id is quoted wherever it is written, and the gateway passes it on unchanged.
 */
export function localModelIdProblem(id: string): string | undefined {
  if (id === '') return 'is empty';
  if (id.length > longestLocalId) return `is longer than ${longestLocalId} characters`;
  if (/[\r\n\u0085\u2028\u2029]/.test(id)) return 'has a line break in it';
  if (/[\p{Cc}\p{Bidi_Control}\ufeff]/u.test(id)) return 'has a control character in it';
  return /[\p{Cs}\ufffd\ufffe\uffff]/u.test(id) ? 'has an invalid character in it' : undefined;
}

/**
 * The same for an id of the Claude API and for the name of a deployment. These become names at the gateway, which
 * clients, headers and the request log take too, so that only what such names really have in them is let through.
 */
export function cloudModelIdProblem(id: string): string | undefined {
  if (id === '') return 'is empty';
  if (id.length > longestCloudId) return `is longer than ${longestCloudId} characters`;
  return /^[A-Za-z0-9][A-Za-z0-9._:@+-]*$/.test(id)
    ? undefined
    : 'may hold only letters, digits and . _ : @ + -, and must begin with a letter or a digit';
}

/** An id for the screen: unprintable characters as \u and a number, and no longer than a line. */
export function shownModelId(id: string): string {
  const printable = id.replace(/[\p{Cc}\p{Cs}\p{Bidi_Control}\p{Zl}\p{Zp}\ufeff]/gu, (character) => {
    return `\\u${(character.codePointAt(0) ?? 0).toString(16).padStart(4, '0')}`;
  });
  return printable.length > 80 ? `${printable.slice(0, 79)}…` : printable;
}

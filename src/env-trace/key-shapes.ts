/** Shapes of keys that programs on such a machine use; each must match a whole key and nothing around it, and look no further back than a bound. */
export const keyShapes: readonly RegExp[] = [
  /\bsk-[A-Za-z0-9_-]{6,}/g,
  /\beyJ[A-Za-z0-9_-]{6,}\.[A-Za-z0-9_-]{6,}(?:\.[A-Za-z0-9_-]*)?/g,
  /\b(?:gh[pousr]_|github_pat_|glpat-|xox[abprs]-|AKIA|hf_|lms_|npm_)[A-Za-z0-9_-]{8,}/g,
  /(?<=\bBearer\s{1,20})[^\s"'\\,;}]{6,}/gi,
  /(?<=authorization["']?\s{0,20}[:=]\s{0,20}["']?Basic\s{1,20})[A-Za-z0-9+/=]{6,}/gi,
  // LM Studio repeats the beginning of a token that it does not accept.
  /(?<=\btoken provided: )[^\s"'\\]+/gi,
  /(?<=\/\/[^\s/:@]{0,256}:)[^\s/@]+(?=@)/g,
];

/** Whether a text has something in it that looks like a key. */
export function looksLikeKey(text: string): boolean {
  return keyShapes.some((shape) => text.search(shape) !== -1);
}

/** Whether a variable of that name usually holds a key; `MAX_CONTEXT_TOKENS` counts tokens of another kind. */
export function isKeyName(name: string): boolean {
  return /KEY(?!_?HELPER)|SECRET|PASSW|CREDENTIAL|CREDS|(?<!INPUT_|OUTPUT_)TOKEN(?!S\b|_FILE|S_)|_HEADERS$/i.test(name);
}

import { createHash } from 'node:crypto';

/** A value that must not be seen. It prints, serialises and inspects as dots; only `reveal` gives it away. */
export class Secret {
  readonly #value: string;

  constructor(value: string) {
    this.#value = value;
  }

  /** The value itself. Call it only where the value leaves for its one destination. */
  reveal(): string {
    return this.#value;
  }

  /** First eight hex digits of the SHA-256: tells two values apart without showing either. */
  fingerprint(): string {
    return createHash('sha256').update(this.#value).digest('hex').slice(0, 8);
  }

  equals(other: Secret | undefined): boolean {
    return other !== undefined && other.#value === this.#value;
  }

  toString(): string {
    return '••••';
  }

  toJSON(): string {
    return '••••';
  }

  [Symbol.for('nodejs.util.inspect.custom')](): string {
    return 'Secret(••••)';
  }
}

/** The text behind a value that may be secret. */
export function revealed(value: string | Secret): string {
  return typeof value === 'string' ? value : value.reveal();
}

/** Replaces secrets in text that other programs wrote, including unknown ones that are recognised by their shape. */
export interface Masking {
  add(secret: Secret): void;
  mask(text: string): string;
}

/** Values under eight characters are too common to be hidden by searching for them; the schema refuses such keys. */
const shortestHidden = 8;

/** A key somewhere it does not belong: in a start-up file that is edited, in a mistyped answer. Hints name shorter ones. */
const unknownKey = /\bsk-[A-Za-z0-9_-]{20,}/g;

export function createMasking(): Masking {
  const values = new Set<string>();
  return {
    add(secret) {
      const value = secret.reveal().trim();
      if (value.length >= shortestHidden) values.add(value);
    },
    mask(text) {
      let masked = text;
      // The longest first: a key that begins like another one must not leave its end behind.
      for (const value of [...values].sort((a, b) => b.length - a.length)) masked = masked.replaceAll(value, '••••');
      return masked.replace(unknownKey, '••••');
    },
  };
}

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

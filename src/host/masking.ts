import type { Secret } from './secret.ts';

/** Replaces secrets in text that other programs wrote, those that nobody told of too where their shape tells them. */
export interface Masking {
  add(secret: Secret): void;
  mask(text: string): string;
}

/** Values under eight characters are too common to be hidden by searching for them; the schema refuses such keys. */
const shortestHidden = 8;

/** A key that somebody wrote where none belongs: a start-up file that is edited, a mistyped answer. Hints name shorter ones. */
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

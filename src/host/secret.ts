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

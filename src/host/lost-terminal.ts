import { closeSync, openSync } from 'node:fs';
import { isatty } from 'node:tty';

/** Which of the three standard streams, by number, are terminals now. */
export function standardTerminals(): readonly number[] {
  return [0, 1, 2].filter((stream) => isatty(stream));
}

/** Those of what were terminals that are gone. */
export function lostOf(terminals: readonly number[]): readonly number[] {
  return terminals.filter((terminal) => !isatty(terminal));
}

/**
 * Puts /dev/null in the place of terminals. Node gives its terminals their settings back when it ends, and aborts (134) where
 * one does not take them any more. Source: ResetStdio in src/node.cc of Node 20, which leaves alone a stream that is another
 * file by then.
 */
export function replaceTerminals(terminals: readonly number[]): void {
  for (const stream of terminals) {
    closeSync(stream);
    // The lowest number that is free is the one that was closed.
    openSync('/dev/null', 'r+');
  }
}

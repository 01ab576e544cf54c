import { closeSync, fstatSync, openSync } from 'node:fs';
import { isatty } from 'node:tty';

/**
 * Resolves when nobody reads standard output any more, and never where that cannot be known: only a pipe has a reader that can leave.
 * A session of SSH without a terminal ends like this, without a signal; who writes nothing would never notice. Node cannot ask a pipe for it;
 * tail does (coreutils, `check_output_alive`), and goes with this program.
 */
export async function readerLeft(): Promise<void> {
  if (!isPipe()) return await new Promise(() => undefined);
  const { runOnOutput } = await import('./run-command.ts');
  const { signal, exitCode } = await runOnOutput('tail', ['--follow', `--pid=${process.pid}`, '/dev/null']);
  // What else ends it, Ctrl-C or that it is not there, says nothing about the reader.
  if (signal !== 'SIGPIPE' && exitCode !== 1) await new Promise(() => undefined);
}

function isPipe(): boolean {
  try {
    return fstatSync(1).isFIFO();
  } catch {
    return false;
  }
}

/** Which of the three standard streams, by number, are terminals now. */
export function standardTerminals(): readonly number[] {
  return [0, 1, 2].filter((stream) => isatty(stream));
}

/** Which of these terminals are gone. */
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
    // A new file gets the lowest free number, which is the one just closed.
    openSync('/dev/null', 'r+');
  }
}

import { fstatSync } from 'node:fs';

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

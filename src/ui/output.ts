/** The one way out of the program, made fit for what libraries write on it. */
export interface Output {
  readonly stream: NodeJS.WriteStream;
  /** False once the reader left. */
  isRead(): boolean;
  /** Why something could not be written; undefined while all went well, or where the reader just left. */
  lost(): NodeJS.ErrnoException | undefined;
}

/** What is taken for the size of a terminal that does not tell one, or one that no word fits into. */
const usualSize = { columns: 80, rows: 24 };
const least = { columns: 20, rows: 5 };

/**
 * Opens a stream for writing. A reader that went away (a lost connection, `| head`) is the quiet end that it is by
 * convention, and must not stop an action half-way; whatever else keeps words from being written is remembered.
 */
export function openOutput(stream: NodeJS.WriteStream): Output {
  let failure: NodeJS.ErrnoException | undefined;
  let isRead = true;
  stream.on('error', (error: NodeJS.ErrnoException) => {
    if (readerLeft(error, stream)) isRead = false;
    else failure ??= error;
  });
  if (stream.isTTY === true) {
    for (const side of ['columns', 'rows'] as const) withSaneSize(stream, side);
    unblock(stream);
  }
  return { stream, isRead: () => isRead, lost: () => failure };
}

/** Says the version, which nobody but this program wrote; false where that could not be written. */
export async function sayVersion({ stream, lost }: Output): Promise<boolean> {
  await new Promise<void>((resolve) => stream.write(`${PROGRAM_VERSION}\n`, () => resolve()));
  return lost() === undefined;
}

/** EIO is what a terminal says that was closed. */
function readerLeft({ code }: NodeJS.ErrnoException, { isTTY }: NodeJS.WriteStream): boolean {
  return (
    code === 'EPIPE' || code === 'ECONNRESET' || code === 'ERR_STREAM_DESTROYED' || (code === 'EIO' && isTTY === true)
  );
}

/**
 * Libraries divide by the width of the very stream that they write on, so it has to be right there: a pseudo-terminal
 * without a size has 0 columns, and 0 columns make infinitely many lines.
 */
function withSaneSize(stream: NodeJS.WriteStream, side: 'columns' | 'rows'): void {
  let told: unknown = stream[side];
  Object.defineProperty(stream, side, {
    configurable: true,
    enumerable: true,
    get: () => (typeof told === 'number' && told > 0 ? Math.max(told, least[side]) : usualSize[side]),
    set: (now: unknown) => {
      told = now;
    },
  });
}

/**
 * Node writes to terminals in one go, and waits in that while nobody takes what it wrote (Ctrl-S, a window that hangs): no
 * signal would be heard meanwhile. Source: lib/tty.js of Node 20, the handle's setBlocking(true).
 */
function unblock(stream: NodeJS.WriteStream): void {
  const { _handle: handle } = stream as { readonly _handle?: { readonly setBlocking?: (blocking: boolean) => number } };
  handle?.setBlocking?.(false);
}

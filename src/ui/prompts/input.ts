import { isatty } from 'node:tty';

/**
 * Makes standard input fit for libraries that change the settings of its terminal: one that is gone takes none any more, and
 * says so in an error that nobody waits for. Its end is told by the stream itself.
 */
export function openInput(stream: NodeJS.ReadStream): NodeJS.ReadStream {
  if (stream.isTTY !== true) return stream;
  const { setRawMode } = stream;
  stream.setRawMode = (raw) => (isatty(0) ? setRawMode.call(stream, raw) : stream);
  return stream;
}

import { PassThrough, Writable } from 'node:stream';
import { type Key, Script } from './script.ts';
import { VirtualScreen } from './virtual-screen.ts';

const keys: Readonly<Record<Key, string>> = {
  Enter: '\r',
  Up: '\x1b[A',
  Down: '\x1b[B',
  Space: ' ',
  CtrlC: '\x03',
  CtrlD: '\x04',
  CtrlU: '\x15',
  BackTab: '\x1b[Z',
};

/** A terminal of streams with a script at its keyboard, for code of this process. */
export class ScriptedTerminal extends Script {
  readonly screen: VirtualScreen;
  readonly input: NodeJS.ReadStream;
  readonly output: NodeJS.WriteStream;
  readonly #keyboard: PassThrough;
  #written = '';
  #over = false;

  constructor(columns: number, rows = 60) {
    const screen = new VirtualScreen(columns);
    const keyboard = new PassThrough();
    super({
      lines: () => screen.lines,
      press: (key) => void keyboard.write(keys[key]),
      type: (text) => void keyboard.write(text),
      slack: 40,
      over: () => this.#over,
    });
    this.screen = screen;
    this.#keyboard = keyboard;
    this.input = asKeyboard(keyboard);
    this.output = asDisplay((chunk) => this.#take(chunk), columns, rows);
  }

  /** Everything that was written, control sequences included. */
  get written(): string {
    return this.#written;
  }

  /** Runs the program under test; a step that waits fails when it ends early. */
  run<Result>(program: Promise<Result>): Promise<Result> {
    const end = () => {
      this.#over = true;
    };
    program.then(end, end);
    return program;
  }

  /** The end of the input, as when the connection is gone. */
  hangUp(): void {
    this.#keyboard.end();
  }

  #take(chunk: string): void {
    this.#written += chunk;
    this.screen.write(chunk);
  }
}

function asKeyboard(stream: PassThrough): NodeJS.ReadStream {
  return Object.assign(stream, {
    isTTY: true as const,
    isRaw: false,
    fd: 0,
    setRawMode: () => stream,
  }) as unknown as NodeJS.ReadStream;
}

function asDisplay(write: (chunk: string) => void, columns: number, rows: number): NodeJS.WriteStream {
  const stream = new Writable({
    decodeStrings: false,
    write(chunk: string | Buffer, _encoding, done) {
      write(String(chunk));
      done();
    },
  });
  const display = {
    isTTY: true as const,
    // Node's own mark of a stream that a pipe must not end.
    _isStdio: true,
    columns,
    rows,
    getWindowSize: () => [columns, rows],
    getColorDepth: () => 1,
    hasColors: () => false,
    cursorTo: (x: number) => stream.write(`\x1b[${x + 1}G`),
    moveCursor: (_dx: number, dy: number) => stream.write(dy < 0 ? `\x1b[${-dy}A` : `\x1b[${dy}B`),
    clearLine: (direction: number) => stream.write(direction === 0 ? '\x1b[2K' : '\x1b[K'),
  };
  return Object.assign(stream, display) as unknown as NodeJS.WriteStream;
}

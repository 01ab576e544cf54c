import { PassThrough, Writable } from 'node:stream';
import { setTimeout as pause } from 'node:timers/promises';
import { VirtualScreen } from './virtual-screen.ts';

export interface ScriptedTerminalOptions {
  readonly columns: number;
  readonly rows?: number;
}

const keys = {
  Enter: '\r',
  Up: '\x1b[A',
  Down: '\x1b[B',
  Space: ' ',
  CtrlC: '\x03',
  CtrlD: '\x04',
  CtrlU: '\x15',
} as const;
export type Key = keyof typeof keys;

/** Milliseconds within which everything that is waited for must happen. */
const patience = 15_000;

/**
 * A terminal with a script at its keyboard. A question is a line that begins with "> "; once answered it begins with "✓ ".
 * Every step waits for what it expects and fails, with the screen as it is, on another question or when nothing comes.
 */
export class ScriptedTerminal {
  readonly screen: VirtualScreen;
  readonly input: NodeJS.ReadStream;
  readonly output: NodeJS.WriteStream;
  /** Everything that was written, control sequences included. */
  written = '';
  readonly #keyboard = new PassThrough();
  #over = false;

  constructor({ columns, rows = 60 }: ScriptedTerminalOptions) {
    this.screen = new VirtualScreen(columns);
    const write = (chunk: string) => {
      this.written += chunk;
      this.screen.write(chunk);
    };
    this.input = asKeyboard(this.#keyboard);
    this.output = asDisplay(write, columns, rows);
  }

  /** Runs the program under test; a step that waits fails when it ends early. */
  run<Result>(program: Promise<Result>): Promise<Result> {
    const end = () => {
      this.#over = true;
    };
    program.then(end, end);
    return program;
  }

  /** The question that is open, without its mark; undefined when none is. */
  get question(): string | undefined {
    return this.screen.lines.findLast((line) => line.startsWith('> '))?.slice(2);
  }

  /** Everything on the screen in one line: where it was broken does not matter. */
  get text(): string {
    return this.screen.lines.join(' ').replace(/\s+/g, ' ');
  }

  /** Waits until this can be read. */
  async sees(text: string): Promise<void> {
    await this.#until(() => this.text.includes(text), `"${text}" on the screen`);
  }

  /** Types into a question; what stands there already is taken away. */
  async answer(message: string, typed: string): Promise<void> {
    await this.#asked(message);
    this.press('CtrlU');
    await this.#settled(() => this.#keyboard.write(typed));
    await this.enter(message);
  }

  /** Takes what is offered. */
  async enter(message: string): Promise<void> {
    await this.#asked(message);
    const before = this.#answered(message);
    this.press('Enter');
    await this.#until(() => this.#answered(message) > before, `the answer to "${message}" taken`);
  }

  /** Types something that must not be taken, and waits for the reason. */
  async refused(message: string, typed: string, reason: string): Promise<void> {
    await this.#asked(message);
    const before = this.#answered(message);
    this.press('CtrlU');
    await this.#settled(() => this.#keyboard.write(typed));
    this.press('Enter');
    await this.#until(() => this.text.includes(reason), `the refusal "${reason}"`);
    if (this.#answered(message) !== before) throw this.#failure(`"${message}" took an answer that it should refuse`);
  }

  /** Moves to the choice that begins with this text and takes it. */
  async pick(message: string, choice: string): Promise<void> {
    await this.#asked(message);
    await this.#moveTo(choice);
    await this.enter(message);
  }

  /** Switches these choices of a list of several, then goes on. */
  async toggle(message: string, ...choices: readonly string[]): Promise<void> {
    await this.#asked(message);
    for (const choice of choices) {
      await this.#moveTo(choice);
      await this.#settled(() => this.press('Space'));
    }
    await this.enter(message);
  }

  press(key: Key): void {
    this.#keyboard.write(keys[key]);
  }

  /** The end of the input, as when the connection is gone. */
  hangUp(): void {
    this.#keyboard.end();
  }

  async asks(message: string): Promise<void> {
    await this.#asked(message);
  }

  async #asked(message: string): Promise<void> {
    await this.#until(() => this.question !== undefined, `the question "${message}"`);
    if (this.question?.startsWith(message) !== true) throw this.#failure(`expected the question "${message}"`);
  }

  #answered(message: string): number {
    return this.screen.lines.filter((line) => line.startsWith(`✓ ${message}`)).length;
  }

  /** Looks at each choice once; a list shows where it is by its pointer. */
  async #moveTo(choice: string): Promise<void> {
    const pointed = () => this.screen.lines.findLast((line) => line.startsWith('❯'))?.replace(/^❯(\[.\])? ?/u, '');
    await this.#until(() => pointed() !== undefined, 'a list of choices');
    for (let steps = 0; steps < 60; steps += 1) {
      if (pointed()?.startsWith(choice) === true) return;
      await this.#settled(() => this.press(steps < 30 ? 'Down' : 'Up'));
    }
    throw this.#failure(`no choice begins with "${choice}"`);
  }

  /** Lets the program draw what a key does. */
  async #settled(act: () => void): Promise<void> {
    const before = this.written.length;
    act();
    const limit = Date.now() + 250;
    while (this.written.length === before && Date.now() < limit) await pause(2);
    await pause(2);
  }

  async #until(condition: () => boolean, what: string): Promise<void> {
    const limit = Date.now() + patience;
    while (!condition()) {
      if (this.#over && !condition()) throw this.#failure(`the program ended while waiting for ${what}`);
      if (Date.now() > limit) throw this.#failure(`waited ${patience / 1000} s in vain for ${what}`);
      await pause(5);
    }
  }

  #failure(what: string): Error {
    return new Error(`${what}. The screen:\n${this.screen.rows.join('\n')}`);
  }
}

function asKeyboard(stream: PassThrough): NodeJS.ReadStream {
  return Object.assign(stream, { isTTY: true as const, isRaw: false, fd: 0, setRawMode: () => stream }) as unknown as NodeJS.ReadStream;
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
    fd: 1,
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

import { setTimeout as pause } from 'node:timers/promises';

export type Key = 'Enter' | 'Up' | 'Down' | 'Space' | 'CtrlC' | 'CtrlD' | 'CtrlU' | 'BackTab';

/** What a script needs of a terminal. */
export interface Display {
  /** Every line that was there so far, those that the edge broke put together again. */
  lines(): readonly string[];
  press(key: Key): void;
  type(text: string): void;
  /** Milliseconds after which a key that was pressed shows what it does, if it does anything. */
  readonly slack: number;
  /** Whether the program has come to its end. */
  over(): boolean;
}

/** Milliseconds within which everything that is waited for must happen. */
const patience = 60_000;

/**
 * Answers questions on a terminal. A question is a line that begins with "> "; once answered it begins with "✓ ". Every step
 * waits for what it expects, and fails, with the screen as it is, on another question or when nothing comes.
 */
export class Script {
  readonly #display: Display;

  constructor(display: Display) {
    this.#display = display;
  }

  get lines(): readonly string[] {
    return this.#display.lines();
  }

  /** The question that is open, without its mark; undefined when none is. */
  get question(): string | undefined {
    return this.lines.findLast((line) => line.startsWith('> '))?.slice(2);
  }

  /** How many were answered. */
  get questions(): number {
    return this.#answered('');
  }

  /** Everything on the screen in one line: where it was broken does not matter. */
  get text(): string {
    return this.lines.join(' ').replace(/\s+/g, ' ');
  }

  press(key: Key): void {
    this.#display.press(key);
  }

  type(text: string): void {
    this.#display.type(text);
  }

  /** Waits until this can be read, for so many milliseconds at most. */
  async sees(text: string, within = patience): Promise<void> {
    await this.#until(() => this.text.includes(text), `"${text}" on the screen`, within);
  }

  /** Waits for a question. */
  async asks(message: string): Promise<void> {
    await this.#until(() => this.question !== undefined, `the question "${message}"`);
    if (this.question?.startsWith(message) !== true) throw this.#failure(`expected the question "${message}"`);
  }

  /** Types into a question; what stands there already is taken away. */
  async answer(message: string, typed: string): Promise<void> {
    await this.#retyped(message, typed);
    await this.enter(message);
  }

  /** Takes what is offered. */
  async enter(message: string): Promise<void> {
    await this.asks(message);
    const before = this.#answered(message);
    this.press('Enter');
    await this.#until(() => this.#answered(message) > before, `the answer to "${message}" taken`);
  }

  /** Types something that must not be taken, and waits for the reason. */
  async refused(message: string, typed: string, reason: string): Promise<void> {
    await this.#retyped(message, typed);
    const before = this.#answered(message);
    this.press('Enter');
    await this.#until(() => this.text.includes(reason), `the refusal "${reason}"`);
    if (this.#answered(message) !== before) throw this.#failure(`"${message}" took an answer that it should refuse`);
  }

  /** Moves to the choice that begins with this text and takes it. */
  async pick(message: string, choice: string): Promise<void> {
    await this.asks(message);
    await this.#moveTo(choice);
    await this.enter(message);
  }

  /** Switches these choices of a list of several, then goes on. */
  async toggle(message: string, ...choices: readonly string[]): Promise<void> {
    await this.asks(message);
    for (const choice of choices) {
      await this.#moveTo(choice);
      await this.#settled(() => this.press('Space'));
    }
    await this.enter(message);
  }

  async #retyped(message: string, typed: string): Promise<void> {
    await this.asks(message);
    await this.#settled(() => this.press('CtrlU'));
    await this.#settled(() => this.#display.type(typed));
  }

  #answered(message: string): number {
    return this.lines.filter((line) => line.startsWith(`✓ ${message}`)).length;
  }

  /** Looks at each choice once; a list shows where it is by its pointer. */
  async #moveTo(choice: string): Promise<void> {
    const pointed = () => this.lines.findLast((line) => line.startsWith('❯'))?.replace(/^❯(\[.\])? ?/u, '');
    await this.#until(() => pointed() !== undefined, 'a list of choices');
    let way: Key = 'Down';
    for (let steps = 0; steps < 60; steps += 1) {
      const at = pointed();
      if (at?.startsWith(choice) === true) return;
      await this.#settled(() => this.press(way));
      if (pointed() === at && way === 'Up') break;
      if (pointed() === at) way = 'Up';
    }
    throw this.#failure(`no choice begins with "${choice}"`);
  }

  /** Lets the program draw what a key does, if it does anything. */
  async #settled(act: () => void): Promise<void> {
    const before = this.lines.join();
    act();
    const limit = Date.now() + this.#display.slack;
    while (this.lines.join() === before && Date.now() < limit) await pause(3);
    await pause(3);
  }

  async #until(condition: () => boolean, what: string, within = patience): Promise<void> {
    const limit = Date.now() + within;
    while (!condition()) {
      if (this.#display.over() && !condition()) throw this.#failure(`the program ended while waiting for ${what}`);
      if (Date.now() > limit) throw this.#failure(`waited ${within / 1000} s in vain for ${what}`);
      await pause(5);
    }
  }

  #failure(what: string): Error {
    return new Error(`${what}. The screen:\n${this.lines.join('\n')}`);
  }
}

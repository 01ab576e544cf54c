import type { Event } from '../engine/event.ts';

/** How the program talks with the person. The only way to ask something or to say something. */
export interface Ui {
  /** False means that nothing may be asked: there is nobody, or --yes was given. */
  readonly interactive: boolean;
  /** One paragraph; wrapped to the width of the terminal. Never redrawn. */
  say(text: string, tone?: Tone): void;
  report(event: Event): void;
  askText(question: TextQuestion): Promise<string>;
  askSecret(question: TextQuestion): Promise<string>;
  choose<Value extends string>(question: ChoiceQuestion<Value>): Promise<Value>;
  chooseMany<Value extends string>(question: ChoiceQuestion<Value> & { readonly chosen: readonly Value[] }): Promise<readonly Value[]>;
  /** Shows that something is going on until `work` is done. */
  busy<Result>(text: string, work: Promise<Result>): Promise<Result>;
  /** A line of output of the program that works now; shown beside the spinner only. */
  progress(line: string): void;
}

export type Tone = 'plain' | 'good' | 'warning' | 'bad' | 'dim' | 'strong';

export interface TextQuestion {
  readonly message: string;
  readonly default?: string;
  /** A sentence when the answer cannot be right; undefined when it can. */
  readonly problem?: (typed: string) => string | undefined;
}

export interface ChoiceQuestion<Value extends string> {
  readonly message: string;
  readonly choices: readonly Choice<Value>[];
  readonly default?: Value;
}

export interface Choice<Value extends string> {
  readonly value: Value;
  readonly label: string;
  /** Shown and not selectable, with this reason. */
  readonly disabled?: string;
}

/** Thrown when something would have to be asked and nobody may be. Names the answers key that is missing. */
export class CannotAsk extends Error {
  readonly key: string;

  constructor(key: string) {
    super(key);
    this.key = key;
  }
}

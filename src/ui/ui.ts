import type { Event } from '../engine/event.ts';

/** How the program talks to the person. The only way to ask or say anything. */
export interface Ui {
  /** False means that nothing may be asked: there is nobody, or --yes was given. */
  readonly interactive: boolean;
  /** Whether programs read it: then the words between the objects are left out. */
  readonly forPrograms: boolean;
  /** One paragraph; wrapped to the width of the terminal. Never redrawn. Further lines in it stand under the first one. */
  say(text: string, tone?: Tone): void;
  /** What a command found, in whole: an object for programs, the words for people. A list has no `type`. */
  result(type: string, data: object, inWords: () => void): void;
  /** Lines in the place of those that it showed before, cut to the screen; false, and nothing is shown, where nothing can be redrawn. */
  redraw(linesFor: (rows: number) => readonly { readonly text: string; readonly tone: Tone }[]): boolean;
  /** False once nobody reads the output any more: the other end of a pipe was closed. */
  isRead(): boolean;
  /** A text for a file or another program, e.g. a script: neither wrapped nor shortened. */
  document(text: string): void;
  report(event: Event): void;
  askText(question: TextQuestion): Promise<string>;
  askSecret(question: TextQuestion): Promise<string>;
  choose<Value extends string>(question: ChoiceQuestion<Value>): Promise<Value>;
  chooseMany<Value extends string>(
    question: ChoiceQuestion<Value> & { readonly chosen: readonly Value[] },
  ): Promise<readonly Value[]>;
  /** Shows that something is going on until `work` is done. */
  busy<Result>(text: string, work: Promise<Result>): Promise<Result>;
  /** A line of output of the program that works now: what it says of its progress is shown beside the spinner, and in a log when it takes long. */
  progress(line: string): void;
  /** Nothing is going on any more, whatever was said to have begun. */
  end(): void;
}

/** `command` is a line to be copied: it is never wrapped. */
export type Tone = 'command' | 'plain' | 'good' | 'warning' | 'bad' | 'dim' | 'strong';

/** What an answer is remembered by, whatever the words of its question are. */
export type QuestionId =
  | 'at-ceiling'
  | 'wake'
  | 'ceiling'
  | 'claude-models'
  | 'cloud'
  | 'context-window'
  | 'failover'
  | 'further-servers'
  | 'foundry-deployments'
  | `foundry-model:${string}`
  | 'foundry-resource'
  | 'local-address'
  | 'local-model'
  | 'local-tools'
  | 'main-model'
  | 'model-loading'
  | 'more-questions'
  | 'options'
  | 'profile'
  | 'queue'
  | 'reading-speed'
  | 'sealed-folders';

export interface TextQuestion {
  /** Without one it is about this moment alone: its answer is neither remembered nor offered again. */
  readonly id?: QuestionId;
  readonly message: string;
  /** Taken when nothing is typed. */
  readonly default?: string;
  /** Stands in the line already, to be corrected: what was typed before and would not do. */
  readonly start?: string;
  /** What stands on the screen when a secret was asked for and nothing was typed, e.g. "kept". */
  readonly empty?: string;
  /** A sentence when the answer cannot be right; undefined when it can. */
  readonly problem?: (typed: string) => string | undefined;
  /** Begun when the question stands on the screen. Where it fails, the question is left, and what was thrown is thrown by it. */
  readonly meanwhile?: () => Promise<void>;
}

export interface ChoiceQuestion<Value extends string> {
  /** As of a question for a text. */
  readonly id?: QuestionId;
  readonly message: string;
  readonly choices: readonly Choice<Value>[];
  readonly default?: Value;
}

export interface Choice<Value extends string> {
  readonly value: Value;
  /** Stays on the screen as the answer. */
  readonly label: string;
  /** What is known about it; beside the label, or under it where the screen is narrow. */
  readonly detail?: string;
  /** Shown and not selectable, with this reason. */
  readonly disabled?: string;
}

/**
 * The person left a question with Ctrl-C or closed the terminal. It has the name that the prompts' own error has, so that
 * one look at the name tells both.
 */
export class PersonLeft extends Error {
  override readonly name = 'ExitPromptError';
}

/** Whether this is what a prompt throws that the person left: Ctrl-C at a question arrives as an error, not as a signal. */
export function hasPersonLeft(error: unknown): boolean {
  return error instanceof Error && error.name === 'ExitPromptError';
}

/** Thrown when something would have to be asked and nobody may be. Names the answers key that is missing. */
export class CannotAsk extends Error {
  readonly key: string;

  constructor(key: string) {
    super(key);
    this.key = key;
  }
}

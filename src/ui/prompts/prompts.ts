import type { ChoiceQuestion, TextQuestion } from '../ui.ts';

export type ManyQuestion<Value extends string> = ChoiceQuestion<Value> & { readonly chosen: readonly Value[] };

/** The ways to ask. Each throws PersonLeft, or an error of its name, when the person leaves. */
export interface Prompts {
  /** Leaves the question when it is told to by `left`. */
  text(question: TextQuestion, left?: AbortSignal): Promise<string>;
  secret(question: TextQuestion): Promise<string>;
  one<Value extends string>(question: ChoiceQuestion<Value>): Promise<Value>;
  many<Value extends string>(question: ManyQuestion<Value>): Promise<readonly Value[]>;
}

/** Where questions are asked. */
export interface PromptStreams {
  readonly input: NodeJS.ReadStream;
  readonly output: NodeJS.WriteStream;
}

/** What stands for a secret once it was given: dots, and how many characters it had, which tells a half-pasted one. */
export function secretShown(length: number, empty = 'nothing typed'): string {
  return length === 0 ? empty : `${'•'.repeat(Math.min(length, 8))} (${length} characters)`;
}

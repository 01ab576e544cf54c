import type { Choice, ChoiceQuestion, TextQuestion } from '../ui.ts';

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

/**
 * Asks with `meanwhile` beside it, which begins after the question was drawn: both would wait for the same processor. Where it
 * fails, the signal that `ask` gets is to leave the question, and what was thrown is thrown on. What it fails with when the
 * question is answered is not told.
 */
export async function askBeside<Answer>(
  meanwhile: () => Promise<void>,
  ask: (left: AbortSignal) => Promise<Answer>,
): Promise<Answer> {
  const left = new AbortController();
  const leave = (error: unknown) => left.abort(error);
  const begun = setTimeout(() => void meanwhile().catch(leave));
  try {
    return await ask(left.signal);
  } catch (error) {
    throw left.signal.aborted ? left.signal.reason : error;
  } finally {
    clearTimeout(begun);
  }
}

/** A question with its words made fit to be shown by `shown`; what could not be shown as it is, is not offered as an answer either. */
export function shownText(
  { message, default: offered, start, problem, ...rest }: TextQuestion,
  shown: Shown,
): TextQuestion {
  return {
    ...rest,
    message: shown(message),
    ...(offered === undefined || shown(offered) !== offered ? {} : { default: offered }),
    ...(start === undefined || shown(start) !== start ? {} : { start }),
    ...(problem === undefined ? {} : { problem: (typed: string) => shownProblem(problem(typed), shown) }),
  };
}

function shownProblem(problem: string | undefined, shown: Shown): string | undefined {
  return problem === undefined ? undefined : shown(problem);
}

/** The words of a choice, made fit in the same way; the values stay what they are. */
export function shownChoices<Value extends string>(
  { message, choices }: ChoiceQuestion<Value>,
  shown: Shown,
): Pick<ChoiceQuestion<Value>, 'message' | 'choices'> {
  const one = ({ value, label, detail, disabled }: Choice<Value>): Choice<Value> => ({
    value,
    label: shown(label),
    ...(detail === undefined ? {} : { detail: shown(detail) }),
    ...(disabled === undefined ? {} : { disabled: shown(disabled) }),
  });
  return { message: shown(message), choices: choices.map(one) };
}

type Shown = (text: string) => string;

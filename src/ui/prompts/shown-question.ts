import type { Choice, ChoiceQuestion, TextQuestion } from '../ui.ts';

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

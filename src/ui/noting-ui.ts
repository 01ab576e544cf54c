import type { AnswersSoFar } from '../config/answers-so-far.ts';
import type { ChoiceQuestion, TextQuestion, Ui } from './ui.ts';

/**
 * Asks through another Ui, offers what is in `before` where it can still be chosen, once each, and notes in `given` what is
 * answered. Secrets and questions without an id pass by. `tell` is called ahead of the first offer.
 */
export function notingUi(ui: Ui, before: AnswersSoFar, given: AnswersSoFar, tell: () => void): Ui {
  let told = false;
  function offered({ id }: Identified): Offered {
    const answer = id === undefined || id in given ? undefined : before[id];
    if (answer !== undefined && !told) tell();
    told ||= answer !== undefined;
    return answer;
  }
  function note<Answer extends string | readonly string[]>({ id }: Identified, answer: Answer): Answer {
    if (id !== undefined) given[id] = answer;
    return answer;
  }
  return {
    ...ui,
    askText: async (question) => note(question, await ui.askText(withText(question, offered(question)))),
    choose: async (question) => note(question, await ui.choose(withChoice(question, offered(question)))),
    chooseMany: async (question) => note(question, await ui.chooseMany(withChoices(question, offered(question)))),
  };
}

type Identified = Pick<TextQuestion, 'id'>;
type Offered = string | readonly string[] | undefined;

function withText(question: TextQuestion, offered: Offered): TextQuestion {
  const fits = typeof offered === 'string' && question.start === undefined && question.problem?.(offered) === undefined;
  return fits ? { ...question, default: offered } : question;
}

function withChoice<Value extends string>(question: ChoiceQuestion<Value>, offered: Offered): ChoiceQuestion<Value> {
  const choice = selectable(question).find((value) => value === offered);
  return choice === undefined ? question : { ...question, default: choice };
}

function withChoices<Value extends string>(
  question: ChoiceQuestion<Value> & { readonly chosen: readonly Value[] },
  offered: Offered,
): ChoiceQuestion<Value> & { readonly chosen: readonly Value[] } {
  if (typeof offered !== 'object') return question;
  return { ...question, chosen: selectable(question).filter((value) => offered.includes(value)) };
}

function selectable<Value extends string>({ choices }: ChoiceQuestion<Value>): readonly Value[] {
  return choices.flatMap(({ value, disabled }) => (disabled === undefined ? [value] : []));
}

import { addressProblem, containerReachabilityProblem, normaliseAddress } from '../config/values/address.ts';
import type { Problem } from '../problem.ts';
import { given } from '../text/json.ts';
import type { Ui } from '../ui/ui.ts';
import { countQuestions, type Questions, questionsAbout } from './questions.ts';

/** An interview whose first question was answered before the rest of it was loaded. */
export interface Begun {
  readonly questions: Questions;
  readonly address: string;
}

/** Asks the first question of somebody about whom nothing is known. `addresses` are this machine's own. */
export async function beginInterview(
  ui: Ui,
  addresses: readonly string[],
  meanwhile: () => Promise<void>,
): Promise<Begun> {
  const questions = greeting(ui, undefined);
  beginAddress(questions);
  return { questions, address: await askAddress(ui, { addresses, meanwhile }) };
}

/** `cloud` is what is known of it. */
export function greeting(ui: Ui, cloud: Parameters<typeof questionsAbout>[0]): Questions {
  ui.say('');
  ui.say('A few questions. Enter accepts the default.', 'dim');
  return countQuestions(ui, 3 + questionsAbout(cloud));
}

/** The headline over `askAddress`. */
export function beginAddress(questions: Questions): void {
  const hint = 'LM Studio, Ollama, llama.cpp or vLLM: its address, e.g. 192.168.1.20:1234';
  questions.begin('Where does the local model run?', hint);
}

interface AddressAsked {
  readonly addresses: readonly string[];
  /** Offered as default. */
  readonly known?: string | undefined;
  /** To be corrected. */
  readonly typed?: string | undefined;
  readonly meanwhile?: () => Promise<void>;
}

/** Where the local model's server is, as it was typed. */
export async function askAddress(ui: Ui, { addresses, known, typed, meanwhile }: AddressAsked): Promise<string> {
  return await ui.askText({
    id: 'local-address',
    message: 'Address',
    problem: (text) =>
      addressProblem(text) ?? inOneSentence(containerReachabilityProblem(normaliseAddress(text), addresses)),
    ...given({ default: known, start: typed, meanwhile }),
  });
}

/** What is wrong and what to do about it, behind a question. */
export function inOneSentence(problem: Problem | undefined): string | undefined {
  return problem === undefined ? undefined : `${problem.problem} ${problem.fix}`;
}

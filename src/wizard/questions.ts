import type { ServerFound } from '../components/lm-studio/local-server.ts';
import { addressProblem, containerReachabilityProblem, normaliseAddress } from '../config/address.ts';
import type { Answers } from '../config/schema.ts';
import type { Secrets } from '../config/secrets.ts';
import type { MachineFacts } from '../context.ts';
import type { Probe } from '../host/host.ts';
import type { Secret } from '../host/secret.ts';
import type { Problem } from '../problem.ts';
import { given } from '../text/json.ts';
import type { Ui } from '../ui/ui.ts';

/** What the questions need besides the person. */
export interface Interview {
  readonly ui: Ui;
  readonly probe: Pick<Probe, 'http' | 'query'>;
  readonly machine: MachineFacts;
  /** Offered as defaults. */
  readonly earlier: Answers | undefined;
  /** Keys that are known already; offered to be kept. */
  readonly known: Secrets;
  /** What was asked already. */
  readonly begun?: Begun | undefined;
}

/** The interview while it goes on. */
export interface Asking extends Interview {
  readonly questions: Questions;
}

/** What the questions about one cloud came to; `back` when the person would rather choose another one. */
export type Asked<Found> = (Found & { readonly secrets: Partial<Secrets> }) | 'back';

/** A server that answers and has a model that can be used. */
export interface ServerAsked {
  readonly address: string;
  readonly token: Secret | undefined;
  readonly found: ServerFound;
}

/** Numbers the questions. How many there are depends on the answers, so the total is what is known so far. */
interface Questions {
  /** The headline of the next question, and under it what may be typed. */
  begin(title: string, ...hints: readonly string[]): void;
  /** From here on there are `more` questions after the one that was begun last. */
  expect(more: number): void;
  /** The number of the question that was begun last. */
  number(): number;
  /** Asks question `number` again. */
  returnTo(number: number): void;
}

/** `total` is what is expected at the start. */
function countQuestions(ui: Ui, total: number): Questions {
  let current = 0;
  let of = total;
  return {
    begin(title, ...hints) {
      current += 1;
      ui.say('');
      ui.say(`${current}/${Math.max(of, current)}  ${title}`, 'strong');
      for (const hint of hints) ui.say(`     ${hint}`, 'dim');
    },
    expect(more) {
      of = current + more;
    },
    number: () => current,
    returnTo(number) {
      current = number - 1;
    },
  };
}

/** What can be behind the local model. */
export type Backend = 'anthropic' | 'foundry' | 'both' | 'none';

/** How many questions follow the one about the cloud: a key each, Foundry's resource and deployments, what goes where, the failover, and whether there are more. */
export function questionsAbout(
  cloud: { readonly anthropic?: unknown; readonly foundry?: unknown } | undefined,
): number {
  return { anthropic: 4, foundry: 6, both: 7, none: 1 }[backendOf(cloud)];
}

export function backendOf(cloud: { readonly anthropic?: unknown; readonly foundry?: unknown } | undefined): Backend {
  if (cloud === undefined) return 'anthropic';
  if (cloud.anthropic !== undefined) return cloud.foundry === undefined ? 'anthropic' : 'both';
  return cloud.foundry === undefined ? 'none' : 'foundry';
}

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

/** What was typed with commas between. */
export function listed(text: string): readonly string[] {
  return text
    .split(',')
    .map((one) => one.trim())
    .filter((one) => one !== '');
}

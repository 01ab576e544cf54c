import type { Event } from '../../../src/engine/event.ts';
import { type ChoiceQuestion, PersonLeft, type TextQuestion, type Tone, type Ui } from '../../../src/ui/ui.ts';

/** An answer to the question with this message; `leave` is Ctrl-C. */
export type Scripted = readonly [message: string | RegExp, answer: string | readonly string[] | typeof leave];

export const leave = Symbol('Ctrl-C');

/** A person who knows what to say to which question, in this order. Any other question throws. */
export interface ScriptedUi extends Ui {
  readonly said: readonly { readonly text: string; readonly tone: Tone }[];
  readonly events: readonly Event[];
  /** What commands found, each with its type, and documents as texts. */
  readonly results: readonly (readonly [type: string, data: object | string])[];
  /** Answers that were not asked for; a test in which some are left has failed. */
  readonly left: readonly Scripted[];
}

/** Typed answers that a question refuses are refused as on a terminal: the next one in the script is for the same question. */
export function scriptedUi(script: readonly Scripted[] = [], interactive = true): ScriptedUi {
  const left = [...script];
  const said: { text: string; tone: Tone }[] = [];
  const events: Event[] = [];
  const results: (readonly [type: string, data: object | string])[] = [];
  const next = (message: string): string | readonly string[] => {
    const [expected, answer] = left.shift() ?? [undefined, ''];
    const fits = typeof expected === 'string' ? message.includes(expected) : expected?.test(message) === true;
    if (!fits) throw new Error(`the script has no answer to: ${message} (it expects ${String(expected)})`);
    if (answer === leave) throw new PersonLeft(message);
    return answer as string | readonly string[];
  };
  const ask = async ({ message, problem, default: usual }: TextQuestion): Promise<string> => {
    for (;;) {
      const typed = String(next(message)) || (usual ?? '');
      const refusal = problem?.(typed);
      if (refusal === undefined) return typed;
      said.push({ text: refusal, tone: 'warning' });
    }
  };
  return {
    interactive,
    forPrograms: false,
    said,
    events,
    results,
    left,
    say: (text, tone = 'plain') => void said.push({ text, tone }),
    result: (type, data, inWords) => {
      results.push([type, data]);
      inWords();
    },
    redraw: () => false,
    isRead: () => true,
    document: (text) => void results.push(['document', text]),
    report: (event) => void events.push(event),
    askText: ask,
    askSecret: ask,
    choose: async <Value extends string>({ message, choices }: ChoiceQuestion<Value>) => {
      const answer = next(message);
      const choice = choices.find(({ value, disabled }) => value === answer && disabled === undefined);
      if (choice === undefined) throw new Error(`${message} does not offer ${String(answer)}`);
      return choice.value;
    },
    chooseMany: async ({ message, choices }) => {
      const answer = next(message);
      return choices.map(({ value }) => value).filter((value) => answer.includes(value));
    },
    busy: async (_text, work) => await work,
    progress: () => undefined,
    end: () => undefined,
  };
}

import { createInterface } from 'node:readline/promises';
import { choiceTexts, usableWidth, wrapped } from '../text-layout.ts';
import { type Choice, type ChoiceQuestion, PersonLeft, type TextQuestion } from '../ui.ts';
import { type ManyQuestion, type PromptStreams, type Prompts, secretShown } from './prompts.ts';

/** Questions for a terminal that can only print lines (TERM=dumb): numbers choose, and nothing is ever redrawn. */
export function createLinePrompts(streams: PromptStreams): Prompts {
  const say = (text: string) => streams.output.write(`${wrapped(text, streams.output.columns)}\n`);
  const ask = async <Answer>(
    message: string,
    understand: (line: string) => Answer | Misunderstood,
    toldToLeave?: AbortSignal,
  ): Promise<Answer> => {
    for (;;) {
      const answer = understand(await readLine(streams, `> ${message} `, toldToLeave));
      if (!(answer instanceof Misunderstood)) return answer;
      say(`     ${answer.why}`);
    }
  };
  return {
    text: async (question, toldToLeave) =>
      await ask(textMessage(question), (line) => textAnswer(question, line), toldToLeave),
    secret: async (question) => {
      for (;;) {
        const typed = await readHidden(streams, question);
        const problem = question.problem?.(typed);
        if (problem === undefined) return typed;
        say(`     ${problem}`);
      }
    },
    one: async (question) => {
      say(listed(question, streams));
      return await ask(oneMessage(question), (line) => oneAnswer(question, line));
    },
    many: async (question) => {
      say(listed(question, streams));
      return await ask(manyMessage(question), (line) => manyAnswer(question, line));
    },
  };
}

/** Why a line is no answer. */
class Misunderstood {
  readonly why: string;

  constructor(why: string) {
    this.why = why;
  }
}

function textMessage({ message, default: offered, start }: TextQuestion): string {
  const usual = start ?? offered ?? '';
  return usual === '' ? message : `${message} (Enter: ${usual})`;
}

function textAnswer({ default: offered, start, problem }: TextQuestion, line: string): string | Misunderstood {
  const answer = line.trim() === '' ? (start ?? offered ?? '') : line;
  const why = problem?.(answer);
  return why === undefined ? answer : new Misunderstood(why);
}

function listed({ choices }: ChoiceQuestion<string>, { output }: PromptStreams): string {
  const texts = choiceTexts(choices, usableWidth(output.columns) - 6);
  return choices
    .map(
      ({ disabled }, index) =>
        `  ${disabled === undefined ? index + 1 : '-'}  ${texts[index]}${disabled === undefined ? '' : ` (${disabled})`}`,
    )
    .join('\n');
}

function oneMessage<Value extends string>({ message, choices, default: offered }: ChoiceQuestion<Value>): string {
  return `${message.replace(/[.?]$/, '$& ').trim()} Number (Enter: ${usualNumber(choices, offered)})`;
}

function usualNumber<Value extends string>(choices: readonly Choice<Value>[], offered: Value | undefined): number {
  const wanted = choices.findIndex(({ value, disabled }) => value === offered && disabled === undefined);
  return (wanted === -1 ? choices.findIndex(({ disabled }) => disabled === undefined) : wanted) + 1;
}

function oneAnswer<Value extends string>(
  { choices, default: offered }: ChoiceQuestion<Value>,
  line: string,
): Value | Misunderstood {
  const number = line.trim() === '' ? usualNumber(choices, offered) : Number(line);
  const choice = choices[number - 1];
  return choice === undefined || choice.disabled !== undefined
    ? new Misunderstood(`Type one of the numbers.`)
    : choice.value;
}

function manyMessage<Value extends string>({ message, choices, chosen }: ManyQuestion<Value>): string {
  const numbers = choices.flatMap(({ value }, index) => (chosen.includes(value) ? [index + 1] : []));
  return `${message}: numbers separated by spaces, 0 for none (Enter: ${numbers.join(' ') || 'none'})`;
}

function manyAnswer<Value extends string>(
  { choices, chosen }: ManyQuestion<Value>,
  line: string,
): readonly Value[] | Misunderstood {
  const words = line.split(/[\s,]+/).filter((word) => word !== '');
  if (words.length === 0) return chosen;
  if (words.join() === '0') return [];
  const values = words.map((word) => choices[Number(word) - 1]?.value);
  return values.every((value) => value !== undefined)
    ? values
    : new Misunderstood('Type numbers from the list, e.g.  1 3');
}

/** One line as the terminal itself edits it. */
async function readLine({ input, output }: PromptStreams, prompt: string, toldToLeave?: AbortSignal): Promise<string> {
  const lines = createInterface({ input, output, terminal: false });
  const left = new AbortController();
  const leave = () => left.abort();
  process.once('SIGINT', leave);
  toldToLeave?.addEventListener('abort', leave, { once: true });
  lines.once('close', leave);
  try {
    return await lines.question(prompt, { signal: left.signal });
  } catch {
    throw new PersonLeft('the input was closed');
  } finally {
    process.off('SIGINT', leave);
    toldToLeave?.removeEventListener('abort', leave);
    lines.close();
  }
}

const enter = /[\r\n]/;

/** One line that the terminal does not show. */
async function readHidden({ input, output }: PromptStreams, { message, empty }: TextQuestion): Promise<string> {
  output.write(`> ${message} `);
  input.setRawMode(true);
  input.resume();
  try {
    const typed = await hiddenLine(input);
    output.write(`${secretShown(typed.length, empty)}\n`);
    return typed;
  } finally {
    input.setRawMode(false);
    input.pause();
  }
}

async function hiddenLine(input: NodeJS.ReadStream): Promise<string> {
  let typed = '';
  return await new Promise((resolve, reject) => {
    const finish = (settle: () => void) => {
      input.off('data', onData).off('end', onEnd);
      settle();
    };
    const onEnd = () => finish(() => reject(new PersonLeft('the input was closed')));
    const onData = (data: Buffer | string) => {
      for (const key of String(data)) {
        if (key === '\u0003' || (key === '\u0004' && typed === '')) return onEnd();
        if (enter.test(key)) return finish(() => resolve(typed));
        typed = key === '\u007f' || key === '\b' ? typed.slice(0, -1) : key >= ' ' ? typed + key : typed;
      }
    };
    input.on('data', onData).once('end', onEnd);
  });
}

import { checkbox, input, password, select } from '@inquirer/prompts';
import { Chalk, type ChalkInstance } from 'chalk';
import ora, { type Ora } from 'ora';
import wrapAnsi from 'wrap-ansi';
import type { Event } from '../engine/event.ts';
import type { Masking } from '../host/masking.ts';
import { CannotAsk, type ChoiceQuestion, type TextQuestion, type Tone, type Ui } from './ui.ts';
import { duration, linesFor } from './wording.ts';

export interface TerminalOptions {
  readonly output: NodeJS.WriteStream;
  readonly input: NodeJS.ReadStream;
  /** Whether questions may be asked. */
  readonly interactive: boolean;
  readonly color: boolean;
  /** Whether a spinner can be drawn: a terminal that can move its cursor. */
  readonly animated: boolean;
  readonly verbose: boolean;
  readonly masking: Masking;
}

/** Longest line: what still reads well in a log or beside other windows. */
const widest = 78;

/** Lines that are only ever added, for people. Colour and a spinner on a real terminal; nothing but text elsewhere. */
export function createTerminal(options: TerminalOptions): Ui {
  const { output, masking } = options;
  const paint = painter(options.color);
  const prompt = { input: options.input, output };
  let spinner: Ora | undefined;
  let step = { text: '', began: 0, note: '' };
  let timer: NodeJS.Timeout | undefined;

  function say(text: string, tone: Tone = 'plain'): void {
    const spinning = spinner?.isSpinning === true;
    if (spinning) spinner?.clear();
    output.write(`${wrapped(masking.mask(text), output.columns).split('\n').map(paint[tone]).join('\n')}\n`);
    if (spinning) spinner?.render();
  }

  function startSpinner(text: string): void {
    step = { text, began: performance.now(), note: '' };
    if (!options.animated) return;
    spinner = ora({ stream: output, discardStdin: false, color: 'cyan', hideCursor: true }).start();
    timer = setInterval(drawSpinner, 250);
    drawSpinner();
  }

  function drawSpinner(): void {
    if (spinner === undefined) return;
    const head = `${step.text}  ${duration(performance.now() - step.began)}`;
    const room = (output.columns ?? widest) - head.length - 6;
    const note = room > 12 && step.note !== '' ? `  ${step.note.slice(0, room)}` : '';
    spinner.text = `${head}${paint.dim(masking.mask(note))}`;
  }

  function stopSpinner(): void {
    clearInterval(timer);
    spinner?.stop();
    spinner = undefined;
  }

  function follow(event: Event): void {
    if (event.type === 'step-began') startSpinner(event.step.title);
    if (event.type === 'effect-began' && event.effect.do === 'run') step.note = event.effect.why;
    if (event.type === 'waiting') step.note = event.forWhat;
    if (event.type === 'step-ended') stopSpinner();
  }

  function mayAsk(question: { readonly message: string }): void {
    if (!options.interactive) throw new CannotAsk(question.message);
    stopSpinner();
  }

  return {
    interactive: options.interactive,
    say,
    report(event) {
      follow(event);
      for (const line of linesFor(event, options)) say(line.text, line.tone);
    },
    async askText(question) {
      mayAsk(question);
      return await input(textPrompt(question), prompt);
    },
    async askSecret(question) {
      mayAsk(question);
      return await password({ message: question.message, mask: '•', validate: (typed) => question.problem?.(typed) ?? true }, prompt);
    },
    async choose(question) {
      mayAsk(question);
      return await select(choicePrompt(question), prompt);
    },
    async chooseMany(question) {
      mayAsk(question);
      const choices = question.choices.map(({ value, label }) => ({ value, name: label, checked: question.chosen.includes(value) }));
      return await checkbox({ message: question.message, choices }, prompt);
    },
    async busy(text, work) {
      startSpinner(text);
      try {
        return await work;
      } finally {
        stopSpinner();
      }
    },
    progress(line) {
      step.note = line;
    },
  };
}

function textPrompt(question: TextQuestion) {
  return {
    message: question.message,
    validate: (typed: string) => question.problem?.(typed) ?? true,
    ...(question.default === undefined ? {} : { default: question.default }),
  };
}

function choicePrompt<Value extends string>(question: ChoiceQuestion<Value>) {
  return {
    message: question.message,
    choices: question.choices.map(({ value, label, disabled }) => ({
      value,
      name: label,
      ...(disabled === undefined ? {} : { disabled: `(${disabled})` }),
    })),
    ...(question.default === undefined ? {} : { default: question.default }),
    loop: false,
    pageSize: 12,
  };
}

/** Wraps at the terminal's width, at most 78; continuation lines keep the indentation. Words longer than a line stay whole, so that they can be copied. */
export function wrapped(text: string, columns: number | undefined): string {
  const width = Math.min(columns ?? widest, widest);
  return text.split('\n').map((line) => wrappedLine(line, width)).join('\n');
}

function wrappedLine(line: string, width: number): string {
  const indent = /^\s*/.exec(line)?.[0] ?? '';
  const hanging = indent === '' ? '' : `${indent}  `;
  const parts = wrapAnsi(line.trim(), Math.max(20, width - hanging.length), { hard: false }).split('\n');
  return parts.map((part, index) => `${index === 0 ? indent : hanging}${part}`).join('\n').trimEnd();
}

function painter(color: boolean): Record<Tone, (text: string) => string> {
  const chalk: ChalkInstance = new Chalk(color ? {} : { level: 0 });
  return {
    plain: (text) => text,
    good: (text) => text.replace('✓', chalk.green('✓')),
    warning: (text) => chalk.yellow(text),
    bad: (text) => chalk.red(text),
    dim: (text) => chalk.dim(text),
    strong: (text) => chalk.bold(text),
  };
}

import { Chalk, type ChalkInstance } from 'chalk';
import ora, { type Ora } from 'ora';
import type { Event } from '../engine/event.ts';
import type { Masking } from '../host/masking.ts';
import { createKeyPrompts } from './key-prompts.ts';
import { createLinePrompts } from './line-prompts.ts';
import { usableWidth, wrapped } from './text-layout.ts';
import { CannotAsk, type Tone, type Ui } from './ui.ts';
import { duration, linesFor } from './wording.ts';

export interface TerminalOptions {
  readonly output: NodeJS.WriteStream;
  readonly input: NodeJS.ReadStream;
  /** Whether questions may be asked. */
  readonly interactive: boolean;
  readonly color: boolean;
  /** Whether something can be redrawn: a terminal that can move its cursor. */
  readonly animated: boolean;
  readonly verbose: boolean;
  readonly masking: Masking;
}

/** Lines that are only ever added, for people. Colour and a spinner on a real terminal; nothing but text elsewhere. */
export function createTerminal(options: TerminalOptions): Ui {
  const { output, masking } = options;
  const chalk = new Chalk(options.color ? {} : { level: 0 });
  const paint = painter(chalk);
  const prompts = options.animated ? createKeyPrompts(options, chalk) : createLinePrompts(options);
  let spinner: Ora | undefined;
  let step = { text: '', began: 0, note: '' };
  let timer: NodeJS.Timeout | undefined;

  function say(text: string, tone: Tone = 'plain'): void {
    const spinning = spinner?.isSpinning === true;
    if (spinning) spinner?.clear();
    const masked = masking.mask(text);
    const shown = tone === 'command' ? masked : wrapped(masked, output.columns);
    output.write(`${shown.split('\n').map(paint[tone]).join('\n')}\n`);
    if (spinning) spinner?.render();
  }

  function startSpinner(text: string): void {
    step = { text, began: performance.now(), note: '' };
    if (!options.animated) return;
    spinner = ora({ stream: output, isEnabled: true, discardStdin: false, color: 'cyan', hideCursor: true }).start();
    timer = setInterval(drawSpinner, 250);
    drawSpinner();
  }

  function drawSpinner(): void {
    if (spinner === undefined) return;
    const head = `${step.text}  ${duration(performance.now() - step.began)}`;
    const room = usableWidth(output.columns) - head.length - 6;
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
      return await prompts.text(question);
    },
    async askSecret(question) {
      mayAsk(question);
      return await prompts.secret(question);
    },
    async choose(question) {
      mayAsk(question);
      return await prompts.one(question);
    },
    async chooseMany(question) {
      mayAsk(question);
      return await prompts.many(question);
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

function painter(chalk: ChalkInstance): Record<Tone, (text: string) => string> {
  return {
    command: (text) => text,
    plain: (text) => text,
    good: (text) => text.replace('✓', chalk.green('✓')),
    warning: (text) => chalk.yellow(text),
    bad: (text) => chalk.red(text),
    dim: (text) => chalk.dim(text),
    strong: (text) => chalk.bold(text),
  };
}

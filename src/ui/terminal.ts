import { Chalk, type ChalkInstance } from 'chalk';
import type { Event } from '../engine/event.ts';
import type { Masking } from '../host/masking.ts';
import { createKeyPrompts } from './key-prompts.ts';
import { createLinePrompts } from './line-prompts.ts';
import { createSpinner, createStillSpinner } from './spinner.ts';
import { wrapped } from './text-layout.ts';
import { CannotAsk, type Tone, type Ui } from './ui.ts';
import { linesFor } from './wording.ts';

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
  /** The home directory; paths in it are told with a tilde. */
  readonly home?: string;
}

/** Lines that are only ever added, for people. Colour and a spinner on a real terminal; nothing but text elsewhere. */
export function createTerminal(options: TerminalOptions): Ui {
  const { output, masking, animated, interactive } = options;
  const chalk = new Chalk(options.color ? {} : { level: 0 });
  const paint = painter(chalk);
  const prompts = animated ? createKeyPrompts(options, chalk) : createLinePrompts(options);
  const spinner = animated
    ? createSpinner(output, chalk)
    : createStillSpinner(interactive ? (text) => say(text) : undefined);

  function say(text: string, tone: Tone = 'plain'): void {
    const masked = masking.mask(text);
    const shown = tone === 'command' ? masked : wrapped(withTilde(masked, options.home), output.columns);
    spinner.around(() => output.write(`${shown.split('\n').map(paint[tone]).join('\n')}\n`));
  }

  function follow(event: Event): void {
    if (event.type === 'step-began') spinner.start(event.step.title);
    if (event.type === 'effect-began' && event.effect.do === 'run') spinner.note(masking.mask(event.effect.why));
    if (event.type === 'waiting') spinner.note(masking.mask(event.forWhat));
    if (event.type === 'step-ended') spinner.stop();
  }

  async function asked<Answer>(question: { readonly message: string }, ask: () => Promise<Answer>): Promise<Answer> {
    if (!interactive) throw new CannotAsk(question.message);
    return await spinner.aside(ask);
  }

  return {
    interactive,
    say,
    report(event) {
      follow(event);
      for (const line of linesFor(event, options)) say(line.text, line.tone);
    },
    askText: async (question) => await asked(question, async () => await prompts.text(question)),
    askSecret: async (question) => await asked(question, async () => await prompts.secret(question)),
    choose: async (question) => await asked(question, async () => await prompts.one(question)),
    chooseMany: async (question) => await asked(question, async () => await prompts.many(question)),
    async busy(text, work) {
      spinner.start(text, interactive);
      try {
        return await work;
      } finally {
        spinner.stop();
      }
    },
    progress(line) {
      spinner.note(masking.mask(line));
    },
  };
}

/** Only where the path begins: within a longer one it is no home. */
function withTilde(text: string, home: string | undefined): string {
  if (home === undefined || home === '/') return text;
  const [first = '', ...others] = text.split(home);
  return others.reduce((told, next) => {
    const whole = /(^|[\s"'(:=])$/.test(told) && /^(\/|$|[\s"').,:;])/.test(next);
    return `${told}${whole ? '~' : home}${next}`;
  }, first);
}

function painter(chalk: ChalkInstance): Record<Tone, (text: string) => string> {
  return {
    command: (text) => text,
    plain: (text) => text,
    good: (text) => (text.includes('✓') ? text.replace('✓', chalk.green('✓')) : chalk.green(text)),
    warning: (text) => chalk.yellow(text),
    bad: (text) => chalk.red(text),
    dim: (text) => chalk.dim(text),
    strong: (text) => chalk.bold(text),
  };
}

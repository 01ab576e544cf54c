import { Chalk, type ChalkInstance } from 'chalk';
import type { Event } from '../engine/event.ts';
import type { Masking } from '../host/masking.ts';
import { bounded, harmless, harmlessLine } from '../text/harmless.ts';
import { createKeyPrompts } from './key-prompts.ts';
import { createLinePrompts } from './line-prompts.ts';
import { shownChoices, shownText } from './shown-question.ts';
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

/** Longest paragraph, and longest command to be copied, in characters; what another program said may be a book. */
const longest = 2000;
const longestCommand = 20_000;

/**
 * Lines that are only ever added, for people. Colour and a spinner on a real terminal; nothing but text elsewhere. Every
 * word goes out through `shown` or `shownLine`: masked, harmless and bounded, and only then coloured.
 */
export function createTerminal(options: TerminalOptions): Ui {
  const { output, masking, animated, interactive } = options;
  const chalk = new Chalk(options.color ? {} : { level: 0 });
  const paint = painter(chalk);
  const prompts = animated ? createKeyPrompts(options, chalk) : createLinePrompts(options);
  const spinner = animated ? createSpinner(output, chalk) : createStillSpinner((text) => say(text, 'dim'), interactive);

  // Masked twice: a colour code in the midst of a key would hide it from the first look.
  const shown = (text: string, most = longest) => bounded(masking.mask(harmless(masking.mask(text))), most);
  const shownLine = (text: string) => harmlessLine(shown(text));

  function say(text: string, tone: Tone = 'plain'): void {
    const fitting = hanging(shown(text, tone === 'command' ? longestCommand : longest));
    const told = tone === 'command' ? fitting : wrapped(withTilde(fitting, options.home), output.columns);
    spinner.around(() => output.write(`${told.split('\n').map(paint[tone]).join('\n')}\n`));
  }

  function follow(event: Event): void {
    if (event.type === 'step-began') spinner.start(shownLine(event.step.title));
    if (event.type === 'effect-began' && event.effect.do === 'run') spinner.note(shownLine(event.effect.why));
    if (event.type === 'waiting') spinner.note(shownLine(event.forWhat));
    if (event.type === 'step-ended') spinner.stop();
  }

  async function asked<Answer>(question: { readonly message: string }, ask: () => Promise<Answer>): Promise<Answer> {
    if (!interactive) throw new CannotAsk(question.message);
    return await spinner.aside(ask);
  }

  return {
    interactive,
    forPrograms: false,
    say,
    result: (_type, _data, inWords) => inWords(),
    document: (text) => void spinner.around(() => output.write(shown(text, Number.POSITIVE_INFINITY))),
    report(event) {
      follow(event);
      for (const line of linesFor(event, options)) say(line.text, line.tone);
    },
    askText: async (question) => await asked(question, async () => await prompts.text(shownText(question, shownLine))),
    askSecret: async (question) =>
      await asked(question, async () => await prompts.secret(shownText(question, shownLine))),
    choose: async (question) =>
      await asked(question, async () => await prompts.one({ ...question, ...shownChoices(question, shownLine) })),
    chooseMany: async (question) =>
      await asked(question, async () => await prompts.many({ ...question, ...shownChoices(question, shownLine) })),
    async busy(text, work) {
      spinner.start(shownLine(text), interactive);
      try {
        return await work;
      } finally {
        spinner.stop();
      }
    },
    progress(line) {
      spinner.note(shownLine(line));
    },
    end: spinner.stop,
  };
}

/** More lines than this in one paragraph push everything else off the screen. */
const mostLines = 40;

/** Lines after the first stand under it: no other program's words can look like a line of ours. */
function hanging(text: string): string {
  const [first = '', ...others] = text.split('\n');
  const indent = `${/^ */.exec(first)?.[0] ?? ''}  `;
  const shown = others
    .slice(0, mostLines)
    .map((line) => (line.startsWith(indent) ? line : `${indent}${line.trimStart()}`));
  const rest = others.length > mostLines ? [`${indent}… (${others.length - mostLines} more lines)`] : [];
  return [first, ...shown, ...rest].join('\n');
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

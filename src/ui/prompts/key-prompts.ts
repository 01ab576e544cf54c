import { input } from '@inquirer/prompts';
import { harmlessLine } from '../../text/harmless.ts';
import { given } from '../../text/json.ts';
import type { Colours } from '../speech.ts';
import { answerText, choiceTexts, usableWidth, wrapped } from '../text-layout.ts';
import { type Choice, type ChoiceQuestion, PersonLeft, type TextQuestion } from '../ui.ts';
import { type PromptStreams, type Prompts, secretShown } from './prompts.ts';

/** Questions for a terminal that can move its cursor: arrow keys choose, and only the answer stays on the screen. */
export function createKeyPrompts(streams: PromptStreams, colours: Colours): Prompts {
  const { output } = streams;
  const room = () => usableWidth(output.columns) - 2;
  return {
    text: async (question, toldToLeave) => {
      const theme = themeFor(output, colours, question.message);
      const transformer = (typed: string, { isFinal }: { readonly isFinal: boolean }) =>
        isFinal ? theme.style.answer(typed) : harmlessLine(typed);
      const config = { ...textConfig(question), transformer, theme };
      return await untilLeft(streams, async (context) => await input(config, context), toldToLeave);
    },
    secret: async (question) => {
      const { message } = question;
      const theme = secretTheme(output, colours, question);
      const config = { message, mask: '•', toggleMask: false, validate: validator(question), theme };
      return await untilLeft(streams, async (context) => await (await others()).password(config, context));
    },
    one: async (question) => {
      const theme = withTip('arrow keys move, Enter chooses', themeFor(output, colours, question.message), colours);
      const config = { ...selectConfig(question, room()), pageSize: pageSize(output), theme };
      return await untilLeft(streams, async (context) => await (await others()).select(config, context));
    },
    many: async (question) => {
      const choices = question.choices.map((choice, index) => ({
        ...written(choice, choiceTexts(question.choices, room() - 3)[index], '    '),
        checked: question.chosen.includes(choice.value),
      }));
      const theme = withTip('space selects, Enter continues', themeFor(output, colours, question.message), colours);
      const config = { message: question.message, choices, pageSize: pageSize(output), loop: false, theme };
      return await untilLeft(streams, async (context) => await (await others()).checkbox(config, context));
    },
  };
}

/** The first question is for a text. */
async function others() {
  return await import('../late/prompts.ts');
}

type Context = PromptStreams & { readonly signal: AbortSignal };

/**
 * Ctrl-D and an input that ends close the line reader without ending the question, which would then wait for ever; both
 * mean that the person has left.
 */
async function untilLeft<Answer>(
  streams: PromptStreams,
  ask: (context: Context) => Promise<Answer>,
  toldToLeave?: AbortSignal,
): Promise<Answer> {
  const left = new AbortController();
  const leave = () => left.abort();
  const onKey = (_text: string | undefined, key: { readonly ctrl?: boolean; readonly name?: string } | undefined) => {
    if (key?.ctrl === true && key.name === 'd') setImmediate(() => streams.input.isPaused() && leave());
  };
  toldToLeave?.addEventListener('abort', leave, { once: true });
  streams.input.on('keypress', onKey).once('end', leave).once('close', leave);
  try {
    return await ask({ ...streams, signal: left.signal });
  } catch (error) {
    throw left.signal.aborted ? new PersonLeft('the input was closed') : error;
  } finally {
    toldToLeave?.removeEventListener('abort', leave);
    streams.input.off('keypress', onKey).off('end', leave).off('close', leave);
  }
}

function themeFor(output: NodeJS.WriteStream, colours: Colours, message: string) {
  const marked = message.length + '✓  '.length;
  return {
    prefix: { idle: '>', done: colours.green('✓') },
    icon: {
      cursor: colours.cyan('❯'),
      checked: colours.green('[x]'),
      unchecked: '[ ]',
      disabledChecked: '[x]',
      disabledUnchecked: '[-]',
    },
    style: {
      message: (text: string) => text,
      answer: (text: string) => answerText(harmlessLine(text), marked, output.columns),
      error: (text: string) => colours.yellow(wrapped(`     ${text}`, output.columns)),
      defaultAnswer: (text: string) => colours.dim(`(${text})`),
      help: colours.dim,
      highlight: colours.cyan,
      description: colours.dim,
      disabled: colours.dim,
      keysHelpTip: (): string | undefined => undefined,
      renderSelectedChoices: (chosen: readonly { readonly short: string }[]) =>
        chosen.length === 0 ? 'none' : chosen.map(({ short }) => short).join(', '),
    },
    i18n: { disabledError: 'This one cannot be chosen.' },
  };
}

/** Help that goes away with the question. */
function withTip(tip: string, theme: Theme, colours: Colours): Theme {
  return { ...theme, style: { ...theme.style, keysHelpTip: () => colours.dim(`  ${tip}`) } };
}

type Theme = ReturnType<typeof themeFor>;

function secretTheme(output: NodeJS.WriteStream, colours: Colours, { message, empty }: TextQuestion): Theme {
  const theme = themeFor(output, colours, message);
  return { ...theme, style: { ...theme.style, answer: (dots: string) => secretShown(dots.length, empty) } };
}

function validator({ problem }: TextQuestion): (typed: string) => string | true {
  return (typed) => problem?.(typed) ?? true;
}

function textConfig(question: TextQuestion) {
  const start = question.start ?? '';
  if (start !== '')
    return { message: question.message, validate: validator(question), default: start, prefill: 'editable' } as const;
  const { default: offered } = question;
  return { message: question.message, validate: validator(question), ...given({ default: offered }) };
}

function selectConfig<Value extends string>(question: ChoiceQuestion<Value>, room: number) {
  const texts = choiceTexts(question.choices, room);
  return {
    message: question.message,
    choices: question.choices.map((choice, index) => written(choice, texts[index], '  ')),
    ...given({ default: question.default }),
    loop: false,
  };
}

function written<Value extends string>({ value, label, disabled }: Choice<Value>, text = label, indent: string) {
  return {
    value,
    name: text.replaceAll('\n', `\n${indent}`),
    short: label,
    ...(disabled === undefined ? {} : { disabled: `(${disabled})` }),
  };
}

/** Lines of a list: a question that is taller than the terminal cannot be redrawn. */
function pageSize({ rows }: NodeJS.WriteStream): number {
  return Math.max(5, Math.min((rows || 24) - 8, 18));
}

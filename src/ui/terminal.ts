import { isatty } from 'node:tty';
import type { Event } from '../engine/event.ts';
import { createLiveScreen, cutTo, type LiveScreen } from './live-screen.ts';
import { createToolProgress } from './progress.ts';
import { askBeside, type Prompts, shownChoices, shownText } from './prompts/prompts.ts';
import { createSpeech, type SpeechOptions } from './speech.ts';
import { createSpinner, createStillSpinner } from './spinner.ts';
import { CannotAsk, type Tone, type Ui } from './ui.ts';
import { linesFor, placeWords } from './wording.ts';

export interface TerminalOptions extends SpeechOptions {
  readonly input: NodeJS.ReadStream;
  /** Whether questions may be asked. */
  readonly interactive: boolean;
  /** Whether something can be redrawn: a terminal that can move its cursor. */
  readonly animated: boolean;
  readonly verbose: boolean;
  /** Whether somebody still reads; default: always. */
  readonly isRead?: () => boolean;
}

/**
 * Lines that are only ever added, for people. Colour and a spinner on a real terminal; nothing but text elsewhere. Every
 * word goes out through speech.ts: masked, harmless and bounded, and only then coloured.
 */
export function createTerminal(options: TerminalOptions): Ui {
  const { output, animated, interactive, verbose, isRead = () => true } = options;
  const { colours, paint, said, shown, shownLine } = createSpeech(options);
  let live: LiveScreen | undefined;
  const spinner = animated
    ? createSpinner(output, colours)
    : createStillSpinner((text) => say(text, 'dim'), interactive);

  const tool = createToolProgress();

  function say(text: string, tone: Tone = 'plain'): void {
    spinner.around(() => output.write(said(text, tone)));
  }

  function follow(event: Event): void {
    if (event.type === 'step-began') spinner.start(shownLine(placeWords(event.step)));
    if (event.type === 'effect-began' && event.effect.do === 'run') {
      tool.begin();
      spinner.note(shownLine(event.effect.why));
    }
    if (event.type === 'waiting') spinner.note(shownLine(event.forWhat));
    if (event.type === 'step-ended') spinner.stop();
  }

  async function asked<Answer>(
    question: { readonly message: string },
    ask: (prompts: Prompts) => Promise<Answer>,
  ): Promise<Answer> {
    if (!interactive) throw new CannotAsk(question.message);
    return await spinner.aside(async () => await ask(await prompts()));
  }

  /** Loaded with the first question: most command lines ask none. */
  async function prompts(): Promise<Prompts> {
    if (!animated) return (await import('./prompts/line-prompts.ts')).createLinePrompts(options);
    return (await import('./prompts/key-prompts.ts')).createKeyPrompts(options, colours);
  }

  return {
    interactive,
    forPrograms: false,
    say,
    result: (_type, _data, inWords) => inWords(),
    redraw(linesFor) {
      if (!animated) return false;
      live ??= createLiveScreen(output);
      const lines = linesFor(output.rows - 1);
      live.draw(lines.map(({ text, tone }) => paint[tone](cutTo(shownLine(text), output.columns))));
      return true;
    },
    isRead,
    document: (text) => void spinner.around(() => output.write(shown(text, Number.POSITIVE_INFINITY))),
    report(event) {
      follow(event);
      for (const line of linesFor(event, options)) say(line.text, line.tone);
    },
    askText: async (question) =>
      await asked(question, async ({ text }) => {
        const ask = async (left?: AbortSignal) => await text(shownText(question, shownLine), left);
        return await (question.meanwhile === undefined ? ask() : askBeside(question.meanwhile, ask));
      }),
    askSecret: async (question) =>
      await asked(question, async ({ secret }) => await secret(shownText(question, shownLine))),
    choose: async (question) =>
      await asked(question, async ({ one }) => await one({ ...question, ...shownChoices(question, shownLine) })),
    chooseMany: async (question) =>
      await asked(question, async ({ many }) => await many({ ...question, ...shownChoices(question, shownLine) })),
    async busy(text, work) {
      spinner.start(shownLine(text), interactive);
      try {
        return await work;
      } finally {
        spinner.stop();
      }
    },
    progress(line) {
      const words = tool.read(line) ?? (verbose ? line : undefined);
      if (words !== undefined) spinner.note(shownLine(words));
    },
    end: spinner.stop,
  };
}

/**
 * Makes standard input fit for libraries that change the settings of its terminal: one that is gone takes none any more, and
 * says so in an error that nobody waits for. Its end is told by the stream itself.
 */
export function openInput(stream: NodeJS.ReadStream): NodeJS.ReadStream {
  if (stream.isTTY !== true) return stream;
  const { setRawMode } = stream;
  stream.setRawMode = (raw) => (isatty(0) ? setRawMode.call(stream, raw) : stream);
  return stream;
}

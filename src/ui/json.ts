import { describeEffect, type Event } from '../engine/event.ts';
import type { Masking } from '../host/secret.ts';
import { bounded, harmless, harmlessJson, withTextsFit } from '../text/harmless.ts';
import { createPacer, createToolProgress } from './progress.ts';
import { CannotAsk, type Ui } from './ui.ts';

/** Longest text in an object; a person may look at it, too. */
const longest = 20_000;

/** One JSON object a line, for programs: masked, and harmless on a screen. Never asks. */
export function createJsonUi(output: NodeJS.WritableStream, masking: Masking, isRead = () => true): Ui {
  const shown = (text: string) => masking.mask(harmless(masking.mask(text)));
  const write = (entry: object) =>
    output.write(`${harmlessJson(withTextsFit(entry, (text) => bounded(shown(text), longest)))}\n`);
  const pacer = createPacer((text, seconds, note) =>
    write({ type: 'still-going', text, seconds, ...(note === '' ? {} : { note }) }),
  );
  const tool = createToolProgress();
  const refuse = async (question: { readonly message: string }): Promise<never> => {
    throw new CannotAsk(question.message);
  };
  return {
    interactive: false,
    forPrograms: true,
    say: (text, tone = 'plain') => write({ type: 'message', tone, text: text.trim() }),
    result: (type, data) => write(Array.isArray(data) ? data : { type, ...data }),
    redraw: () => false,
    isRead,
    document: (text) => output.write(shown(text)),
    report(event) {
      if (event.type === 'step-began') pacer.start(event.step.title);
      if (event.type === 'waiting') pacer.note(event.forWhat);
      if (event.type === 'effect-began' && event.effect.do === 'run') {
        tool.begin();
        pacer.note(event.effect.why);
      }
      if (event.type === 'step-ended') pacer.stop();
      write(plainEvent(event));
    },
    askText: refuse,
    askSecret: refuse,
    choose: refuse,
    chooseMany: refuse,
    async busy(text, work) {
      pacer.start(text);
      return await work.finally(pacer.stop);
    },
    progress: (line) => pacer.note(tool.read(line) ?? line),
    end: pacer.stop,
  };
}

/** Effects are given in words: their content may be long, foreign or secret. */
function plainEvent(event: Event): object {
  const named = 'step' in event ? { ...event, step: event.step.id } : event;
  if (event.type === 'planned') {
    const { plan } = event;
    const shown =
      plan.status === 'change'
        ? { status: plan.status, summary: plan.summary, effects: plan.effects.map(describeEffect) }
        : plan;
    return { ...named, plan: shown };
  }
  return 'effect' in event ? { ...named, effect: describeEffect(event.effect) } : named;
}

import { allToolsSwitch } from '../../components/launchers/launchers.ts';
import {
  type FirstAnswer,
  firstAnswerAt,
  firstPromptTokens,
  measureReading,
  type Reading,
  type ReadingSpeed,
  type Span,
} from '../../components/lm-studio/reading-speed.ts';
import type { Ui } from '../../ui/ui.ts';
import { duration, tellProblem } from '../../ui/wording.ts';
import type { Asking, ServerAsked } from '../questions.ts';

/** What is known of a model's speed; nothing when it was neither measured now nor before. */
export interface ReadingAsked {
  readonly tokensPerSecond?: number;
  readonly firstAnswer?: FirstAnswer;
}

/** A model that answers. */
export interface ReadingOf {
  readonly server: ServerAsked;
  readonly model: string;
  readonly contextWindow: number | undefined;
  /** What was answered about the same model before. */
  readonly before: { readonly tokensPerSecond?: number | undefined } | undefined;
}

/** How fast the model reads: measured once, when the person likes, since it may take minutes. */
export async function askReading(about: Asking, of: ReadingOf): Promise<ReadingAsked> {
  const { ui, questions } = about;
  questions.begin(
    'How fast does it read?',
    'Two prompts of random words are sent twice each: seconds with a graphics card, 6 minutes at most. Nothing is stored.',
  );
  const earlier = of.before?.tokensPerSecond;
  if (earlier !== undefined) return await askAgain(about, of, earlier);
  const answer = await ui.choose({
    id: 'reading-speed',
    message: 'Reading speed',
    choices: [
      { value: 'measure', label: 'measure it' },
      { value: 'skip', label: 'skip it' },
    ],
    default: of.before === undefined ? 'measure' : 'skip',
  });
  return answer === 'measure' ? await measured(about, of) : {};
}

async function askAgain(about: Asking, of: ReadingOf, earlier: number): Promise<ReadingAsked> {
  const answer = await about.ui.choose({
    id: 'reading-speed',
    message: 'Reading speed',
    choices: [
      { value: 'keep', label: `as measured before: ${perSecond(earlier)}` },
      { value: 'measure', label: 'measure it again' },
    ],
  });
  if (answer === 'measure') return await measured(about, of);
  about.ui.say(`     ${speedWords(perSecond(earlier), firstAnswerAt(earlier))}`);
  return keptReading(earlier);
}

/** What an earlier measurement says. */
export function keptReading(tokensPerSecond: number | undefined): ReadingAsked {
  return tokensPerSecond === undefined ? {} : { tokensPerSecond, firstAnswer: firstAnswerAt(tokensPerSecond) };
}

async function measured({ ui, probe }: Asking, { server, model, contextWindow }: ReadingOf): Promise<ReadingAsked> {
  const { address, token, found } = server;
  const reading = await ui.busy(
    `measuring how fast ${model} reads`,
    measureReading(probe, { address, model, token, contextWindow, kind: found.kind }),
  );
  return tellReading(ui, reading);
}

function tellReading(ui: Ui, read: Reading): ReadingAsked {
  if (!read.ok) {
    tellProblem(ui, read.problem, 'warning');
    return {};
  }
  const reading = read.value;
  const { firstAnswer } = reading;
  if (reading.slow) {
    ui.say(`     ${speedWords(`fewer than ${perSecond(reading.slowerThan)}`, firstAnswer)}`, 'warning');
    return { firstAnswer };
  }
  ui.say(`     ${speedWords(perSecond(reading.coldTokensPerSecond), firstAnswer)}`);
  tellWarm(ui, reading);
  return { tokensPerSecond: reading.coldTokensPerSecond, firstAnswer };
}

function speedWords(speed: string, { lean, full }: FirstAnswer): string {
  const all = full.atLeast ? spanWords(full) : roughly(full.ms);
  return `Reads ${speed}: first answer in ${spanWords(lean)} with core tools, ${all} with all of them.`;
}

/** A server that keeps what it has read answers all turns but the first one soon. */
function tellWarm(ui: Ui, { warmFirstMs, coldFirstMs }: ReadingSpeed): void {
  if (warmFirstMs === undefined || (warmFirstMs >= 1000 && warmFirstMs > coldFirstMs / 2))
    ui.say('     It rereads everything in every turn, so each takes as long as the first.', 'warning');
  else ui.say(`     It remembers what it has read: the same prompt again took ${duration(warmFirstMs)}.`, 'dim');
}

/**
 * Which tools claude-local and claude-offline offer the model, told by the time that each choice costs where that is
 * known. Gives back whether it is the core tools.
 */
export async function askTools(
  { ui, earlier, questions }: Asking,
  firstAnswer: FirstAnswer | undefined,
): Promise<boolean> {
  questions.begin(
    'Which tools may it use?',
    `In claude-local and claude-offline; with ${allToolsSwitch} one session gets all of them.`,
  );
  const cost = (prompt: keyof FirstAnswer) =>
    firstAnswer === undefined
      ? `about ${firstPromptTokens[prompt].toLocaleString('en-US')} tokens to read first`
      : `first answer after ${spanWords(firstAnswer[prompt])}`;
  const answer = await ui.choose({
    id: 'local-tools',
    message: 'Tools',
    choices: [
      { value: 'core', label: 'core tools', detail: `${cost('lean')}: shell, files, search` },
      { value: 'all', label: 'all tools', detail: `${cost('full')}: also web, subagents, plans` },
    ],
    default: earlier?.launchers.leanLocal === false ? 'all' : 'core',
  });
  return answer === 'core';
}

function spanWords({ ms, atLeast }: Span): string {
  return `${atLeast ? 'more than' : 'about'} ${roughly(ms)}`;
}

/** As exactly as an estimate is worth. */
function roughly(ms: number): string {
  if (ms < 1000) return '1 s';
  return ms < 120_000 ? `${Math.round(ms / 1000)} s` : `${Math.round(ms / 60_000)} min`;
}

/** The figure as the person may know it from the server's own log. */
export function perSecond(tokensPerSecond: number): string {
  return `${tokensPerSecond.toLocaleString('en-US')} tokens/s`;
}

import type { LocalModel } from '../../components/lm-studio/lm-studio.ts';
import { comfortableWindow, type WindowVerdict, windowVerdict } from '../../components/lm-studio/server-limits.ts';
import type { Answers, AnswersInput } from '../../config/schema.ts';
import { tellProblem } from '../../ui/wording.ts';
import type { Asking, ServerAsked } from '../questions.ts';

export type WindowAnswers = Pick<AnswersInput['localModel'], 'contextWindow' | 'load'>;

/** With how many tokens to load the model, and who does it. Nothing happens yet: loading is a step of the installation. */
export async function askWindow(
  about: Asking,
  server: ServerAsked,
  model: LocalModel,
): Promise<WindowAnswers | 'another'> {
  const before = knownOf(about.earlier, server.address, model);
  if (model.loaded === false) return await askLoading(about, server, model, before);
  const contextWindow = model.contextWindow ?? (await askTokens(about, before));
  const verdict = windowVerdict(contextWindow, server.found.kind);
  const measured = contextWindow === undefined ? {} : { contextWindow };
  if (verdict.level === 'ok' || contextWindow === undefined) return { ...measured, load: before?.load ?? false };
  tellProblem(about.ui, verdict, 'warning');
  const left = before?.load === false && before.contextWindow === contextWindow;
  return await askLoadingAgain(about, server, { model, contextWindow, left, level: verdict.level });
}

/** What was answered about the same model before. */
export function knownOf(
  earlier: Answers | undefined,
  address: string,
  { id, key }: LocalModel,
): Answers['localModel'] | undefined {
  const before = earlier?.localModel;
  return before?.address === address && (before.model === id || before.model === key) ? before : undefined;
}

/** Only LM Studio from 0.4 on can be asked to load something. */
function canLoad({ found }: ServerAsked): boolean {
  return found.listing === 'lm-studio-v1';
}

async function askLoading(
  { ui }: Asking,
  server: ServerAsked,
  model: LocalModel,
  before: Answers['localModel'] | undefined,
): Promise<WindowAnswers | 'another'> {
  const best = Math.max(bestWindow(model), before?.contextWindow ?? 0);
  const kept = before?.contextWindow === undefined ? {} : { contextWindow: before.contextWindow };
  const answer = await ui.choose({
    id: 'model-loading',
    message: 'It is not loaded.',
    choices: [
      ...(canLoad(server) ? [loadChoice(server, best)] : []),
      {
        value: 'leave',
        label: 'I will load it myself',
        detail: `with ${tokens(comfortableWindow)}; the default, often 4,096, is too small`,
      },
      { value: 'another', label: 'look at the models again' },
    ] as const,
    ...(before === undefined || before.load ? {} : { default: 'leave' }),
  });
  if (answer === 'another') return answer;
  return answer === 'load' ? { contextWindow: best, load: true } : { ...kept, load: false };
}

function loadChoice({ address }: ServerAsked, best: number) {
  const machine = new URL(address).hostname;
  return {
    value: 'load',
    label: `load it with ${tokens(best)}`,
    detail: `during the installation; takes memory on ${machine}`,
  } as const;
}

interface SmallWindow {
  readonly model: LocalModel;
  readonly contextWindow: number;
  readonly level: WindowVerdict['level'];
  /** It was so before, and was left so. */
  readonly left: boolean;
}

async function askLoadingAgain(
  { ui }: Asking,
  server: ServerAsked,
  { model, contextWindow, level, left }: SmallWindow,
): Promise<WindowAnswers | 'another'> {
  const best = bestWindow(model);
  const larger = best > contextWindow && canLoad(server);
  const answer = await ui.choose({
    message: 'What now?',
    choices: [
      ...(larger ? [{ ...loadChoice(server, best), detail: 'during the installation; unloads it there first' }] : []),
      ...(level === 'stop' ? [] : ([{ value: 'leave', label: `continue with ${tokens(contextWindow)}` }] as const)),
      {
        value: 'another',
        label: 'look at the models again',
        detail: 'after loading it with more, or to choose another',
      },
    ] as const,
    ...(left && level !== 'stop' ? { default: 'leave' as const } : {}),
  });
  if (answer === 'another') return answer;
  return answer === 'load' ? { contextWindow: best, load: true } : { contextWindow, load: false };
}

/** The window to ask for: as much as is comfortable, or as the model can take. */
function bestWindow({ maxContextWindow }: LocalModel): number {
  return Math.min(comfortableWindow, maxContextWindow ?? comfortableWindow);
}

/** For servers that do not tell. Undefined when the person does not know either. */
async function askTokens({ ui }: Asking, before: Answers['localModel'] | undefined): Promise<number | undefined> {
  ui.say('     This server does not say how many tokens of context it has loaded.');
  ui.say(
    `     e.g. ${comfortableWindow}; ${tokens(comfortableWindow)} or more is good. Type 0 if you do not know.`,
    'dim',
  );
  const typed = await ui.askText({
    id: 'context-window',
    message: 'Tokens of context',
    default: String(before?.contextWindow ?? 0),
    problem: (text) =>
      typedTokens(text) === undefined ? `Type a number such as ${comfortableWindow}; 0 if you do not know.` : undefined,
  });
  return typedTokens(typed) || undefined;
}

function typedTokens(text: string): number | undefined {
  const plain = text.trim().replace(/[\s,._']/g, '');
  if (!/^\d{1,8}$/.test(plain)) return undefined;
  const number = Number(plain);
  return number === 0 || number >= 1024 ? number : undefined;
}

function tokens(count: number): string {
  return `${count.toLocaleString('en-US')} tokens`;
}

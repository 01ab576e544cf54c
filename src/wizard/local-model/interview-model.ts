import type { LocalModel } from '../../components/lm-studio/lm-studio.ts';
import { identifyServer } from '../../components/lm-studio/local-server.ts';
import { probeModel, type Scorecard } from '../../components/lm-studio/model-trial.ts';
import { kindWords, type ServerKind } from '../../components/lm-studio/server-kinds.ts';
import { smallestWindow } from '../../components/lm-studio/server-limits.ts';
import { localModelIdProblem, shownModelId } from '../../config/model-id.ts';
import { type AnswersInput, answersSchema } from '../../config/schema.ts';
import { setOption } from '../../config/set-option.ts';
import type { Problem } from '../../problem.ts';
import { given } from '../../text/json.ts';
import { duration, tellProblem } from '../../ui/wording.ts';
import type { Asking, ServerAsked } from '../questions.ts';
import type { ReadingOf } from './interview-reading.ts';
import { askWindow, knownOf, type WindowAnswers } from './interview-window.ts';

/** Whether a model could be loaded with a window that Claude Code fits into. */
function isLargeEnough({ maxContextWindow }: LocalModel): boolean {
  return maxContextWindow === undefined || maxContextWindow >= smallestWindow;
}

/** Whether it can be chosen: named so that it can be asked for, and large enough. */
export function isUsable(model: LocalModel): boolean {
  return unusable(model).disabled === undefined;
}

/** What the questions about the model come to, without its address. */
interface ModelAnswers {
  readonly localModel: Omit<AnswersInput['localModel'], 'address'>;
  /** What its reading speed can be measured by; undefined where it does not answer now. */
  readonly measurable: ReadingOf | undefined;
}

/** Which model of a server that answers is to work: tried, and with which window. */
export async function askModel(about: Asking, server: ServerAsked): Promise<ModelAnswers | 'elsewhere'> {
  about.questions.begin('Which model should work locally?');
  let { found } = server;
  for (;;) {
    const model = await chooseModel(about, found.models);
    const trusted = await tryModel(about, { ...server, found }, model);
    if (trusted === 'elsewhere') return trusted;
    if (trusted !== 'another') {
      const window = await askWindow(about, { ...server, found }, model);
      if (window !== 'another') return modelAnswers(about, server, { model, window, answers: trusted === 'good' });
    }
    const again = await about.ui.busy('looking again', identifyServer(about.probe, server.address, server.token));
    if (!again.ok) tellProblem(about.ui, again.problem, 'warning');
    else if (again.value.models.some(isUsable)) found = again.value;
  }
}

/** More than anybody looks through. */
const mostOffered = 200;

async function chooseModel({ ui, earlier }: Asking, models: readonly LocalModel[]): Promise<LocalModel> {
  const usable = models.filter(isUsable);
  const [only, ...others] = usable;
  if (only !== undefined && others.length === 0) {
    ui.say(`     Only one can be used: ${shownModelId(only.id)} (${modelState(only)})`);
    return only;
  }
  const before = earlier?.localModel.model;
  const first = usable.find(({ id }) => id === before) ?? only;
  const offered = models.filter((model, index) => index < mostOffered || model === first);
  if (offered.length < models.length)
    ui.say(
      `     Showing ${mostOffered} of ${models.length}; for another one:  ${setOption('localModel.model', 'ID')}`,
      'dim',
    );
  const chosen = await ui.choose({
    id: 'local-model',
    message: 'Model',
    choices: offered.map((model) => ({
      value: model.id,
      label: shownModelId(model.id),
      detail: modelState(model),
      ...unusable(model),
    })),
    ...(first === undefined ? {} : { default: first.id }),
  });
  return models.find(({ id }) => id === chosen) ?? (only as LocalModel);
}

function unusable(model: LocalModel): { readonly disabled?: string } {
  const problem = localModelIdProblem(model.id);
  if (problem !== undefined) return { disabled: `its id ${problem}` };
  if (isLargeEnough(model)) return {};
  return { disabled: `takes at most ${inWords(model.maxContextWindow)}; ${inWords(smallestWindow)} are needed` };
}

/** Loaded or not, with how much, and whether it was trained to call tools. */
export function modelState({ loaded, contextWindow, toolUse }: LocalModel): string {
  const window = contextWindow === undefined ? '' : `, ${inWords(contextWindow)}`;
  const small = contextWindow !== undefined && contextWindow < smallestWindow ? ' (too small)' : '';
  const state = loaded === undefined ? 'listed' : loaded ? 'loaded' : 'not loaded';
  const tools = toolUse === undefined ? '' : toolUse ? ', tools' : ', not trained for tools';
  return `${state}${window}${small}${tools}`;
}

function inWords(tokens: number | undefined): string {
  return `${(tokens ?? 0).toLocaleString('en-US')} tokens`;
}

interface Chosen {
  readonly model: LocalModel;
  readonly window: WindowAnswers;
  /** Whether it can be measured now. */
  readonly answers: boolean;
}

/** One that does not answer now cannot be measured; what is known of it is kept. */
function modelAnswers(about: Asking, server: ServerAsked, { model, window, answers }: Chosen): ModelAnswers {
  const before = knownOf(about.earlier, server.address, model);
  const contextWindow = model.contextWindow ?? window.contextWindow;
  const speed = before?.tokensPerSecond === undefined ? {} : { tokensPerSecond: before.tokensPerSecond };
  return {
    localModel: { model: model.id, ...window, ...speed },
    measurable: answers ? { server, model: model.id, contextWindow, before } : undefined,
  };
}

/** `good` answers now, `keep` is used although it does not. */
type Trusted = 'good' | 'keep' | 'another' | 'elsewhere';

/** Asks the model a few questions in Claude Code's way. What it cannot do is told before it is taken. */
async function tryModel(about: Asking, { address, token, found }: ServerAsked, model: LocalModel): Promise<Trusted> {
  const { ui, probe } = about;
  if (model.loaded === false) {
    ui.say('     Not tried: that would load it. The proof at the end tries it.', 'dim');
    return 'keep';
  }
  for (;;) {
    const score = await ui.busy(`trying ${model.id}`, probeModel(probe, address, model.id, token, found.kind));
    if (score.problem === undefined) tellScore(about, score);
    const problem = score.problem ?? weakness(score, found.kind);
    if (problem === undefined) return 'good';
    tellProblem(ui, problem, 'warning');
    // The next question is about a window that is too small.
    if (score.problem?.code === 'context-window-small') return 'keep';
    const answer = await askWeak(about, score, model);
    if (answer === 'keep' && score.answers === 'yes') return 'good';
    if (answer !== 'again') return answer;
  }
}

/** What is to be done about a model that fails. One that answers may be the one that was taken all the same before. */
async function askWeak(about: Asking, score: Scorecard, model: LocalModel): Promise<Trusted | 'again'> {
  const again = { value: 'again', label: 'try it again' } as const;
  const another = { value: 'another', label: 'look at the models again' } as const;
  const elsewhere = { value: 'elsewhere', label: 'type another address' } as const;
  const keep = { value: 'keep', label: 'use it anyway' } as const;
  if (score.answers === 'no')
    return await about.ui.choose({ message: 'What now?', choices: [again, another, elsewhere, keep] });
  return await about.ui.choose({
    message: 'What now?',
    choices: [another, again, keep],
    ...(about.earlier?.localModel.model === model.id ? { default: 'keep' as const } : {}),
  });
}

function tellScore({ ui }: Asking, score: Scorecard): void {
  ui.say(`     Tried it: first answer after ${duration(score.ms)}.`);
  // Blanks that do not break keep a mark beside its ability.
  ui.say(`     ${scoreWords(score).replace(/(?<=\S) (?=\S)/g, '\u00a0')}`);
  if (score.lateSystemTurn === 'no')
    ui.say('     Its template rejects late system messages; the gateway merges them for it.', 'dim');
  if ([score.images, score.hardSchema, score.serverTools].includes('no'))
    ui.say('     What it cannot take (images, schemas, tools) the gateway describes to it in words.', 'dim');
  if (score.parallelCalls === 'no')
    ui.say('     It calls one tool at a time, which works but takes a little longer.', 'dim');
}

/** Why a model that answers will not do for Claude Code. */
function weakness(score: Scorecard, kind: ServerKind): Problem | undefined {
  if (score.toolCall === 'no') return noTools(kind);
  if (score.streaming === 'no') return noStream(kind);
  return score.toolCall === 'not tried' || score.streaming === 'not tried' ? unseen(kind) : undefined;
}

const noTools = (kind: ServerKind): Problem => ({
  code: 'model-unfit',
  problem:
    'It made no tool call when told to. Claude Code works through tools, so it will get little done with this model.',
  fix: kindWords[kind].forTools,
});

const noStream = (kind: ServerKind): Problem => ({
  code: 'model-unfit',
  problem: 'Its streamed answer was incomplete, and Claude Code has every answer streamed.',
  fix: `Update ${kindWords[kind].server}, or choose another model.`,
});

const unseen = (kind: ServerKind): Problem => ({
  code: 'timed-out',
  problem: 'It did not finish an answer within a minute; what it can do there is unknown (–).',
  fix: `See in ${kindWords[kind].log} whether ${kindWords[kind].server} is busy or failing, then try again.`,
});

/** One mark per ability. */
function scoreWords(score: Scorecard): string {
  const abilities = [
    ['streaming', score.streaming],
    ['tool call', score.toolCall],
    ['parallel calls', score.parallelCalls],
    ['late system message', score.lateSystemTurn],
    ['images', score.images],
    ['long result', score.longResult],
    ['hard schema', score.hardSchema],
    ['server tools', score.serverTools],
  ] as const;
  return abilities.map(([name, mark]) => `${name} ${mark === 'yes' ? '✓' : mark === 'no' ? '✗' : '–'}`).join('  ');
}

/** The model of a server that is off at the moment: what is known of it is kept, the rest has to be typed. */
export async function askAbsentModel(about: Asking, address: string): Promise<ModelAnswers> {
  const { ui, earlier, questions } = about;
  const before = earlier?.localModel.address === address ? earlier.localModel : undefined;
  questions.begin('Which model should work locally?', 'Its id as the server lists it, e.g. qwen/qwen3.6-35b-a3b');
  const model = await ui.askText({
    id: 'local-model',
    message: 'Model',
    problem: modelProblem,
    ...(before?.model === undefined ? {} : { default: before.model }),
  });
  const { contextWindow, load = false, tokensPerSecond } = before?.model === model.trim() ? before : {};
  ui.say(
    '     Not tried. Everything else will be set up; the proof at the end stops until the server answers; run this command again then.',
  );
  const measured = { ...given({ contextWindow, tokensPerSecond }) };
  const localModel = { model: model.trim(), load, ...measured };
  return { localModel, measurable: undefined };
}

function modelProblem(typed: string): string | undefined {
  const read = answersSchema.shape.localModel.shape.model.safeParse(typed.trim());
  return read.success ? undefined : `The id ${read.error.issues[0]?.message ?? 'is not one'}.`;
}

import type { Problem } from '../engine/finding.ts';
import { smallestWindow } from '../services/context-window.ts';
import type { LocalModel } from '../services/lm-studio.ts';
import { identifyServer } from '../services/local-server.ts';
import { probeModel, type Scorecard } from '../services/model-trial.ts';
import { duration } from '../ui/wording.ts';
import type { Asking } from './interview.ts';
import type { ServerAsked } from './interview-local.ts';
import { askWindow } from './interview-window.ts';
import { tellProblem } from './questions.ts';
import type { AnswersInput } from './schema.ts';

/** Whether a model could be loaded with a window that Claude Code fits into. */
export function isLargeEnough({ maxContextWindow }: LocalModel): boolean {
  return maxContextWindow === undefined || maxContextWindow >= smallestWindow;
}

export type ModelAnswers = Omit<AnswersInput['localModel'], 'address'>;

/** Which model of a server that answers is to work, tried, and with which window. */
export async function askModel(about: Asking, server: ServerAsked): Promise<ModelAnswers | 'elsewhere'> {
  about.questions.begin('Which model works there?');
  let { found } = server;
  for (;;) {
    const model = await chooseModel(about, found.models);
    const trusted = model.loaded === false ? 'keep' : await tryModel(about, { ...server, found }, model);
    if (trusted === 'elsewhere') return trusted;
    if (trusted === 'keep') {
      const window = await askWindow(about, { ...server, found }, model);
      if (window !== 'another') return { model: model.id, ...window };
    }
    const again = await about.ui.busy('looking again', identifyServer(about.probe, server.address, server.token));
    if ('problem' in again) tellProblem(about.ui, again);
    else if (again.models.some(isLargeEnough)) found = again;
  }
}

async function chooseModel({ ui, earlier }: Asking, models: readonly LocalModel[]): Promise<LocalModel> {
  const usable = models.filter(isLargeEnough);
  const [only, ...others] = usable;
  if (only !== undefined && others.length === 0) {
    ui.say(`     Only one can be used: ${only.id} (${modelState(only)})`);
    return only;
  }
  const before = earlier?.localModel.model;
  const first = usable.find(({ id }) => id === before) ?? only;
  const chosen = await ui.choose({
    message: 'Model',
    choices: models.map((model) => ({
      value: model.id,
      label: model.id,
      detail: modelState(model),
      ...tooSmall(model),
    })),
    ...(first === undefined ? {} : { default: first.id }),
  });
  return models.find(({ id }) => id === chosen) ?? (only as LocalModel);
}

function tooSmall(model: LocalModel): { readonly disabled?: string } {
  if (isLargeEnough(model)) return {};
  return { disabled: `takes ${inWords(model.maxContextWindow)} at most, ${inWords(smallestWindow)} are needed` };
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

/** Asks the model a few questions in Claude Code's way. One that does not answer is used only when the person says so. */
async function tryModel(
  about: Asking,
  { address, token }: ServerAsked,
  model: LocalModel,
): Promise<'keep' | 'another' | 'elsewhere'> {
  const { ui, probe } = about;
  for (;;) {
    const score = await ui.busy(`trying ${model.id}`, probeModel(probe, address, model.id, token));
    if (score.problem === undefined) {
      tellScore(about, score);
      return 'keep';
    }
    tellProblem(ui, score.problem);
    // Too small a window is what the next question is about.
    if (score.problem.cause === 'overflow') return 'keep';
    const answer = await ui.choose({
      message: 'What now?',
      choices: [
        { value: 'again', label: 'try it again' },
        { value: 'another', label: 'look at the models again' },
        { value: 'elsewhere', label: 'type another address' },
        { value: 'keep', label: 'use it all the same' },
      ],
    });
    if (answer !== 'again') return answer;
  }
}

function tellScore({ ui }: Asking, score: Scorecard): void {
  ui.say(`     Tried it (first answer after ${duration(score.ms)}): ${scoreWords(score)}`);
  if (score.lateSystemTurn === 'no')
    ui.say('     Its template refuses late system messages; the gateway folds them for it.', 'dim');
  if (score.toolCall === 'no') tellProblem(ui, noTools);
}

const noTools: Problem = {
  problem:
    'It made no tool call when it was told to. Claude Code works through tools: it will hardly get anything done with this model.',
  fix: 'Choose a model that LM Studio marks as trained for tool use.',
};

/** One mark per ability. */
export function scoreWords(score: Scorecard): string {
  const abilities = [
    ['streaming', score.streaming],
    ['tool call', score.toolCall],
    ['parallel calls', score.parallelCalls],
    ['late system message', score.lateSystemTurn],
  ] as const;
  return abilities.map(([name, mark]) => `${name} ${mark === 'yes' ? '✓' : mark === 'no' ? '✗' : '–'}`).join('  ');
}

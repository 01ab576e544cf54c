import { listModels, proposeModels } from '../components/cloud/anthropic.ts';
import { isModel, type LocalModel } from '../components/lm-studio/lm-studio.ts';
import { identifyServer, withUsualPort } from '../components/lm-studio/local-server.ts';
import { kindWords, type ServerKind } from '../components/lm-studio/server-kinds.ts';
import { localModelIdProblem, shownModelId } from '../config/model-id.ts';
import type { Answers } from '../config/schema.ts';
import type { Secrets } from '../config/secrets.ts';
import { namedModels, setModel } from '../config/set-option.ts';
import type { Probe } from '../host/host.ts';
import { failure, type Problem, type Result, success } from '../problem.ts';
import { given } from '../text/json.ts';

/** Fills in what can be looked up instead of asked: the loaded model, its window, the ids that the account has. */
export async function completeAnswers(
  answers: Answers,
  secrets: Secrets,
  probe: Pick<Probe, 'http'>,
): Promise<Result<Answers>> {
  const [local, cloud] = await Promise.all([
    completeLocal(answers, secrets, probe),
    completeCloud(answers, secrets, probe),
  ]);
  if (!local.ok) return local;
  if (!cloud.ok) return cloud;
  return success({ ...answers, localModel: local.value, cloud: cloud.value });
}

type LocalAnswers = Answers['localModel'];

async function completeLocal(
  { localModel }: Answers,
  secrets: Secrets,
  probe: Pick<Probe, 'http'>,
): Promise<Result<LocalAnswers>> {
  const { model, contextWindow, address } = localModel;
  if (model !== undefined && contextWindow !== undefined) return success(localModel);
  const server = await identifyServer(probe, address, secrets.localModelToken);
  if (!server.ok)
    return model === undefined ? failure(await withUsualPort(probe, address, server.problem)) : success(localModel);
  const found = server.value;
  if (model !== undefined) {
    const wanted = found.models.find((one) => isModel(one, model));
    return wanted === undefined
      ? failure(absent(address, model, found.models))
      : success(withWindow(localModel, wanted));
  }
  const usable = found.models.filter(({ id }) => localModelIdProblem(id) === undefined);
  const loaded = usable.filter((candidate) => candidate.loaded && candidate.toolUse !== false);
  const [only, ...others] = loaded.length > 0 ? loaded : usable;
  if (only !== undefined && others.length === 0) return success(withWindow({ ...localModel, model: only.id }, only));
  const [odd] = found.models;
  if (only === undefined && odd !== undefined) return failure(unusable(address, odd, found.kind));
  return failure(undecided(address, loaded.length > 0 ? loaded : usable, found.kind));
}

function withWindow(localModel: LocalAnswers, found: LocalModel): LocalAnswers {
  const contextWindow = localModel.contextWindow ?? found.contextWindow;
  return { ...localModel, ...given({ contextWindow }) };
}

/** Nobody has measured this model yet, so it cannot be one that is only away for a while. */
function absent(address: string, model: string, models: readonly LocalModel[]): Problem {
  return {
    code: 'local-model-missing',
    problem: `localModel.model: ${address} has no ${shownModelId(model)}; it has ${namedModels(models) || 'no chat model'}`,
    fix: `choose one:  ${setModel(models)}`,
  };
}

/** Nothing else is listed. */
function unusable(address: string, { id }: LocalModel, kind: ServerKind): Problem {
  return {
    code: 'answer-wrong',
    problem: `localModel.model: the id "${shownModelId(id)}" that ${address} lists ${localModelIdProblem(id)}`,
    fix: `give that model another id, on its machine:  ${kindWords[kind].rename('my-model')}`,
  };
}

function undecided(address: string, models: readonly LocalModel[], kind: ServerKind): Problem {
  if (models.length === 0) {
    return {
      code: 'no-chat-model',
      problem: `localModel.model: ${address} lists no chat model`,
      fix: `${kindWords[kind].fetch}   then run this again`,
    };
  }
  return {
    code: 'local-model-not-chosen',
    problem: `localModel.model is not given, and ${address} has ${models.length}: ${namedModels(models)}`,
    fix: `choose one:  ${setModel(models)}`,
  };
}

async function completeCloud(
  { cloud }: Answers,
  secrets: Secrets,
  probe: Pick<Probe, 'http'>,
): Promise<Result<Answers['cloud']>> {
  const { anthropic } = cloud;
  if (anthropic === undefined || Object.values(anthropic.models).some((id) => id !== undefined)) return success(cloud);
  if (secrets.anthropicKey === undefined) {
    return failure({
      code: 'key-missing',
      problem: 'cloud.anthropic.key is missing: the Claude API was chosen, and no key is known',
      fix: 'set cloud.anthropic.key to env:ANTHROPIC_DIRECT_KEY or file:/path',
    });
  }
  const found = await listModels(probe, secrets.anthropicKey);
  if (!found.ok) return found;
  const models = proposeModels(found.value);
  const main = cloud.main ?? models.sonnet ?? models.opus ?? models.fable ?? models.haiku;
  return success({ ...cloud, anthropic: { ...anthropic, models }, ...given({ main }) });
}

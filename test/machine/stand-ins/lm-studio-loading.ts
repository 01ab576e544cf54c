import { type Exchange, isRecord } from './exchange.ts';
import * as errors from './lm-studio-errors.ts';
import { addInstance, llmConfig } from './lm-studio-models.ts';
import type { LmStudioSettings } from './lm-studio-settings.ts';

/** `POST /api/v1/models/load`: never idempotent, as the real one; `load_config` only when asked for. */
export async function answerLoad(exchange: Exchange, settings: LmStudioSettings): Promise<void> {
  const asked = isRecord(exchange.body) ? exchange.body : {};
  const model = settings.models.find((candidate) => candidate.key === asked.model);
  if (model === undefined) return exchange.fail(errors.unknownModel(String(asked.model), settings.models));
  const context = asked.context_length ?? settings.defaultContext;
  if (typeof context !== 'number' || !Number.isInteger(context) || context < 1) {
    return exchange.fail(errors.invalidRequest('context_length: expected a positive integer'));
  }
  if (context > model.max_context_length) {
    return exchange.fail(errors.loadFailed(`context length ${context} is more than ${model.max_context_length}`));
  }
  await exchange.wait(settings.loadMilliseconds);
  if (settings.loadFailure !== null) return exchange.fail(errors.loadFailed(settings.loadFailure));
  const { id, config } = addInstance(model, llmConfig(context));
  await exchange.json(200, {
    type: model.type,
    instance_id: id,
    load_time_seconds: settings.loadMilliseconds / 1000,
    status: 'loaded',
    ...(asked.echo_load_config === true ? { load_config: config } : {}),
  });
}

/** `POST /api/v1/models/unload`, by instance id. */
export async function answerUnload(exchange: Exchange, settings: LmStudioSettings): Promise<void> {
  const id = isRecord(exchange.body) ? String(exchange.body.instance_id) : '';
  const model = settings.models.find((listed) => listed.loaded_instances.some((instance) => instance.id === id));
  if (model === undefined) return exchange.fail(errors.unknownModel(id, settings.models));
  model.loaded_instances = model.loaded_instances.filter((instance) => instance.id !== id);
  await exchange.json(200, { instance_id: id });
}

/** A model in memory, as `GET /api/v1/models` lists it. */
export interface LoadedInstance {
  readonly id: string;
  readonly config: LoadConfig;
}

/** How an instance was loaded. An embedding model has a context length only. */
export interface LoadConfig {
  readonly context_length: number;
  readonly parallel?: number;
  readonly eval_batch_size?: number;
  readonly flash_attention?: boolean;
  readonly num_experts?: number;
  readonly offload_kv_cache_to_gpu?: boolean;
}

/** A downloaded model, in the words of `GET /api/v1/models` (LM Studio 0.4, developer documentation, REST, "List your models"). */
export interface ListedModel {
  readonly type: 'llm' | 'embedding';
  readonly publisher: string;
  readonly key: string;
  readonly display_name: string;
  readonly architecture?: string;
  readonly quantization: { readonly name: string; readonly bits_per_weight: number };
  readonly size_bytes: number;
  readonly params_string: string | null;
  loaded_instances: LoadedInstance[];
  readonly max_context_length: number;
  readonly format: 'gguf' | 'mlx' | null;
  readonly capabilities?: { readonly vision: boolean; readonly trained_for_tool_use: boolean };
  readonly description?: string | null;
}

/** What is downloaded and loaded at the start: a big model with tools, a small one with a small window, one on disk only, one for embeddings. */
export function usualModels(contextLength = 65_536): ListedModel[] {
  return [
    model('qwen/qwen3.6-35b-a3b', 'Qwen3.6 35B A3B', 'qwen3moe', '35B-A3B', 262_144, true, contextLength),
    model('openai/gpt-oss-20b', 'GPT-OSS 20B', 'gpt-oss', '20B', 131_072, true, 16_384),
    model('google/gemma-3-12b', 'Gemma 3 12B', 'gemma3', '12B', 131_072, false, undefined),
    {
      type: 'embedding',
      publisher: 'nomic-ai',
      key: 'text-embedding-nomic-embed-text-v1.5',
      display_name: 'Nomic Embed Text v1.5',
      quantization: { name: 'F16', bits_per_weight: 16 },
      size_bytes: 274_290_560,
      params_string: null,
      loaded_instances: [],
      max_context_length: 2048,
      format: 'gguf',
    },
  ];
}

function model(
  key: string,
  name: string,
  architecture: string,
  params: string,
  maxContext: number,
  tools: boolean,
  loadedContext: number | undefined,
): ListedModel {
  return {
    type: 'llm',
    publisher: key.split('/')[0] ?? '',
    key,
    display_name: name,
    architecture,
    quantization: { name: 'Q4_K_M', bits_per_weight: 4 },
    size_bytes: Math.round(Number.parseInt(params, 10) * 0.6e9),
    params_string: params,
    loaded_instances: loadedContext === undefined ? [] : [{ id: key, config: llmConfig(loadedContext) }],
    max_context_length: maxContext,
    format: 'gguf',
    capabilities: { vision: architecture === 'gemma3', trained_for_tool_use: tools },
    description: null,
  };
}

/** The configuration that LM Studio fills in around a context length. */
export function llmConfig(contextLength: number): LoadConfig {
  return {
    context_length: contextLength,
    parallel: 4,
    eval_batch_size: 512,
    flash_attention: true,
    offload_kv_cache_to_gpu: true,
  };
}

/** Loads one more instance. A key that is loaded already gets a second one, called `key:2`. */
export function addInstance(loaded: ListedModel, config: LoadConfig): LoadedInstance {
  const taken = new Set(loaded.loaded_instances.map((instance) => instance.id));
  let id = loaded.key;
  for (let number = 2; taken.has(id); number += 1) id = `${loaded.key}:${number}`;
  const kept = loaded.type === 'embedding' ? { context_length: config.context_length } : config;
  const instance = { id, config: kept };
  loaded.loaded_instances.push(instance);
  return instance;
}

/** The instance with this id, or the first one of the model with this key. */
export function findInstance(
  models: readonly ListedModel[],
  name: string,
): { readonly model: ListedModel; readonly instance: LoadedInstance } | undefined {
  for (const listed of models) {
    const instance = listed.loaded_instances.find((candidate) => candidate.id === name);
    if (instance !== undefined) return { model: listed, instance };
  }
  const model = models.find((candidate) => candidate.key === name);
  const instance = model?.loaded_instances[0];
  return model !== undefined && instance !== undefined ? { model, instance } : undefined;
}

/** `GET /api/v0/models`: the older listing; the loaded context is there only while loaded. */
export function listV0(models: readonly ListedModel[]): object {
  return { object: 'list', data: models.map(rowV0) };
}

function rowV0(listed: ListedModel): object {
  const loaded = listed.loaded_instances[0];
  return {
    id: loaded?.id ?? listed.key,
    object: 'model',
    type: typeV0(listed),
    publisher: listed.publisher,
    arch: listed.architecture ?? 'nomic-bert',
    compatibility_type: listed.format,
    quantization: listed.quantization.name,
    state: loaded === undefined ? 'not-loaded' : 'loaded',
    max_context_length: listed.max_context_length,
    ...(loaded === undefined ? {} : { loaded_context_length: loaded.config.context_length }),
    ...(listed.capabilities?.trained_for_tool_use === true ? { capabilities: ['tool_use'] } : {}),
  };
}

function typeV0(listed: ListedModel): string {
  if (listed.type === 'embedding') return 'embeddings';
  return listed.capabilities?.vision === true ? 'vlm' : 'llm';
}

/** `GET /v1/models`: ids and nothing else. Everything downloaded when models load on demand, otherwise what is loaded. */
export function listOpenAi(models: readonly ListedModel[], onDemand: boolean): object {
  const ids = models.flatMap((listed) => {
    const loaded = listed.loaded_instances.map((instance) => instance.id);
    return loaded.length > 0 || !onDemand ? loaded : [listed.key];
  });
  return { object: 'list', data: ids.map((id) => ({ id, object: 'model', owned_by: 'organization_owner' })) };
}

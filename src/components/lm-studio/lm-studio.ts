import * as z from 'zod';
import { localModelIdProblem } from '../../config/model-id.ts';
import { listOf, readBody } from '../../http/reply-body.ts';
import { given } from '../../text/json.ts';

/** One model that a local server offers. */
export interface LocalModel {
  /** What a request must name: the loaded instance's id, else the key. */
  readonly id: string;
  /** What a load request must name. */
  readonly key: string;
  /** Absent where the server does not tell. */
  readonly loaded?: boolean;
  /** Tokens that are loaded now. */
  readonly contextWindow?: number;
  /** Tokens that the model could be loaded with. */
  readonly maxContextWindow?: number;
  /** Requests that it answers at once; absent where the server does not tell. */
  readonly slots?: number;
  /** Trained to call tools; absent where the server does not tell. */
  readonly toolUse?: boolean;
}

/** Whether a model is the one of that name, by which a request or a load request asks for it. */
export function isModel({ id, key }: Pick<LocalModel, 'id' | 'key'>, name: string | undefined): boolean {
  return id === name || key === name;
}

const tokens = z.int().positive().optional().catch(undefined);
const words = z.string().min(1).optional().catch(undefined);

const instance = z.object({
  id: z.string().min(1),
  config: z
    .object({ context_length: tokens, parallel: tokens })
    .catch({ context_length: undefined, parallel: undefined }),
});
const modelV1 = z.object({
  type: z.string(),
  key: z.string().min(1),
  loaded_instances: listOf(instance).catch([]),
  max_context_length: tokens,
  capabilities: z
    .object({ vision: z.boolean().catch(false), trained_for_tool_use: z.boolean().optional().catch(undefined) })
    .optional()
    .catch(undefined),
});
const listingV1 = z.object({ models: listOf(modelV1) });

const modelV0 = z.object({
  id: z.string().min(1),
  type: z.string(),
  state: z.string(),
  max_context_length: tokens,
  loaded_context_length: tokens,
  capabilities: z.array(z.string()).optional().catch(undefined),
});
const listingV0 = z.object({ data: listOf(modelV0) });

const modelOpenAi = z.object({
  id: z.string().min(1),
  owned_by: words,
  max_model_len: tokens,
  meta: z.object({ n_ctx_train: tokens }).optional().catch(undefined),
});
const listingOpenAi = z.object({ object: z.literal('list'), data: listOf(modelOpenAi) });

/** Models of `GET /api/v1/models` (LM Studio 0.4 and later), one per loaded instance; undefined for any other shape. */
export function modelsV1(body: string): readonly LocalModel[] | undefined {
  const listing = readBody(listingV1, body);
  return listing && sorted(listing.models.filter((model) => isChat(model.type, model.key)).flatMap(instancesOf));
}

function instancesOf(model: z.infer<typeof modelV1>): readonly LocalModel[] {
  const base = {
    key: model.key,
    ...given({ maxContextWindow: model.max_context_length, toolUse: model.capabilities?.trained_for_tool_use }),
  };
  if (model.loaded_instances.length === 0) return [{ ...base, id: model.key, loaded: false }];
  return model.loaded_instances.map(({ id, config }) => ({
    ...base,
    id,
    loaded: true,
    ...given({ contextWindow: config.context_length, slots: config.parallel }),
  }));
}

/** Models of `GET /api/v0/models` (LM Studio 0.3.6 and later); undefined for any other shape. */
export function modelsV0(body: string): readonly LocalModel[] | undefined {
  const listing = readBody(listingV0, body);
  return listing && sorted(listing.data.filter((model) => isChat(model.type, model.id)).map(fromV0));
}

function fromV0(model: z.infer<typeof modelV0>): LocalModel {
  const loaded = model.state === 'loaded';
  return {
    id: model.id,
    key: model.id,
    loaded,
    ...given({
      contextWindow: loaded ? model.loaded_context_length : undefined,
      maxContextWindow: model.max_context_length,
      toolUse: model.capabilities?.includes('tool_use'),
    }),
  };
}

/** What the OpenAI listing tells: ids, and with vLLM and llama.cpp a little more. */
export interface OpenAiListing {
  readonly models: readonly LocalModel[];
  readonly owners: readonly string[];
}

/** Models of `GET /v1/models`; undefined for any other shape. LM Studio lists here what is downloaded, not what is loaded. */
export function modelsOpenAi(body: string): OpenAiListing | undefined {
  const listing = readBody(listingOpenAi, body);
  if (listing === undefined) return undefined;
  return {
    models: sorted(listing.data.filter((model) => isChat('llm', model.id)).map(fromOpenAi)),
    owners: [...new Set(listing.data.flatMap((model) => model.owned_by ?? []))],
  };
}

function fromOpenAi(model: z.infer<typeof modelOpenAi>): LocalModel {
  return {
    id: model.id,
    key: model.id,
    ...(model.max_model_len === undefined ? {} : { loaded: true, contextWindow: model.max_model_len }),
    ...given({ maxContextWindow: model.meta?.n_ctx_train }),
  };
}

/** Embedding and reranking models cannot hold a conversation; an unknown type is shown rather than hidden. */
function isChat(type: string, id: string): boolean {
  return !/embed|rerank/i.test(type) && !/(^|[/_-])(text-)?embed(ding|dings)?([/_-]|$)|rerank/i.test(id);
}

/** What can be used at once comes first: loaded, trained for tools, the widest window; what has no usable id comes last. */
function sorted(models: readonly LocalModel[]): readonly LocalModel[] {
  const rank = (model: LocalModel): number =>
    localModelIdProblem(model.id) !== undefined ? -1 : (model.loaded ? 2 : 0) + (model.toolUse ? 1 : 0);
  const width = (model: LocalModel): number => model.contextWindow ?? model.maxContextWindow ?? 0;
  return [...models].sort((a, b) => rank(b) - rank(a) || width(b) - width(a) || a.id.localeCompare(b.id));
}

import * as z from 'zod';
import { listOf, readBody } from '../../http/reply-body.ts';
import { given } from '../../text/json.ts';
import type { LocalModel } from './lm-studio.ts';

const version = z.object({ version: z.string().min(1) });
const tokens = z.int().positive().optional().catch(undefined);
const ollamaModel = z.object({
  name: z.string().min(1),
  capabilities: z.array(z.string()).optional().catch(undefined),
  remote_host: z.string().min(1).optional().catch(undefined),
});
const ollamaTags = z.object({ models: listOf(ollamaModel) });
const ollamaRunning = z.object({ models: listOf(z.object({ name: z.string(), context_length: tokens })) });
const llamaProps = z.object({ default_generation_settings: z.object({ n_ctx: tokens }), total_slots: tokens });
const liteLlmReadiness = z.object({ status: z.enum(['healthy', 'connected', 'unhealthy']) });

/** True for Ollama's `GET /api/version`. */
export function isOllamaVersion(body: string): boolean {
  return readBody(version, body) !== undefined;
}

/** Models of Ollama's `GET /api/tags`; what `GET /api/ps` tells of the running ones is added. */
export function ollamaModels(tagsBody: string, runningBody: string): readonly LocalModel[] | undefined {
  const tags = readBody(ollamaTags, tagsBody);
  const running = new Map(readBody(ollamaRunning, runningBody)?.models.map((model) => [model.name, model]));
  return tags?.models
    .filter(({ capabilities, name }) => !(capabilities?.includes('embedding') || /embed/i.test(name)))
    .filter((model) => !leavesTheNetwork(model))
    .map(({ name, capabilities }) => {
      const now = running.get(name);
      return {
        id: name,
        key: name,
        loaded: now !== undefined,
        ...(now?.context_length === undefined ? {} : { contextWindow: now.context_length }),
        ...(capabilities === undefined ? {} : { toolUse: capabilities.includes('tools') }),
      };
    });
}

/** Ollama lists models of its own cloud besides those that it runs (its page on cloud models): what is local must not go there. */
function leavesTheNetwork({ name, remote_host }: z.infer<typeof ollamaModel>): boolean {
  return remote_host !== undefined || /[:-]cloud$/.test(name);
}

/** True for llama.cpp's `GET /props`. */
export function isLlamaProps(body: string): boolean {
  return readBody(llamaProps, body) !== undefined;
}

/** llama.cpp has one model, always loaded; its window per request and its slots stand in `GET /props`. */
export function llamaModels(propsBody: string, models: readonly LocalModel[]): readonly LocalModel[] {
  const properties = readBody(llamaProps, propsBody);
  const window = properties?.default_generation_settings.n_ctx;
  return models.map((model) => ({
    ...model,
    loaded: true,
    ...given({ contextWindow: window }),
    ...(properties?.total_slots === undefined ? {} : { slots: properties.total_slots }),
  }));
}

/** True for what LiteLLM answers at `GET /health/readiness`, with or without a database. */
export function isLiteLlmReadiness(body: string): boolean {
  return readBody(liteLlmReadiness, body) !== undefined;
}

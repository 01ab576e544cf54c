import { backendOfId } from '../../src/components/gateway/models.ts';
import { type GatewayConfig, localModel, type Scene, type SceneOptions } from '../gateway/scene.ts';

type Deployment = GatewayConfig['model_list'][number];

/** Where the guide's failover goes when LM Studio cannot answer; null leaves it out, as somebody without a cloud does. */
export type GuideFallback = 'foundry-haiku' | 'claude-haiku' | null;

/** The guide's gateway instead of ours: its settings word for word, both its cloud blocks, no hook. */
export function guideGateway(fallback: GuideFallback): SceneOptions {
  return {
    // Its model's own template refuses the very first request there; this one takes everything that fits.
    lmStudio: { strictTemplate: false },
    change: (config) => {
      const deployments = guideModels(config.model_list);
      config.model_list.splice(0, config.model_list.length, ...deployments);
      replace(config.router_settings, {});
      replace(config.general_settings, {});
      replace(config.litellm_settings, {
        drop_params: true,
        modify_params: true,
        num_retries: 2,
        request_timeout: 120,
        ...(fallback === null ? {} : { fallbacks: [{ local: [fallback] }] }),
      });
    },
  };
}

function guideModels(ours: readonly Deployment[]): Deployment[] {
  const base = (backend: string) =>
    ours.find(({ model_info }) => backendOfId(String(model_info.id)) === backend)?.litellm_params.api_base;
  const foundry = { api_base: base('foundry'), api_key: 'os.environ/AZURE_API_KEY' };
  const claude = { api_base: base('anthropic'), api_key: 'os.environ/ANTHROPIC_DIRECT_KEY' };
  const local = { model: `lm_studio/${localModel}`, api_base: base('local'), api_key: 'lm-studio' };
  return [
    named('local', local),
    named('foundry-sonnet', { model: 'azure_ai/claude-sonnet-4-6', ...foundry }),
    named('foundry-haiku', { model: 'azure_ai/claude-haiku-4-5', ...foundry }),
    named('claude-sonnet', { model: 'anthropic/claude-sonnet-4-6', ...claude }),
    named('claude-haiku', { model: 'anthropic/claude-haiku-4-5', ...claude }),
  ];
}

function named(name: string, parameters: Record<string, unknown>): Deployment {
  return { model_name: name, litellm_params: parameters, model_info: {} };
}

function replace(settings: Record<string, unknown>, by: Record<string, unknown>): void {
  for (const key of Object.keys(settings)) delete settings[key];
  Object.assign(settings, by);
}

/** The shipped hook, except that an overflow reaches the client in LM Studio's words. */
export function withoutOverflowWords(hook: string): string {
  return `${hook}\n\ndef overflow_message(error):\n    return None\n`;
}

/** What somebody does who loads the model anew with another context length. */
export function loadAnew(scene: Scene, contextLength: number): void {
  for (const model of scene.lmStudio.settings.models) {
    model.loaded_instances = model.loaded_instances.map((instance) => ({
      ...instance,
      config: { ...instance.config, context_length: contextLength },
    }));
  }
}

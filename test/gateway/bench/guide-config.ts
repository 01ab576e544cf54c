import { parse } from 'yaml';
import { type GatewayConfig, localModel, type SceneOptions } from '../scene.ts';

/** A published guide's configuration, word for word but for its indentation, its placeholders and the stand-ins' addresses. */
const guide = `
model_list:
  - model_name: local
    litellm_params:
      model: lm_studio/${localModel}
      api_base: LM_STUDIO
      api_key: "lm-studio"
  - model_name: claude-sonnet
    litellm_params:
      model: anthropic/claude-sonnet-4-6
      api_key: os.environ/ANTHROPIC_DIRECT_KEY
  - model_name: claude-opus
    litellm_params:
      model: anthropic/claude-opus-4-8
      api_key: os.environ/ANTHROPIC_DIRECT_KEY
  - model_name: claude-haiku
    litellm_params:
      model: anthropic/claude-haiku-4-5
      api_key: os.environ/ANTHROPIC_DIRECT_KEY
litellm_settings:
  drop_params: true
  modify_params: true
  num_retries: 2
  request_timeout: 120
  fallbacks: [{"local": ["claude-haiku"]}]
`;

/** Puts the guide's configuration in the place of ours; the hooks are not loaded then. */
export const asTheGuideSays: NonNullable<SceneOptions['change']> = (config) => {
  const address = (name: string): unknown =>
    config.model_list.find(({ model_name }) => model_name === name)?.litellm_params.api_base;
  const theirs = parse(guide) as Pick<GatewayConfig, 'model_list' | 'litellm_settings'>;
  for (const { model_name, litellm_params } of theirs.model_list) {
    litellm_params.api_base = address(model_name === 'local' ? 'local' : 'claude-haiku');
  }
  Object.assign(config, theirs, { router_settings: {}, general_settings: {} });
};

import { type Answers, modelFamilies } from '../../config/schema.ts';
import { secretVariables } from '../../config/secrets.ts';
import { yamlText } from '../../config/yaml.ts';
import { given } from '../../text/json.ts';
import { type Backend, type GatewayModel, gatewayModels } from './models.ts';
import { callbackNames } from './modules.ts';

/** Which secrets exist. Only their presence matters; the Secrets themselves may be passed. */
export interface SecretsPresence {
  readonly localModelToken?: unknown;
}

/**
 * Seconds without a single byte. A small machine reads a long prompt for twenty minutes; an answer that is given whole is
 * silent while it is written, too. Both fit in before Claude Code itself gives up, after 1800 seconds.
 */
const LOCAL_STREAM_TIMEOUT = 1500;
const LOCAL_TIMEOUT = 1700;
/**
 * The same for a cloud. Once it has begun it sends pings every few seconds; an answer given whole takes ten minutes at most
 * (https://platform.claude.com/docs/en/api/errors, long requests).
 */
const CLOUD_STREAM_TIMEOUT = 90;
const CLOUD_TIMEOUT = 600;
/** LM Studio wants some key even without authentication. */
const NO_TOKEN = 'lm-studio';

/** The gateway's config.yaml. It names secrets by their variables only, so anybody may read it. Throws if no local model is chosen. */
export function litellmConfig(answers: Answers, secrets: SecretsPresence): string {
  const models = gatewayModels(answers);
  return yamlText({
    model_list: models.map((model) => deployment(model, answers, secrets)),
    litellm_settings: {
      drop_params: true,
      callbacks: callbackNames,
      turn_off_message_logging: true,
      redact_user_api_key_info: true,
      // To count a prompt it would fetch the tokenizer of a model called llama-3 from the internet.
      disable_hf_tokenizer_download: true,
    },
    router_settings: routerSettings(models),
    general_settings: {
      master_key: environment(secretVariables.gatewayKey),
      health_check_skip_disabled_background_models: true,
      // Whoever interrupts Claude Code wants LM Studio to stop reading, too, and no cloud to take over later.
      cancel_on_disconnect: true,
    },
  });
}

function routerSettings(models: readonly GatewayModel[]): Record<string, unknown> {
  const fallbacks = models.flatMap(({ name, fallbacks: takers }) => (takers.length === 0 ? [] : [{ [name]: takers }]));
  return {
    // Claude Code retries by itself; a retry here would only double the wait.
    num_retries: 0,
    // One 401 or 404 would otherwise hide the only local deployment for seconds and send its requests to the cloud.
    disable_cooldowns: true,
    // They hold for every kind of failure, a prompt that is too long included.
    ...(fallbacks.length === 0 ? {} : { fallbacks }),
  };
}

function deployment(model: GatewayModel, answers: Answers, secrets: SecretsPresence): Record<string, unknown> {
  return {
    model_name: model.name,
    litellm_params: { ...parameters(model.backend, answers, secrets), ...patience(model) },
    model_info: { id: model.id, disable_background_health_check: true, ...modelInfo(model.backend, answers) },
  };
}

/** A cloud that has a stand-in is not waited for as long as one that has none. */
function patience({ backend, fallbacks }: GatewayModel): Record<string, unknown> {
  if (backend.kind === 'local' || fallbacks.length === 0) return {};
  return { timeout: CLOUD_TIMEOUT, stream_timeout: CLOUD_STREAM_TIMEOUT };
}

function parameters(backend: Backend, answers: Answers, secrets: SecretsPresence): Record<string, unknown> {
  switch (backend.kind) {
    case 'local':
      return {
        model: `lm_studio/${chosen(backend.model)}`,
        api_base: `${answers.localModel.address}/v1`,
        api_key: secrets.localModelToken === undefined ? NO_TOKEN : environment(secretVariables.localModelToken),
        timeout: LOCAL_TIMEOUT,
        stream_timeout: LOCAL_STREAM_TIMEOUT,
        additional_drop_params: ['context_management'],
      };
    case 'anthropic':
      return { model: `anthropic/${backend.model}`, api_key: environment(secretVariables.anthropicKey) };
    case 'foundry':
      return {
        model: `${foundryProvider(backend.deployment)}/${backend.deployment}`,
        api_base: `https://${answers.cloud.foundry?.resource}.services.ai.azure.com/anthropic`,
        api_key: environment(secretVariables.foundryKey),
      };
  }
}

/** LiteLLM speaks the Messages API to a Foundry deployment only when its name says Claude; the Claude API's own protocol is the same one. */
function foundryProvider(deployment: string): string {
  return deployment.toLowerCase().includes('claude') ? 'azure_ai' : 'anthropic';
}

function modelInfo(backend: Backend, answers: Answers): Record<string, unknown> {
  if (backend.kind === 'foundry') {
    const base = backend.deployment === backend.model ? {} : { base_model: `azure_ai/${backend.model}` };
    return { ...base, ...ownPrices(backend.deployment, answers) };
  }
  if (backend.kind === 'anthropic') return {};
  const { contextWindow } = answers.localModel;
  return {
    // Hands requests to LM Studio's own Messages API untranslated.
    supported_endpoints: ['/v1/chat/completions', '/v1/messages'],
    ...given({ max_input_tokens: contextWindow }),
  };
}

/** Dollars for one token, under the names of LiteLLM's own price list. Source: LiteLLM's page on custom pricing. */
function ownPrices(deployment: string, { cloud: { foundry } }: Answers): Record<string, unknown> {
  const family = modelFamilies.find(
    (one) => foundry?.deployments[one]?.deployment === deployment && foundry.prices?.[one],
  );
  const own = family === undefined ? undefined : foundry?.prices?.[family];
  if (own === undefined) return {};
  const each = (dollars: number): number => Number((dollars / 1_000_000).toPrecision(12));
  return {
    input_cost_per_token: each(own.input),
    output_cost_per_token: each(own.output),
    cache_read_input_token_cost: each(own.cacheRead),
    cache_creation_input_token_cost: each(own.cacheWrite),
    // What is kept for an hour costs twice the input (platform.claude.com, Pricing).
    cache_creation_input_token_cost_above_1hr: each(2 * own.input),
  };
}

function chosen(model: string | undefined): string {
  if (model === undefined) throw new Error('the gateway cannot be configured before a local model is chosen');
  return model;
}

function environment(variable: string): string {
  return `os.environ/${variable}`;
}

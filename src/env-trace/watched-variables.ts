import { isRoutingVariable, limitVariables, routingVariables } from '../components/launchers/routing-variables.ts';
import { secretVariables } from '../config/secrets.ts';

/** Windows, limits and timeouts that the launchers set or that would move theirs; a settings file may have them. */
const windowVariables = [
  'API_TIMEOUT_MS',
  'API_FORCE_IDLE_TIMEOUT',
  'CLAUDE_STREAM_IDLE_TIMEOUT_MS',
  'CLAUDE_CODE_AUTO_COMPACT_WINDOW',
  'CLAUDE_CODE_DISABLE_UNKNOWN_MODEL_WINDOW_ENFORCEMENT',
  'CLAUDE_AUTOCOMPACT_PCT_OVERRIDE',
  'DISABLE_AUTO_COMPACT',
  'DISABLE_COMPACT',
  'MAX_THINKING_TOKENS',
] as const;

/** What else a launcher sets, and what would lead its requests another way. */
const companionVariables = [
  'CLAUDE_CONFIG_DIR',
  'CLAUDE_CODE_DISABLE_EXPERIMENTAL_BETAS',
  'CLAUDE_CODE_ENABLE_GATEWAY_MODEL_DISCOVERY',
  'CLAUDE_CODE_GATEWAY_HINT_HEADERS',
  'DOCKER_HOST',
] as const;

export const proxyVariables = [
  'HTTP_PROXY',
  'HTTPS_PROXY',
  'ALL_PROXY',
  'NO_PROXY',
  'http_proxy',
  'https_proxy',
  'all_proxy',
  'no_proxy',
] as const;

/** Keys of a settings file itself that decide about a login or a model. */
export const watchedSettings = ['apiKeyHelper', 'model'] as const;

const listed: ReadonlySet<string> = new Set([
  ...limitVariables,
  ...windowVariables,
  ...companionVariables,
  ...proxyVariables,
]);
const ownKeys: ReadonlySet<string> = new Set(Object.values(secretVariables));

/** Whether a variable is one that Claude Code or a launcher would obey. Our names for keys are none: nothing but the gateway reads them. */
export function isWatched(name: string): boolean {
  return !ownKeys.has(name) && (isRoutingVariable(name) || listed.has(name));
}

/** Names to guess a mistyped one by. With the prefixes of routing there are more than these. */
export const knownVariables: readonly string[] = [
  ...watchedSettings,
  ...routingVariables,
  ...listed,
  'ANTHROPIC_API_KEY',
  'ANTHROPIC_AUTH_TOKEN',
  'ANTHROPIC_BASE_URL',
  'ANTHROPIC_BETAS',
  'ANTHROPIC_CUSTOM_HEADERS',
  'ANTHROPIC_CUSTOM_MODEL_OPTION',
  'ANTHROPIC_DEFAULT_FABLE_MODEL',
  'ANTHROPIC_DEFAULT_HAIKU_MODEL',
  'ANTHROPIC_DEFAULT_OPUS_MODEL',
  'ANTHROPIC_DEFAULT_SONNET_MODEL',
  'ANTHROPIC_MODEL',
  'ANTHROPIC_SMALL_FAST_MODEL',
  'ANTHROPIC_UNIX_SOCKET',
  'CLAUDE_CODE_USE_BEDROCK',
  'CLAUDE_CODE_USE_FOUNDRY',
  'CLAUDE_CODE_USE_VERTEX',
];

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

/**
 * What Claude Code 2.1.330 obeys, measured; `test/client/why.machine.test.ts` holds it with the real client. With the
 * launchers' pin it takes these from the environment alone, never from a settings file.
 */
export function pinHolds(name: string): boolean {
  if (name === 'apiKeyHelper' || (proxyVariables as readonly string[]).includes(name)) return true;
  return isRoutingVariable(name) && !passesThePin.has(name);
}

/** Routing variables that a settings file still gives to a pinned client; none of them moved a request. */
const passesThePin: ReadonlySet<string> = new Set([
  'ANTHROPIC_BETAS',
  'ANTHROPIC_LOG',
  'CLAUDE_CODE_API_BASE_URL',
  'CLAUDE_CODE_CUSTOM_OAUTH_URL',
  'CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC',
  'CLAUDE_CODE_GATEWAY_TOKEN',
  'CLAUDE_CODE_OAUTH_CLIENT_ID',
  'CLAUDE_CODE_OAUTH_REFRESH_TOKEN',
  'CLAUDE_CODE_PROXY_URL',
]);

/** Whether the client takes a variable from the `env` of any settings file at all. */
export function settingsMaySet(name: string): boolean {
  return !neverFromSettings.has(name);
}

const neverFromSettings: ReadonlySet<string> = new Set([
  'ANTHROPIC_UNIX_SOCKET',
  'CLAUDE_CODE_API_KEY_FILE_DESCRIPTOR',
  'CLAUDE_CODE_GATEWAY_TOKEN_FILE_DESCRIPTOR',
  'CLAUDE_CODE_HOST_AUTH_ENV_VAR',
  'CLAUDE_CODE_HOST_CREDS_FILE',
  'CLAUDE_CODE_OAUTH_TOKEN_FILE_DESCRIPTOR',
  'CLAUDE_CODE_PROVIDER_MANAGED_BY_HOST',
  'CLAUDE_CODE_RESUME_HINT_COMMAND',
  'CLAUDE_CODE_RUNNER_MODEL_SOCKET',
  'CLAUDE_CODE_SESSION_ACCESS_TOKEN',
  'DISABLE_COMPACT',
]);

/** Whether settings of a project may set it, beside those of the person. */
export function projectsMaySet(name: string): boolean {
  return settingsMaySet(name) && !neverFromProjects.has(name);
}

const neverFromProjects: ReadonlySet<string> = new Set([
  'CLAUDE_CODE_CUSTOM_OAUTH_URL',
  'CLAUDE_CODE_OAUTH_CLIENT_ID',
  'CLAUDE_CODE_OAUTH_REFRESH_TOKEN',
  'CLAUDE_CODE_OAUTH_SCOPES',
  'CLAUDE_CODE_OAUTH_TOKEN',
  'CLAUDE_CODE_WORKFLOW_SUBAGENT_MODEL',
  'CLAUDE_CONFIG_DIR',
]);

/** Whether our launchers take a variable of the shell away before they start the client. */
export function launcherUnsets(name: string): boolean {
  return isRoutingVariable(name) || (limitVariables as readonly string[]).includes(name);
}

/** Ways to log in, from the strongest to the weakest; the saved login comes behind all of them. */
export const credentials = [
  'ANTHROPIC_AUTH_TOKEN',
  'ANTHROPIC_API_KEY',
  'apiKeyHelper',
  'CLAUDE_CODE_OAUTH_TOKEN',
] as const;
export type Credential = (typeof credentials)[number];

/** What a request carries: two headers, each with a credential of its own. */
interface Login {
  readonly authorization: Credential | undefined;
  readonly apiKey: Credential | undefined;
}

/** Which credentials are sent when these are set. With neither header the client sends the saved login. */
export function loginOf(set: ReadonlySet<string>): Login {
  const first = (...names: Credential[]): Credential | undefined => names.find((name) => set.has(name));
  const apiKey = first('ANTHROPIC_API_KEY', 'apiKeyHelper');
  const token = first('ANTHROPIC_AUTH_TOKEN', 'apiKeyHelper');
  return { authorization: token ?? (apiKey === undefined ? first('CLAUDE_CODE_OAUTH_TOKEN') : undefined), apiKey };
}

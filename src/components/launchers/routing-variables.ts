/**
 * Variables that decide which server Claude Code asks, how it gets there, with which key and for which model. The names
 * are those that the client 2.1.330 knows; everything with one of the prefixes belongs to them without being listed.
 */
export const routingPrefixes = ['ANTHROPIC_', 'CLAUDE_CODE_USE_'] as const;

export const routingVariables = [
  // Other logins, and other ways to hand one over.
  'CLAUDE_CODE_OAUTH_TOKEN',
  'CLAUDE_CODE_OAUTH_REFRESH_TOKEN',
  'CLAUDE_CODE_OAUTH_SCOPES',
  'CLAUDE_CODE_OAUTH_CLIENT_ID',
  'CLAUDE_CODE_OAUTH_TOKEN_FILE_DESCRIPTOR',
  'CLAUDE_CODE_API_KEY_FILE_DESCRIPTOR',
  'CLAUDE_CODE_GATEWAY_TOKEN',
  'CLAUDE_CODE_GATEWAY_TOKEN_FILE_DESCRIPTOR',
  'CLAUDE_CODE_SESSION_ACCESS_TOKEN',
  'CLAUDE_CODE_HOST_AUTH_ENV_VAR',
  'CLAUDE_CODE_HOST_CREDS_FILE',
  'CLAUDE_CODE_SKIP_BEDROCK_AUTH',
  'CLAUDE_CODE_SKIP_VERTEX_AUTH',
  'CLAUDE_CODE_SKIP_FOUNDRY_AUTH',
  'CLAUDE_CODE_SKIP_MANTLE_AUTH',
  'CLAUDE_CODE_SKIP_ANTHROPIC_AWS_AUTH',
  'CLAUDE_CODE_SKIP_ANTHROPIC_GOOGLE_CLOUD_AUTH',
  // Other servers, and claims about ours.
  'CLAUDE_CODE_API_BASE_URL',
  'CLAUDE_CODE_CUSTOM_OAUTH_URL',
  'CLAUDE_CODE_RUNNER_MODEL_SOCKET',
  'CLAUDE_CODE_PROVIDER_MANAGED_BY_HOST',
  '_CLAUDE_CODE_ASSUME_FIRST_PARTY_BASE_URL',
  // Other proxies than those of the whole session.
  'CLAUDE_CODE_HTTP_PROXY',
  'CLAUDE_CODE_HTTPS_PROXY',
  'CLAUDE_CODE_PROXY_URL',
  // Other models than those of the launcher.
  'CLAUDE_CODE_SUBAGENT_MODEL',
  'CLAUDE_CODE_SUBAGENT_MODEL_FORCE',
  'CLAUDE_CODE_WORKFLOW_SUBAGENT_MODEL',
  'CLAUDE_CODE_AUTO_MODE_MODEL',
  'CLAUDE_CODE_BG_CLASSIFIER_MODEL',
  // Stops model discovery, whatever its value is.
  'CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC',
] as const;

/** What a shell may have set for another mode; a launcher starts without them, a person's settings file may have them. */
export const limitVariables = [
  'CLAUDE_CODE_MAX_CONTEXT_TOKENS',
  'CLAUDE_CODE_MAX_OUTPUT_TOKENS',
  'CLAUDE_CODE_DISABLE_1M_CONTEXT',
  'CLAUDE_CODE_EXTRA_BODY',
  'CLAUDE_CODE_ATTRIBUTION_HEADER',
  'CLAUDE_CODE_DISABLE_THINKING',
  'CLAUDE_CODE_EFFORT_LEVEL',
  'CLAUDE_CODE_RESUME_HINT_COMMAND',
] as const;

const listed: ReadonlySet<string> = new Set(routingVariables);

/** Whether a variable would change the route of a launcher. */
export function isRoutingVariable(name: string): boolean {
  return listed.has(name) || routingPrefixes.some((prefix) => name.startsWith(prefix));
}

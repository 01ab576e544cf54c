import { isRoutingVariable, limitVariables } from '../../components/launchers/routing-variables.ts';
import { proxyVariables } from '../watched-variables.ts';

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

import { type ModelFamily, modelFamilies } from '../../config/schema.ts';
import type { LauncherName, Layout } from '../../layout.ts';
import { LOCAL_ONLY, localNames } from '../gateway/models.ts';
import { offlineRoute, type Route } from '../gateway/routing/profiles.ts';

/** What the launchers must know besides where things are. */
export interface LauncherModels {
  /** Where claude-routed goes, as the profile says. */
  readonly routed: Route;
  /** Where claude-local goes. */
  readonly local: Route;
  /** Tokens that were loaded for the local model when it was installed; not declared when unknown. */
  readonly contextWindow: number | undefined;
  /** The chosen model and its servers, which the launchers ask what is loaded now; without it they do not ask. */
  readonly server?: { readonly addresses: readonly string[]; readonly model: string };
  /** Offer the core tools only where the local model does everything. They are offered so when this is absent. */
  readonly leanLocal?: boolean;
  /** Say so if the compat sentinel's last proof failed. */
  readonly sentinel?: boolean;
  /** Say so when most of a spending ceiling is used up. */
  readonly ceiling?: boolean;
  /** Folders that rules name: a session that starts below one sends its mark with every request. */
  readonly directories?: readonly { readonly path: string; readonly mark: string }[];
  /** Folders whose text stays at home: what goes past the gateway does not start below one. */
  readonly sealed?: readonly string[];
}

/**
 * Sent with every request through the gateway: which launcher it comes from, and with `; local-only` behind it that no
 * other model than the local one may answer, whatever the request names.
 */
export const routingHeader = 'x-claude-routing';
export const localOnlyMark = 'local-only';
/** Set for a launcher whose session only tries the routes: its requests are not counted as use. */
export const proofVariable = 'CLAUDE_ROUTING_PROOF';

/** Half an hour, in milliseconds: a processor reads a long prompt for minutes before the first word. */
const PATIENCE = '1800000';

/**
 * The environment of a launcher without its key, in the order in which it is shown. The first line pins the route: with
 * it the client 2.1.330 takes providers, addresses, keys, headers, proxies and models from the environment alone, and
 * neither a cloned repository's settings nor a person's own --settings can change them.
 */
export function launcherEnvironment(
  name: LauncherName,
  layout: Layout,
  models: LauncherModels,
): Readonly<Record<string, string>> {
  // At the end of a session the client prints the line that goes on with it; a plain "claude" knows nothing of these.
  const pinned = { CLAUDE_CODE_PROVIDER_MANAGED_BY_HOST: '1', CLAUDE_CODE_RESUME_HINT_COMMAND: name };
  if (name === 'claude-api') return { ...pinned, CLAUDE_CONFIG_DIR: layout.apiConfigDir };
  const route = routeOf(name, models);
  return { ...pinned, ...gateway(layout, models), ...marks(name, route), ...routeVariables(route, models) };
}

/** Where the requests of a launcher through the gateway go. */
export function routeOf(name: Exclude<LauncherName, 'claude-api'>, models: LauncherModels): Route {
  return { 'claude-routed': models.routed, 'claude-local': models.local, 'claude-offline': offlineRoute }[name];
}

/** Whether the local model does everything in a session with this route. */
export function isAllLocal(route: Route): boolean {
  return route.main === route.subagents;
}

function marks(name: LauncherName, { localOnly }: Route): Record<string, string> {
  return { ANTHROPIC_CUSTOM_HEADERS: `${routingHeader}: ${name}${localOnly ? `; ${localOnlyMark}` : ''}` };
}

function routeVariables(route: Route, models: LauncherModels): Record<string, string> {
  return {
    ANTHROPIC_MODEL: route.main,
    // The picker's first row; without it the client would choose the most expensive slot.
    ANTHROPIC_DEFAULT_MODEL: route.main,
    ...aliases(route),
    ...(route.subagents === undefined ? {} : subagents(route.subagents)),
    ...(isAllLocal(route) ? forLocalModel(models) : {}),
    ...(route.localOnly ? sealed : { ...localOnlyToPick, ...discovery }),
  };
}

/** Without the second one an agent that names a model goes there, and so do the client's own Explore and Plan. */
function subagents(model: string): Record<string, string> {
  return { CLAUDE_CODE_SUBAGENT_MODEL: model, CLAUDE_CODE_SUBAGENT_MODEL_FORCE: '1' };
}

function gateway({ gatewayUrl, routedConfigDir }: Layout, { contextWindow }: LauncherModels): Record<string, string> {
  return {
    CLAUDE_CONFIG_DIR: routedConfigDir,
    ANTHROPIC_BASE_URL: gatewayUrl,
    // Claude Code budgets a million tokens for a name it does not know; this holds for such names alone.
    ...(contextWindow === undefined ? {} : { CLAUDE_CODE_MAX_CONTEXT_TOKENS: String(contextWindow) }),
    CLAUDE_CODE_DISABLE_EXPERIMENTAL_BETAS: '1',
    API_TIMEOUT_MS: PATIENCE,
    CLAUDE_STREAM_IDLE_TIMEOUT_MS: PATIENCE,
    API_FORCE_IDLE_TIMEOUT: '0',
    // Headers tell a request's kind and subagent, for the rules and the request log. The gateway passes none of them on.
    CLAUDE_CODE_GATEWAY_HINT_HEADERS: '1',
  };
}

const discovery = { CLAUDE_CODE_ENABLE_GATEWAY_MODEL_DISCOVERY: '1' };

/** No list of cloud models to pick from, and nothing sent on the side. */
const sealed = { CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC: '1' };

/** The picker's one row for a model of our own: it lists no other name without "claude" or "anthropic" in it. */
const localOnlyToPick = {
  ANTHROPIC_CUSTOM_MODEL_OPTION: LOCAL_ONLY,
  ANTHROPIC_CUSTOM_MODEL_OPTION_NAME: 'Local model only',
  ANTHROPIC_CUSTOM_MODEL_OPTION_DESCRIPTION: 'Local server, never a cloud',
};

/** For sessions in which the local model does everything. */
function forLocalModel({ contextWindow }: LauncherModels): Record<string, string> {
  return {
    CLAUDE_CODE_MAX_OUTPUT_TOKENS: String(outputLimit(contextWindow)),
    // The picker's "Default" and every name with [1m] would be budgeted a million tokens, whatever is declared.
    CLAUDE_CODE_DISABLE_1M_CONTEXT: '1',
    // Asked of a name that the client does not know, and refused by some cloud models that may take over.
    CLAUDE_CODE_DISABLE_THINKING: '1',
    CLAUDE_CODE_EFFORT_LEVEL: 'unset',
    // The line that this leaves out differs between conversations and would keep the server from reusing its cache.
    CLAUDE_CODE_ATTRIBUTION_HEADER: '0',
  };
}

function aliases(route: Route): Record<string, string> {
  return Object.assign({}, ...modelFamilies.map((family) => slotVariables(family, route)));
}

/** A slot and how /model shows it, in a row of its own: if several slots are one model, their rows still have different names. */
function slotVariables(family: ModelFamily, route: Route): Record<string, string> {
  const model = route.slots[family];
  const slot = `ANTHROPIC_DEFAULT_${family.toUpperCase()}_MODEL`;
  const named = (name: string, description: string) => ({
    [slot]: model,
    [`${slot}_NAME`]: name,
    [`${slot}_DESCRIPTION`]: description,
  });
  const asked = capitalized(family);
  if (localNames.includes(model) && isAllLocal(route)) return named(`Local, for ${asked}`, 'Local server');
  if (localNames.includes(model)) return named('Local model', `Local server, for what asks for ${asked}`);
  if (model.includes(family)) return { [slot]: model };
  const own = modelFamilies.find((one) => model.includes(one));
  return named(`${own === undefined ? 'Main' : capitalized(own)}, for ${asked}`, `${model}; no ${asked} is set up`);
}

function capitalized(word: string): string {
  return `${word.charAt(0).toUpperCase()}${word.slice(1)}`;
}

/** An eighth of the window, at most 8192 tokens: what is kept free for the answer cannot be used by the conversation. */
export function outputLimit(contextWindow: number | undefined): number {
  return contextWindow === undefined ? 8192 : Math.max(1024, Math.min(8192, Math.floor(contextWindow / 8)));
}

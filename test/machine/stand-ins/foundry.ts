import { randomUUID } from 'node:crypto';
import { refusedPrompt, tell } from './anthropic.ts';
import { claudeError } from './anthropic-errors.ts';
import { type ClaudeModel, findClaudeModel, usualClaudeModels } from './claude-models.ts';
import type { ErrorAnswer, Exchange } from './exchange.ts';
import { id } from './messages-api.ts';
import { type Prompt, readMessagesPrompt } from './prompt.ts';
import { type CommonSettings, createStandIn, type StandIn } from './stand-in.ts';

/** A deployment: a name of the owner's choice for a Claude model, which decides what is taken and refused. */
export interface Deployment {
  readonly name: string;
  readonly model: ClaudeModel;
}

/** How the Foundry resource of the stand-in is set up. */
export interface FoundrySettings extends CommonSettings {
  /** The keys that exist, each with the name of the error that its requests meet, or null. */
  keys: Record<string, string | null>;
  deployments: Deployment[];
  /** Before the first byte of an answer. */
  delayMilliseconds: number;
  /** Between two pieces of a streamed answer. */
  pauseMilliseconds: number;
}

/** Errors of Microsoft Foundry's Claude endpoint, by the name a fault or a key's trouble uses. */
export const FOUNDRY_ERRORS: Readonly<Record<string, ErrorAnswer>> = {
  unauthorized: azureError(
    401,
    '401',
    'Access denied due to invalid subscription key or wrong API endpoint. Make sure to provide a valid key for an active subscription and use a correct regional API endpoint for your resource.',
  ),
  forbidden: azureError(
    403,
    'PermissionDenied',
    'The principal lacks the required data action Microsoft.CognitiveServices/accounts/AIServices/messages/action to perform this operation.',
  ),
  no_deployment: azureError(
    404,
    'DeploymentNotFound',
    'The API deployment for this resource does not exist. If you created the deployment within the last 5 minutes, please wait a moment and try again.',
  ),
  not_found: azureError(404, '404', 'Resource not found'),
  api_not_supported: azureError(404, 'api_not_supported', 'Requested API is currently not supported'),
  rate_limit: azureError(429, 'RateLimitReached', 'Your requests have exceeded the rate limit of this deployment.'),
  request_too_large: claudeError(413, 'request_too_large', 'Request exceeds the maximum size'),
  api: claudeError(500, 'api_error', 'Internal server error'),
  overloaded: claudeError(529, 'overloaded_error', 'Overloaded'),
};

function azureError(status: number, code: string, message: string): ErrorAnswer {
  return { status, body: { error: { code, message } } };
}

/** RESOURCE.services.ai.azure.com: messages per deployment, no model list, Azure's own errors around Claude's. */
export function foundry(options: Partial<FoundrySettings> = {}): StandIn<FoundrySettings> {
  return createStandIn({
    name: 'foundry',
    initial: () => ({ ...initialSettings(), ...structuredClone(options) }),
    answer,
    errors: FOUNDRY_ERRORS,
    headers: () => ({ 'request-id': id('req'), 'apim-request-id': randomUUID() }),
  });
}

function initialSettings(): FoundrySettings {
  return {
    faults: [],
    keys: {},
    deployments: ['claude-sonnet-4-6', 'claude-opus-4-8', 'claude-haiku-4-5'].map((name) => deployment(name)),
    delayMilliseconds: 0,
    pauseMilliseconds: 0,
  };
}

/** A deployment of the model with this id (the name itself unless told), with that model's rules or changed ones. */
export function deployment(name: string, modelId = name, rules: Partial<ClaudeModel> = {}): Deployment {
  const model = findClaudeModel(usualClaudeModels(), modelId);
  if (model === undefined) throw new Error(`no model ${modelId} to deploy`);
  return { name, model: { ...model, ...rules } };
}

const MESSAGES = '/anthropic/v1/messages';

async function answer(exchange: Exchange, settings: FoundrySettings): Promise<void> {
  const asks = exchange.method === 'POST' && exchange.path === MESSAGES;
  const counts = exchange.method === 'POST' && exchange.path === `${MESSAGES}/count_tokens`;
  if (await exchange.meetFault(asks ? 'generation' : counts ? 'count-tokens' : 'other')) return;
  const refused = refusedCredential(exchange, settings);
  if (refused !== undefined) return failNamed(exchange, refused);
  if (!asks && !counts) return failNamed(exchange, missingEndpoint(exchange.path));
  const request = checkRequest(exchange, settings, asks);
  if ('status' in request) return exchange.fail(request);
  if (counts) return exchange.json(200, { input_tokens: request.prompt.tokens });
  await exchange.wait(settings.delayMilliseconds);
  await tell(exchange, request.prompt, request.deployment.name, 'Microsoft Foundry', settings.pauseMilliseconds);
}

function missingEndpoint(path: string): string {
  return path.startsWith('/models/') ? 'api_not_supported' : 'not_found';
}

/** A key in `api-key` or `x-api-key`. As Bearer it is refused. */
function refusedCredential(exchange: Exchange, settings: FoundrySettings): string | undefined {
  const key = exchange.headers['api-key'] ?? exchange.headers['x-api-key'];
  if (key === undefined || !Object.hasOwn(settings.keys, String(key))) return 'unauthorized';
  return settings.keys[String(key)] ?? undefined;
}

function checkRequest(
  exchange: Exchange,
  settings: FoundrySettings,
  needsMaxTokens: boolean,
): { readonly prompt: Prompt; readonly deployment: Deployment } | ErrorAnswer {
  const prompt = readMessagesPrompt(exchange.body, needsMaxTokens);
  if (typeof prompt === 'string') return claudeError(400, 'invalid_request_error', prompt);
  if (exchange.headers['anthropic-version'] === undefined) {
    return claudeError(400, 'invalid_request_error', 'anthropic-version: header is required');
  }
  const found = settings.deployments.find((candidate) => candidate.name === prompt.model);
  if (found === undefined) return namedError('no_deployment');
  const refusal = refusedPrompt(found.model, prompt, exchange.body);
  return refusal === undefined ? { prompt, deployment: found } : claudeError(400, 'invalid_request_error', refusal);
}

function failNamed(exchange: Exchange, name: string): Promise<void> {
  return exchange.fail(namedError(name));
}

function namedError(name: string): ErrorAnswer {
  return FOUNDRY_ERRORS[name] ?? azureError(500, '500', `no error is named ${name}`);
}

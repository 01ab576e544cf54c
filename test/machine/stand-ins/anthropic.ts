import { CLAUDE_ERRORS, claudeError } from './anthropic-errors.ts';
import { type ClaudeModel, findClaudeModel, listedClaudeModel, usualClaudeModels } from './claude-models.ts';
import { refusedField } from './claude-rules.ts';
import type { ErrorAnswer, Exchange } from './exchange.ts';
import { type CachedTokens, id, messageBody, messageEvents, type Telling } from './messages-api.ts';
import { type Prompt, readMessagesPrompt } from './prompt.ts';
import { composeReply } from './reply.ts';
import { type CommonSettings, createStandIn, type StandIn } from './stand-in.ts';

/** How the account of the stand-in is set up. */
export interface AnthropicSettings extends CommonSettings {
  /** The keys that exist, each with the name of the error that its requests for answers meet, or null. */
  keys: Record<string, string | null>;
  /** Newest first. */
  models: ClaudeModel[];
  /** Before the first byte of an answer. */
  delayMilliseconds: number;
  /** Between two pieces of a streamed answer. */
  pauseMilliseconds: number;
  /** What it takes from its cache, and puts there, of every prompt. */
  cached: CachedTokens;
  /** How far its clock is ahead of this machine's, as its Date header tells. */
  clockAheadMilliseconds: number;
}

/** api.anthropic.com: model list, messages, token counts and every documented error. Only the given keys are taken. */
export function anthropic(options: Partial<AnthropicSettings> = {}): StandIn<AnthropicSettings> {
  return createStandIn({
    name: 'anthropic',
    initial: () => ({ ...initialSettings(), ...structuredClone(options) }),
    answer,
    errors: CLAUDE_ERRORS,
    headers: ({ clockAheadMilliseconds }) => ({
      'request-id': id('req'),
      'anthropic-organization-id': '00000000-0000-4000-8000-000000000000',
      date: new Date(Date.now() + clockAheadMilliseconds).toUTCString(),
    }),
  });
}

function initialSettings(): AnthropicSettings {
  return {
    faults: [],
    keys: {},
    models: usualClaudeModels(),
    delayMilliseconds: 0,
    pauseMilliseconds: 0,
    cached: { read: 0, written: 0 },
    clockAheadMilliseconds: 0,
  };
}

async function answer(exchange: Exchange, settings: AnthropicSettings): Promise<void> {
  switch (`${exchange.method} ${exchange.path}`) {
    case 'GET /v1/models':
      if (await exchange.meetFault('models')) return;
      return admitted(exchange, settings, () => answerList(exchange, settings));
    case 'POST /v1/messages':
      if (await exchange.meetFault('generation')) return;
      return admitted(exchange, settings, () => answerMessages(exchange, settings));
    case 'POST /v1/messages/count_tokens':
      if (await exchange.meetFault('count-tokens')) return;
      return admitted(exchange, settings, () => answerCount(exchange, settings));
    default:
      return answerElse(exchange, settings);
  }
}

async function answerElse(exchange: Exchange, settings: AnthropicSettings): Promise<void> {
  const isList = exchange.path.startsWith('/v1/models/') && exchange.method === 'GET';
  if (await exchange.meetFault(isList ? 'models' : 'other')) return;
  if (!isList) return exchange.fail(claudeError(404, 'not_found_error', 'Not found'));
  return admitted(exchange, settings, () => answerOne(exchange, settings));
}

/** The key and the version come before everything else. The real API takes a Bearer token for OAuth only, so not here. */
async function admitted(exchange: Exchange, settings: AnthropicSettings, then: () => Promise<void>): Promise<void> {
  const key = exchange.headers['x-api-key'];
  if (key === undefined) {
    const bearer = exchange.headers.authorization !== undefined;
    const message = bearer ? 'Invalid bearer token' : 'x-api-key header is required';
    return exchange.fail(claudeError(401, 'authentication_error', message));
  }
  if (!Object.hasOwn(settings.keys, String(key))) return failNamed(exchange, 'authentication');
  if (exchange.headers['anthropic-version'] === undefined) {
    return exchange.fail(invalid('anthropic-version: header is required'));
  }
  return then();
}

/** In one page, as whoever asks for a thousand gets them. */
async function answerList(exchange: Exchange, settings: AnthropicSettings): Promise<void> {
  const { models } = settings;
  await exchange.json(200, {
    data: models.map(listedClaudeModel),
    has_more: false,
    first_id: models[0]?.id ?? null,
    last_id: models.at(-1)?.id ?? null,
  });
}

async function answerOne(exchange: Exchange, settings: AnthropicSettings): Promise<void> {
  const name = decodeURIComponent(exchange.path.slice('/v1/models/'.length));
  const model = findClaudeModel(settings.models, name);
  return model === undefined ? exchange.fail(noModel(name)) : exchange.json(200, listedClaudeModel(model));
}

async function answerMessages(exchange: Exchange, settings: AnthropicSettings): Promise<void> {
  const trouble = settings.keys[String(exchange.headers['x-api-key'])];
  if (typeof trouble === 'string') return failNamed(exchange, trouble);
  const request = checkRequest(exchange, settings, true);
  if ('status' in request) return exchange.fail(request);
  await exchange.wait(settings.delayMilliseconds);
  await tell(exchange, request.prompt, request.model.id, 'the Claude API', settings.pauseMilliseconds, settings.cached);
}

async function answerCount(exchange: Exchange, settings: AnthropicSettings): Promise<void> {
  const request = checkRequest(exchange, settings, false);
  if ('status' in request) return exchange.fail(request);
  await exchange.json(200, { input_tokens: request.prompt.tokens });
}

function checkRequest(
  exchange: Exchange,
  settings: AnthropicSettings,
  needsMaxTokens: boolean,
): { readonly prompt: Prompt; readonly model: ClaudeModel } | ErrorAnswer {
  const prompt = readMessagesPrompt(exchange.body, needsMaxTokens);
  if (typeof prompt === 'string') return invalid(prompt);
  const model = findClaudeModel(settings.models, prompt.model);
  if (model === undefined) return noModel(prompt.model);
  const refusal = refusedPrompt(model, prompt, exchange.body);
  return refusal === undefined ? { prompt, model } : invalid(refusal);
}

/** The model's own rules, shared with the resellers of the same models. */
export function refusedPrompt(model: ClaudeModel, prompt: Prompt, body: unknown): string | undefined {
  const refusal = refusedField(model, body);
  if (refusal !== undefined || prompt.tokens <= model.maxInputTokens) return refusal;
  return `prompt is too long: ${prompt.tokens} tokens > ${model.maxInputTokens} maximum`;
}

/** Answers a request that was found right, as `model` on `place`, streamed or whole. */
export async function tell(
  exchange: Exchange,
  prompt: Prompt,
  model: string,
  place: string,
  pause: number,
  cached: CachedTokens = { read: 0, written: 0 },
): Promise<void> {
  const reply = composeReply(prompt, `I am ${model} on ${place}.`);
  const toolCalls = reply.toolCalls.map((call) => call.name);
  Object.assign(exchange.answer, { model, text: reply.text, toolCalls, promptTokens: prompt.tokens });
  exchange.answer.billed = {
    ...cached,
    input: prompt.tokens - cached.read - cached.written,
    output: reply.outputTokens,
  };
  const telling: Telling = { model, prompt, reply, pause, cloud: true, cached };
  if (prompt.stream) return exchange.stream(messageEvents(telling));
  return exchange.json(200, messageBody(telling));
}

function failNamed(exchange: Exchange, name: string): Promise<void> {
  return exchange.fail(CLAUDE_ERRORS[name] ?? claudeError(500, 'api_error', `no error is named ${name}`));
}

function invalid(message: string): ErrorAnswer {
  return claudeError(400, 'invalid_request_error', message);
}

function noModel(name: string): ErrorAnswer {
  return claudeError(404, 'not_found_error', `model: ${name}`);
}

import { completionBody, completionEvents } from './chat-completions.ts';
import { type ErrorAnswer, type Exchange, isRecord, type StreamEvent } from './exchange.ts';
import { unreadPart } from './lm-studio-cache.ts';
import * as errors from './lm-studio-errors.ts';
import { answerLoad, answerUnload } from './lm-studio-loading.ts';
import { addInstance, findInstance, type LoadedInstance, listOpenAi, listV0, llmConfig } from './lm-studio-models.ts';
import { refusedContent } from './lm-studio-refusals.ts';
import { initialSettings, type LmStudioOptions, type LmStudioSettings } from './lm-studio-settings.ts';
import { contentEvents, messageBody, messageEvents, messageStart, ping, type Telling } from './messages-api.ts';
import { lateSystemTurn, type Prompt, readChatPrompt, readMessagesPrompt } from './prompt.ts';
import { composeReply } from './reply.ts';
import { createStandIn, type StandIn } from './stand-in.ts';

export type { LmStudioOptions, LmStudioSettings } from './lm-studio-settings.ts';

/** LM Studio 0.4 on the local network, as far as an installer, a gateway and Claude Code can see it. */
export function lmStudio(options: LmStudioOptions = {}): StandIn<LmStudioSettings> {
  return createStandIn({ name: 'lm-studio', initial: () => initialSettings(structuredClone(options)), answer });
}

async function answer(exchange: Exchange, settings: LmStudioSettings): Promise<void> {
  const route = ROUTES[`${exchange.method} ${exchange.path}`];
  const served = route?.in.includes(settings.generation) ? route : undefined;
  if (await exchange.meetFault(served?.place ?? 'other')) return;
  const refused = refusedCredential(exchange, settings);
  if (refused !== undefined) return exchange.fail(refused);
  return served === undefined ? unexpected(exchange) : served.answer(exchange, settings);
}

interface Route {
  readonly in: readonly LmStudioSettings['generation'][];
  readonly place: 'models' | 'load' | 'generation';
  readonly answer: (exchange: Exchange, settings: LmStudioSettings) => Promise<void>;
}

const ROUTES: Readonly<Record<string, Route>> = {
  'GET /api/v1/models': { in: ['v1'], place: 'models', answer: (x, s) => x.json(200, { models: s.models }) },
  'GET /api/v0/models': { in: ['v1', 'v0'], place: 'models', answer: (x, s) => x.json(200, listV0(s.models)) },
  'GET /v1/models': {
    in: ['v1', 'v0', 'openai'],
    place: 'models',
    answer: (x, s) => x.json(200, listOpenAi(s.models, s.loadOnDemand)),
  },
  'POST /api/v1/models/load': { in: ['v1'], place: 'load', answer: answerLoad },
  'POST /api/v1/models/unload': { in: ['v1'], place: 'load', answer: answerUnload },
  'POST /v1/messages': { in: ['v1'], place: 'generation', answer: answerMessages },
  'POST /v1/chat/completions': { in: ['v1', 'v0', 'openai'], place: 'generation', answer: answerChat },
};

function unexpected(exchange: Exchange): Promise<void> {
  return exchange.fail(errors.unexpectedEndpoint(exchange.method, exchange.path));
}

/** Tokens look like `sk-lm-…`; anything else is "malformed". */
function refusedCredential(exchange: Exchange, settings: LmStudioSettings): ErrorAnswer | undefined {
  if (settings.tokens.length === 0) return undefined;
  const bearer = /^Bearer +(\S+)$/i.exec(exchange.headers.authorization ?? '')?.[1];
  const inKeyHeader = exchange.path === '/v1/messages' ? exchange.headers['x-api-key'] : undefined;
  const token = bearer ?? (inKeyHeader === undefined ? undefined : String(inKeyHeader));
  if (token === undefined) return errors.tokenRequired();
  if (settings.tokens.includes(token)) return mayNotLoad(exchange, settings);
  return token.startsWith('sk-lm-') ? errors.tokenUnknown(token) : errors.tokenMalformed(token);
}

function mayNotLoad(exchange: Exchange, settings: LmStudioSettings): ErrorAnswer | undefined {
  const loads = /\/(un)?load$/.test(exchange.path);
  return loads && !settings.tokensMayLoad ? errors.tokenMayNotLoad() : undefined;
}

async function answerMessages(exchange: Exchange, settings: LmStudioSettings): Promise<void> {
  if (!settings.messagesEndpoint) return unexpected(exchange);
  const telling = await prepare(exchange, settings, readMessagesPrompt(exchange.body), true);
  if (telling === undefined) return;
  const pause = prefillTime(exchange, settings, telling.prompt);
  if (!telling.prompt.stream) {
    await exchange.wait(pause);
    return exchange.json(200, messageBody(telling));
  }
  if (settings.pingMilliseconds > 0) return exchange.stream(pingedEvents(telling, pause, settings.pingMilliseconds));
  await exchange.wait(pause);
  return exchange.stream(messageEvents(telling));
}

/** The first event at once, then pings until the prompt is read, then the answer. */
function* pingedEvents(telling: Telling, prefill: number, interval: number): Generator<StreamEvent> {
  yield messageStart(telling);
  for (let waited = 0; waited < prefill; waited += interval) yield ping(Math.min(interval, prefill - waited));
  yield* contentEvents(telling);
}

async function answerChat(exchange: Exchange, settings: LmStudioSettings): Promise<void> {
  const telling = await prepare(exchange, settings, readChatPrompt(exchange.body), false);
  if (telling === undefined) return;
  await exchange.wait(prefillTime(exchange, settings, telling.prompt));
  if (!telling.prompt.stream) return exchange.json(200, completionBody(telling));
  return exchange.stream(completionEvents(telling, wantsUsage(exchange.body)));
}

/** Checks everything that LM Studio checks before it generates. Undefined: the refusal was sent. */
async function prepare(
  exchange: Exchange,
  settings: LmStudioSettings,
  prompt: Prompt | string,
  messagesApi: boolean,
): Promise<Telling | undefined> {
  const loaded = typeof prompt === 'string' ? errors.invalidRequest(prompt) : await obtain(exchange, settings, prompt);
  if ('status' in loaded || typeof prompt === 'string') {
    if ('status' in loaded) await exchange.fail(loaded);
    return undefined;
  }
  const model = loaded.id;
  Object.assign(exchange.answer, { model, promptTokens: prompt.tokens });
  const refusal =
    (messagesApi ? unreadable(settings, exchange.body, loaded) : undefined) ??
    refusedPrompt(settings, prompt, loaded, messagesApi);
  if (refusal !== undefined) {
    await exchange.fail(refusal);
    return undefined;
  }
  const reply = composeReply(prompt, `I am ${model} on LM Studio.`);
  Object.assign(exchange.answer, { text: reply.text, toolCalls: reply.toolCalls.map((call) => call.name) });
  return { model, prompt, reply, pause: settings.pauseMilliseconds, cloud: false };
}

function unreadable(settings: LmStudioSettings, body: unknown, loaded: LoadedInstance): ErrorAnswer | undefined {
  if (!settings.strictContent) return undefined;
  const listed = settings.models.find(({ loaded_instances }) => loaded_instances.some(({ id }) => id === loaded.id));
  const vision = settings.engineSees ?? listed?.capabilities?.vision === true;
  return refusedContent(body, { vision, grammar: settings.grammar });
}

function refusedPrompt(
  settings: LmStudioSettings,
  prompt: Prompt,
  loaded: LoadedInstance,
  messagesApi: boolean,
): ErrorAnswer | undefined {
  if (settings.strictTemplate && lateSystemTurn(prompt) !== -1) return errors.templateRefusal(messagesApi);
  const context = loaded.config.context_length;
  return prompt.tokens >= context ? errors.overflowError(settings.overflowWording, prompt.tokens, context) : undefined;
}

/** The instance that answers, loaded on demand where that is allowed. */
async function obtain(
  exchange: Exchange,
  settings: LmStudioSettings,
  prompt: Prompt,
): Promise<LoadedInstance | ErrorAnswer> {
  const found = findInstance(settings.models, prompt.model);
  if (found !== undefined) return found.instance;
  const onDisk = settings.models.find((model) => model.key === prompt.model && model.type === 'llm');
  if (onDisk !== undefined && settings.loadOnDemand) {
    await exchange.wait(settings.loadMilliseconds);
    if (settings.loadFailure !== null) return errors.loadFailed(settings.loadFailure);
    return addInstance(onDisk, llmConfig(settings.defaultContext));
  }
  const nothingLoaded = settings.models.every((model) => model.loaded_instances.length === 0);
  return nothingLoaded && !settings.loadOnDemand
    ? errors.noModelsLoaded()
    : errors.unknownModel(prompt.model, settings.models);
}

function prefillTime({ body }: Exchange, settings: LmStudioSettings, prompt: Prompt): number {
  const speed = settings.prefillTokensPerSecond;
  const unread = prompt.tokens * unreadPart(settings, body);
  return settings.prefillMilliseconds + (speed > 0 ? (unread / speed) * 1000 : 0);
}

function wantsUsage(body: unknown): boolean {
  const options = isRecord(body) ? body.stream_options : undefined;
  return isRecord(options) && options.include_usage === true;
}

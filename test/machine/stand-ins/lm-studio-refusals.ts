import { type ErrorAnswer, isRecord } from './exchange.ts';
import { badRequest } from './lm-studio-errors.ts';

/** What of a Messages API request LM Studio or its engine cannot take, as far as public reports tell. */
export interface Limits {
  /** The model that answers sees images. */
  readonly vision: boolean;
  /** The tools' schemas are made into a grammar, as LM Studio does since 0.4.19. */
  readonly grammar: boolean;
}

const blocksKnown = ['text', 'image', 'tool_use', 'tool_result', 'thinking'];
/** llama.cpp's own bound on a repetition (src/llama-grammar.cpp). */
const mostRepetitions = 2000;

/**
 * The first reason to refuse a request; undefined when there is none. Sources: lmstudio-bug-tracker #1399 (roles and blocks),
 * #1590 (images in tool results), #655 and #908 (images), #2197, #2220 and #2236 (schemas); lms #537 (tools).
 */
export function refusedContent(body: unknown, limits: Limits): ErrorAnswer | undefined {
  if (!isRecord(body)) return undefined;
  const tools = list(body.tools).filter(isRecord);
  for (const [index, message] of list(body.messages).entries()) {
    const refused = isRecord(message) ? refusedMessage(message, `messages.${index}`, limits) : undefined;
    if (refused !== undefined) return refused;
  }
  const nameless = tools.findIndex(({ input_schema: schema }) => !isRecord(schema) || schema.type !== 'object');
  if (nameless !== -1)
    return invalid(`tools.${nameless}.input_schema`, "Invalid discriminator value. Expected 'object'");
  return limits.grammar ? refusedGrammar(tools) : undefined;
}

function refusedMessage(message: Record<string, unknown>, path: string, limits: Limits): ErrorAnswer | undefined {
  if (!['user', 'assistant', 'system'].includes(String(message.role)))
    return invalid(`${path}.role`, "Invalid discriminator value. Expected 'user' | 'assistant'");
  for (const [index, block] of list(message.content).entries()) {
    const refused = isRecord(block) ? refusedBlock(block, `${path}.content.${index}`, limits) : undefined;
    if (refused !== undefined) return refused;
  }
  return undefined;
}

function refusedBlock(block: Record<string, unknown>, path: string, { vision }: Limits): ErrorAnswer | undefined {
  const expected = `Invalid discriminator value. Expected ${blocksKnown.map((name) => `'${name}'`).join(' | ')}`;
  if (!blocksKnown.includes(String(block.type))) return invalid(`${path}.type`, expected);
  const inside = block.type === 'tool_result' ? list(block.content).filter(isRecord) : [];
  if (inside.some(({ type }) => type !== 'text'))
    return invalid(`${path}.content`, 'Invalid tool_result content: image');
  return block.type === 'image' && !vision
    ? badRequest('Model does not support images. Please use a model that does.')
    : undefined;
}

function refusedGrammar(tools: readonly Record<string, unknown>[]): ErrorAnswer | undefined {
  const problem = tools
    .map(({ input_schema: schema }) => grammarProblem(schema, 0))
    .find((found) => found !== undefined);
  if (problem === undefined) return undefined;
  const engine = { error: { code: 400, message: problem, type: 'invalid_request_error' } };
  return {
    status: 500,
    body: {
      type: 'error',
      error: { type: 'api_error', message: `Engine protocol predict request returned 400: ${JSON.stringify(engine)}` },
    },
  };
}

const noSamplers = 'Failed to initialize samplers: failed to parse grammar';

function grammarProblem(schema: unknown, depth: number): string | undefined {
  if (Array.isArray(schema)) return firstOf(schema, depth);
  if (!isRecord(schema)) return undefined;
  const { pattern, $ref: reference } = schema;
  if (typeof pattern === 'string') {
    if (!/^\^.*\$$/.test(pattern))
      return "Unable to generate parser for this template. Automatic parser generation failed: JSON schema conversion failed:\nPattern must start with '^' and end with '$'";
    if (/\(\?|\\[dwsb]/.test(pattern)) return noSamplers;
  }
  const lengths = [schema.maxLength, schema.maxItems, schema.minLength].filter((value) => typeof value === 'number');
  if (lengths.some((value) => value > mostRepetitions)) return noSamplers;
  if (typeof reference === 'string' && depth > 12) return noSamplers;
  return firstOf(Object.values(schema), depth);
}

function firstOf(parts: readonly unknown[], depth: number): string | undefined {
  return parts.map((part) => grammarProblem(part, depth + 1)).find((found) => found !== undefined);
}

function invalid(param: string, message: string): ErrorAnswer {
  return badRequest({ message, type: 'invalid_request', code: 'invalid_union', param });
}

function list(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}

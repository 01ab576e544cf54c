import { isRecord } from './exchange.ts';

/** A tool that the request offers. */
export interface OfferedTool {
  readonly name: string;
  readonly schema: unknown;
}

/** One entry of the conversation, whatever API it came by. */
export interface Turn {
  readonly role: string;
  readonly text: string;
  /** Texts of the tool results it carries. */
  readonly toolResults: readonly string[];
  readonly callsTools: boolean;
}

/** A request for an answer, reduced to what the stand-ins decide on. */
export interface Prompt {
  readonly model: string;
  readonly stream: boolean;
  readonly maxTokens: number;
  /** Everything in order; a system prompt outside the messages is the first turn. */
  readonly turns: readonly Turn[];
  readonly tools: readonly OfferedTool[];
  /** A tool's name, `any`, `none`, or undefined for free choice. */
  readonly toolChoice: string | undefined;
  /** A JSON schema that the answer must follow. */
  readonly answerSchema: unknown;
  /** About four bytes a token, over system prompt, messages and tools. */
  readonly tokens: number;
}

/** Reads a Messages API body. A string is the complaint about what is wrong with it. */
export function readMessagesPrompt(body: unknown, needsMaxTokens = true): Prompt | string {
  if (!isRecord(body)) return 'The request body is not valid JSON';
  const complaint = missingField(body, needsMaxTokens);
  if (complaint !== undefined) return complaint;
  const messages = body.messages as readonly unknown[];
  const system = contentText(body.system);
  const turns = messages.map(readTurn);
  return {
    model: body.model as string,
    stream: body.stream === true,
    maxTokens: (body.max_tokens as number | undefined) ?? 4096,
    turns: system === '' ? turns : [textTurn('system', system), ...turns],
    tools: list(body.tools).flatMap(readMessagesTool),
    toolChoice: readToolChoice(body.tool_choice),
    answerSchema: readAnswerSchema(body.output_config),
    tokens: estimateTokens([body.system, messages, body.tools]),
  };
}

/** Reads a chat completions body. A string is the complaint about what is wrong with it. */
export function readChatPrompt(body: unknown): Prompt | string {
  if (!isRecord(body)) return 'The request body is not valid JSON';
  const complaint = missingField(body, false);
  if (complaint !== undefined) return complaint;
  const messages = body.messages as readonly unknown[];
  return {
    model: body.model as string,
    stream: body.stream === true,
    maxTokens: number(body.max_tokens) ?? number(body.max_completion_tokens) ?? 4096,
    turns: messages.map(readTurn),
    tools: list(body.tools).flatMap(readFunctionTool),
    toolChoice: readToolChoice(body.tool_choice),
    answerSchema: readAnswerSchema(body.response_format),
    tokens: estimateTokens([messages, body.tools]),
  };
}

/** Bytes of the JSON divided by four, rounded up. */
function estimateTokens(parts: readonly unknown[]): number {
  const bytes = parts.reduce<number>((sum, part) => sum + Buffer.byteLength(JSON.stringify(part ?? '')), 0);
  return Math.ceil(bytes / 4);
}

/** Index among the turns of the first system turn that does not open the conversation; -1 when there is none. */
export function lateSystemTurn(prompt: Prompt): number {
  return prompt.turns.findIndex((turn, index) => turn.role === 'system' && index > 0);
}

function missingField(body: Record<string, unknown>, needsMaxTokens: boolean): string | undefined {
  if (typeof body.model !== 'string' || body.model === '') return 'model: Field required';
  if (needsMaxTokens && number(body.max_tokens) === undefined) return 'max_tokens: Field required';
  if (number(body.max_tokens) === 0) return 'max_tokens: must be greater than or equal to 1';
  if (!Array.isArray(body.messages)) return 'messages: Field required';
  if (body.messages.length === 0) return 'messages: at least one message is required';
  return undefined;
}

function readTurn(message: unknown): Turn {
  const turn = isRecord(message) ? message : {};
  const content = turn.content;
  const isToolTurn = turn.role === 'tool';
  return {
    role: String(turn.role),
    text: isToolTurn ? '' : contentText(content),
    toolResults: isToolTurn ? [contentText(content)] : toolResults(content),
    callsTools: turn.tool_calls !== undefined || list(content).some((block) => blockType(block) === 'tool_use'),
  };
}

function textTurn(role: string, text: string): Turn {
  return { role, text, toolResults: [], callsTools: false };
}

function toolResults(content: unknown): readonly string[] {
  return list(content).flatMap((block) =>
    isRecord(block) && block.type === 'tool_result' ? [contentText(block.content)] : [],
  );
}

function contentText(content: unknown): string {
  if (typeof content === 'string') return content;
  return list(content)
    .flatMap((block) => (isRecord(block) && block.type === 'text' ? [String(block.text)] : []))
    .join('\n');
}

function blockType(block: unknown): unknown {
  return isRecord(block) ? block.type : undefined;
}

function readMessagesTool(tool: unknown): OfferedTool[] {
  if (!isRecord(tool) || typeof tool.name !== 'string') return [];
  return [{ name: tool.name, schema: tool.input_schema }];
}

function readFunctionTool(tool: unknown): OfferedTool[] {
  const described = isRecord(tool) ? tool.function : undefined;
  if (!isRecord(described) || typeof described.name !== 'string') return [];
  return [{ name: described.name, schema: described.parameters }];
}

function readToolChoice(choice: unknown): string | undefined {
  if (choice === 'required') return 'any';
  if (typeof choice === 'string') return choice === 'auto' ? undefined : choice;
  if (!isRecord(choice)) return undefined;
  if (isRecord(choice.function)) return String(choice.function.name);
  if (choice.type === 'tool') return String(choice.name);
  return choice.type === 'auto' ? undefined : String(choice.type);
}

function readAnswerSchema(config: unknown): unknown {
  if (!isRecord(config)) return undefined;
  const format = isRecord(config.format) ? config.format : config;
  if (isRecord(format.json_schema)) return format.json_schema.schema;
  return format.schema;
}

function list(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}

function number(value: unknown): number | undefined {
  return typeof value === 'number' ? value : undefined;
}

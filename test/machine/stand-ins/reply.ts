import { isRecord } from './exchange.ts';
import type { OfferedTool, Prompt } from './prompt.ts';

/** A tool call that the stand-in makes. */
export interface ToolCall {
  readonly name: string;
  readonly input: unknown;
}

/** What the stand-in says: words, then tool calls. */
export interface Reply {
  readonly text: string;
  readonly toolCalls: readonly ToolCall[];
  readonly stop: 'end_turn' | 'tool_use' | 'max_tokens';
  readonly outputTokens: number;
}

/**
 * Makes up the answer to a prompt.
 *
 * What the last typed user turn says decides:
 * - `use the tool NAME` calls it, with arguments made up from its schema, or those of `use the tool NAME with {JSON}`;
 *   several of these are called one after the other, a round each, or all at once when the text says `in parallel`
 * - `write N words` makes a reply of that length
 * - instructions that show where a `<summary>` goes are answered with one of about a thousand tokens
 * - anything else is answered with `introduction` and the beginning of what was said
 */
export function composeReply(prompt: Prompt, introduction: string): Reply {
  const calls = asksForSummary(prompt) ? [] : nextToolCalls(prompt);
  if (calls.length > 0) return toolReply(calls);
  const text = prompt.answerSchema === undefined ? spokenText(prompt, introduction) : sampleJson(prompt.answerSchema);
  const room = prompt.maxTokens * 4;
  const cut = text.length > room;
  return {
    text: cut ? text.slice(0, room) : text,
    toolCalls: [],
    stop: cut ? 'max_tokens' : 'end_turn',
    outputTokens: Math.max(1, Math.ceil(Math.min(text.length, room) / 4)),
  };
}

function toolReply(toolCalls: readonly ToolCall[]): Reply {
  const text = `Calling ${toolCalls.map((call) => call.name).join(', ')}.`;
  const outputTokens = Math.ceil((text.length + JSON.stringify(toolCalls).length) / 4);
  return { text, toolCalls, stop: 'tool_use', outputTokens };
}

function nextToolCalls(prompt: Prompt): readonly ToolCall[] {
  if (prompt.tools.length === 0 || prompt.toolChoice === 'none') return [];
  const rounds = roundsSincePrompt(prompt);
  if (rounds === 0 && prompt.toolChoice !== undefined) return forcedCall(prompt);
  const said = lastSaid(prompt);
  const wanted = wantedCalls(said, prompt.tools);
  if (/\bin parallel\b/i.test(said)) return rounds === 0 ? wanted : [];
  return wanted.slice(rounds, rounds + 1);
}

function forcedCall(prompt: Prompt): readonly ToolCall[] {
  const tool = prompt.toolChoice === 'any' ? prompt.tools[0] : prompt.tools.find((t) => t.name === prompt.toolChoice);
  return tool === undefined ? [] : [{ name: tool.name, input: sample(tool.schema) }];
}

/** How many rounds of tool results followed the last turn that a person typed. */
function roundsSincePrompt(prompt: Prompt): number {
  const turns = prompt.turns.slice(lastSaidIndex(prompt) + 1);
  return turns.filter((turn) => turn.callsTools).length;
}

function lastSaidIndex(prompt: Prompt): number {
  return prompt.turns.findLastIndex(
    (turn) => turn.role === 'user' && turn.toolResults.length === 0 && typedPart(turn.text) !== '',
  );
}

function lastSaid(prompt: Prompt): string {
  return typedPart(prompt.turns[lastSaidIndex(prompt)]?.text ?? '');
}

/** A client adds reminders of its own to what was typed and to what a tool said; those are not meant. */
function typedPart(text: string): string {
  return text.replaceAll(/<system-reminder>[\s\S]*?<\/system-reminder>/g, '').trim();
}

function wantedCalls(said: string, tools: readonly OfferedTool[]): readonly ToolCall[] {
  return [...said.matchAll(/use the tool ([A-Za-z0-9_-]+)/gi)].flatMap((match) => {
    const tool = tools.find((offered) => offered.name === match[1]);
    if (tool === undefined) return [];
    const rest = said.slice(match.index + match[0].length);
    return [{ name: tool.name, input: givenArguments(rest) ?? sample(tool.schema) }];
  });
}

/** The JSON object after ` with `, found by counting braces. */
function givenArguments(rest: string): unknown {
  if (!/^ with \{/i.test(rest)) return undefined;
  const start = rest.indexOf('{');
  for (let end = rest.indexOf('}', start); end !== -1; end = rest.indexOf('}', end + 1)) {
    const parsed = parseOrUndefined(rest.slice(start, end + 1));
    if (parsed !== undefined) return parsed;
  }
  return undefined;
}

function parseOrUndefined(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}

function spokenText(prompt: Prompt, introduction: string): string {
  const said = lastSaid(prompt);
  const words = /\bwrite (\d+) words\b/i.exec(said)?.[1];
  if (words !== undefined) return `${introduction} ${'word '.repeat(Math.min(Number(words), 100_000)).trim()}`;
  if (asksForSummary(prompt)) return `<summary>${'summary '.repeat(500)}</summary>`;
  const results = prompt.turns.slice(lastSaidIndex(prompt) + 1).flatMap((turn) => turn.toolResults);
  if (results.length > 0)
    return `${introduction} The tools said: ${results.map((result) => beginning(typedPart(result))).join(' | ')}`;
  return `${introduction} You said: ${beginning(lastLine(said))}`;
}

/** The instructions may stand in the same turn as a tool's result. */
function asksForSummary({ turns }: Prompt): boolean {
  return turns.findLast(({ role }) => role === 'user')?.text.includes('<summary>') ?? false;
}

function lastLine(text: string): string {
  return text.slice(text.lastIndexOf('\n') + 1).trim();
}

function beginning(text: string): string {
  return text.length > 120 ? `${text.slice(0, 120)}…` : text;
}

function sampleJson(schema: unknown): string {
  return JSON.stringify(sample(schema));
}

/** A value that satisfies a simple JSON schema: the required properties only. */
function sample(schema: unknown): unknown {
  if (!isRecord(schema)) return {};
  if (Array.isArray(schema.enum)) return schema.enum[0];
  if (schema.const !== undefined) return schema.const;
  switch (schema.type) {
    case 'string':
      return 'stand-in';
    case 'number':
    case 'integer':
      return 1;
    case 'boolean':
      return false;
    case 'array':
      return [];
    default:
      return sampleObject(schema);
  }
}

function sampleObject(schema: Record<string, unknown>): Record<string, unknown> {
  const properties = isRecord(schema.properties) ? schema.properties : {};
  const required = Array.isArray(schema.required) ? (schema.required as readonly string[]) : [];
  return Object.fromEntries(required.map((name) => [name, sample(properties[name])]));
}

import type { ClaudeModel } from './claude-models.ts';
import { isRecord } from './exchange.ts';

/** A model's own refusal of a field that it does not take; undefined when it takes the request. */
export function refusedField(model: ClaudeModel, body: unknown): string | undefined {
  const request = isRecord(body) ? body : {};
  return (
    refusedThinking(model, request.thinking) ??
    refusedEffort(model, request.output_config) ??
    refusedSystemTurn(model, request.messages) ??
    refusedLength(model, request.max_tokens) ??
    refusedBlock(request.messages)
  );
}

/** What another model left in a conversation: thinking that Claude has not signed, and ids of a shape that it does not take. */
function refusedBlock(messages: unknown): string | undefined {
  const turns = Array.isArray(messages) ? (messages as readonly unknown[]) : [];
  for (const [turn, { content = undefined } = {}] of turns.map((one) => (isRecord(one) ? one : {})).entries()) {
    for (const [index, block] of (Array.isArray(content) ? (content as readonly unknown[]) : []).entries()) {
      const place = `messages.${turn}.content.${index}`;
      if (!isRecord(block)) continue;
      if (block.type === 'thinking' && !/^[A-Za-z0-9+/=]{64,}$/.test(String(block.signature)))
        return `${place}: Invalid \`signature\` in \`thinking\` block`;
      const id = block.type === 'tool_use' ? block.id : block.type === 'tool_result' ? block.tool_use_id : 'none';
      if (!/^[a-zA-Z0-9_-]+$/.test(String(id)))
        return `${place}.${String(block.type)}.id: String should match pattern '^[a-zA-Z0-9_-]+$'`;
    }
  }
  return undefined;
}

function refusedThinking(model: ClaudeModel, thinking: unknown): string | undefined {
  const type = isRecord(thinking) ? thinking.type : undefined;
  if (type === 'adaptive' && !model.adaptive) return 'adaptive thinking is not supported on this model';
  if (type === 'enabled' && !model.budget) {
    return '"thinking.type.enabled" is not supported for this model. Use "thinking.type.adaptive" and "output_config.effort" to control thinking behavior.';
  }
  return undefined;
}

function refusedEffort(model: ClaudeModel, config: unknown): string | undefined {
  const effort = isRecord(config) ? config.effort : undefined;
  if (typeof effort !== 'string' || model.efforts.includes(effort)) return undefined;
  if (model.efforts.length === 0) return 'This model does not support the effort parameter.';
  return `This model does not support effort level '${effort}'. Supported levels: ${[...model.efforts].sort().join(', ')}.`;
}

/** Two wordings were seen; Haiku 4.5 says the longer one (claude-agent-sdk-typescript #350, claude-code #61412). */
function refusedSystemTurn(model: ClaudeModel, messages: unknown): string | undefined {
  const turns = Array.isArray(messages) ? (messages as readonly unknown[]) : [];
  const found = turns.some((turn) => isRecord(turn) && turn.role === 'system');
  if (!found || model.systemTurns) return undefined;
  return model.id.includes('haiku-4-5')
    ? 'messages: Unexpected role "system". The Messages API accepts a top-level `system` parameter, not "system" as an input message role.'
    : "role 'system' is not supported on this model";
}

function refusedLength(model: ClaudeModel, maxTokens: unknown): string | undefined {
  if (typeof maxTokens !== 'number' || maxTokens <= model.maxTokens) return undefined;
  return `max_tokens: ${maxTokens} > ${model.maxTokens}, which is the maximum allowed number of output tokens for ${model.id}`;
}

import type { CheckFinding } from '../../checks/check.ts';
import type { Answers } from '../../config/schema.ts';
import { setOption } from '../../config/set-option.ts';
import type { Problem } from '../../problem.ts';
import { isModel, type LocalModel } from './lm-studio.ts';
import { kindWords, type ServerKind } from './server-kinds.ts';

/** Tokens with which a conversation has room to grow: measured, twelve of twelve turns, compacting every third. */
export const comfortableWindow = 65_536;
/** Tokens under which the client compacts in every turn. */
const tightWindow = 49_152;
/** Tokens under which the client's first request with all tools and its answer are not sure to fit: prompts of 15,000 to 27,000 tokens were seen. */
export const smallestWindow = 32_768;

/** How a loaded context window will do with Claude Code. */
export type WindowVerdict =
  | { readonly level: 'ok'; readonly note: string }
  | ({ readonly level: 'warning' | 'serious' | 'stop' } & Problem);

/** Judges the tokens a model is loaded with; undefined means that the server does not tell. */
export function windowVerdict(contextWindow: number | undefined, kind: ServerKind = 'lm-studio'): WindowVerdict {
  const { widen, shown } = kindWords[kind];
  if (contextWindow === undefined) return unknownWindow(shown);
  const size = contextWindow.toLocaleString('en-US');
  if (contextWindow >= comfortableWindow) return { level: 'ok', note: `${size} tokens loaded` };
  if (contextWindow >= tightWindow)
    return {
      level: 'warning',
      code: 'context-window-small',
      problem: `${size} tokens are loaded. It works, but Claude Code will summarise the conversation about every second turn.`,
      fix: widen('at least 65,536 tokens'),
    };
  if (contextWindow >= smallestWindow)
    return {
      level: 'serious',
      code: 'context-window-small',
      problem: `${size} tokens are loaded. The first request alone takes about 22,000, and Claude Code keeps 17,000 free for its answer and for compacting: with all tools it summarises the conversation in every turn, and a long file or answer is refused as too long.`,
      fix: `${widen('at least 65,536 tokens')} If memory does not allow it, keep to the core tools: their first request takes about 5,000.`,
    };
  return {
    level: 'stop',
    code: 'context-window-small',
    problem: `${size} tokens are loaded. With all tools Claude Code's first request takes about 22,000 and its answer 4,096 more: ${refuses(kind)}, and nothing is answered at all. With the core tools it answers, and summarises the conversation in every turn.`,
    fix: widen('65,536 tokens, and never fewer than 32,768'),
  };
}

const unknownWindow = (shown: string): WindowVerdict => ({
  level: 'warning',
  code: 'context-window-unknown',
  problem: 'The server does not say how many tokens of context the model is loaded with.',
  fix: `Look it up on the server (${shown}) and give the number; it should be at least 65,536.`,
});

function refuses(kind: ServerKind): string {
  return `${kindWords[kind].server} refuses it${kind === 'lm-studio' ? ' with "n_keep >= n_ctx"' : ''}`;
}

/** How many requests the gateway sends a server at once; the others wait (`templates/gateway/local/local_turns.py` decides alike). */
export interface QueueLimit {
  /** null means no limit. */
  readonly most: number | null;
  /** Who says so; `nobody` if nothing was chosen and the server does not say. */
  readonly from: 'answers' | 'server' | 'nobody';
}

type Chosen = Answers['localModel']['parallel'];

/** `slots` is how many the server says it answers at once. */
export function queueLimit(chosen: Chosen, slots: LocalModel['slots']): QueueLimit {
  if (chosen !== undefined) return { most: chosen === 'off' ? null : chosen, from: 'answers' };
  return slots === undefined ? { most: null, from: 'nobody' } : { most: slots, from: 'server' };
}

/** What the server says about the chosen model; undefined if it says nothing. */
export function slotsOf(models: readonly LocalModel[], chosen: string | undefined): LocalModel['slots'] {
  return models.find((one) => one.slots !== undefined && isModel(one, chosen))?.slots;
}

/** In a few words; `server` is the server's name. */
export function queueWords({ most, from }: QueueLimit, server: string): string {
  if (from === 'nobody') return `no limit: ${server} does not name one; localModel.parallel sets one`;
  if (most === null) return 'no limit: localModel.parallel is off';
  return `${most} at once, ${from === 'server' ? `as ${server} says` : 'by localModel.parallel'}; the others wait`;
}

/** A limit above what the server answers at once: then the server decides who is next. */
export function queueTrouble(
  chosen: Chosen,
  slots: LocalModel['slots'],
  { address, kind }: { readonly address: string; readonly kind: ServerKind },
): CheckFinding | undefined {
  if (typeof chosen !== 'number' || slots === undefined || chosen <= slots) return undefined;
  return {
    code: 'queue-limit-high',
    symptom: 'a conversation may wait behind subagents and titles',
    problem: `the gateway sends ${chosen} requests at once, and ${kindWords[kind].server} answers ${slots}: the others wait there, in the order in which they came`,
    evidence: [{ text: `${address}: ${slots} at once; localModel.parallel: ${chosen}` }],
    severity: 'note',
    fix: `claude-routing-install ${setOption('localModel.parallel', String(slots))}`,
  };
}

import type { CheckFinding } from '../../checks/check.ts';
import type { Answers } from '../../config/schema.ts';
import { setOption } from '../../config/set-option.ts';
import { isModel, type LocalModel } from './lm-studio.ts';
import { kindWords, type ServerKind } from './server-kinds.ts';

/** How many requests the gateway sends a server at once; the others wait (`templates/gateway/local/local_turns.py` decides alike). */
export interface QueueLimit {
  /** null: there is no limit. */
  readonly most: number | null;
  /** Who says so; `nobody` where nothing was chosen and the server does not tell. */
  readonly from: 'answers' | 'server' | 'nobody';
}

type Chosen = Answers['localModel']['parallel'];

/** `slots` is what the server says that it answers at once. */
export function queueLimit(chosen: Chosen, slots: LocalModel['slots']): QueueLimit {
  if (chosen !== undefined) return { most: chosen === 'off' ? null : chosen, from: 'answers' };
  return slots === undefined ? { most: null, from: 'nobody' } : { most: slots, from: 'server' };
}

/** What the server says of the chosen model; undefined where it does not. */
export function slotsOf(models: readonly LocalModel[], chosen: string | undefined): LocalModel['slots'] {
  return models.find((one) => one.slots !== undefined && isModel(one, chosen))?.slots;
}

/** In a few words; `server` is the server's name. */
export function queueWords({ most, from }: QueueLimit, server: string): string {
  if (from === 'nobody') return `no limit: ${server} does not name one; localModel.parallel sets one`;
  if (most === null) return 'no limit: localModel.parallel is off';
  return `${most} at once, ${from === 'server' ? `as ${server} says` : 'by localModel.parallel'}; the others wait`;
}

/** A limit above what the server answers at once: who is next is the server's choice then. */
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

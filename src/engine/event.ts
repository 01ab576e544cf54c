import type { Command, Effect } from '../host/host.ts';
import type { Problem } from '../problem.ts';
import type { Plan, ResourceId } from '../resources/resource.ts';
import { shellWord } from '../shell/word.ts';
import type { Outcome } from './step.ts';

/** Everything that can be reported while steps run. Words are made from it in one place, JSON lines in another. */
export type Event =
  | { readonly type: 'step-began'; readonly step: StepName }
  | { readonly type: 'check-warned'; readonly step: StepName; readonly check: string; readonly finding: Problem }
  | ({ readonly type: 'planned'; readonly plan: Plan } & OfResource)
  | ({ readonly type: 'effect-began' } & OfEffect)
  | ({ readonly type: 'effect-ended'; readonly ms: number; readonly backup?: string } & OfEffect)
  | ({ readonly type: 'effect-failed'; readonly message: string; readonly output: readonly string[] } & OfEffect)
  | { readonly type: 'waiting'; readonly step: StepName; readonly forWhat: string }
  | {
      readonly type: 'proven';
      readonly step: StepName;
      readonly proof: string;
      readonly result: string;
      readonly ms: number;
    }
  | { readonly type: 'proof-warned'; readonly step: StepName; readonly proof: string; readonly finding: Problem }
  /** Something that stays, with the reason and what would remove it. */
  | { readonly type: 'kept'; readonly kept: Kept }
  | { readonly type: 'step-ended'; readonly step: StepName; readonly outcome: Outcome; readonly ms: number };

interface OfResource {
  readonly step: StepName;
  /** What it is called. */
  readonly resource: string;
  readonly id: ResourceId;
}

interface OfEffect extends OfResource {
  readonly effect: Effect;
}

/** Something that an uninstallation leaves where it is. */
export interface Kept {
  /** What it is: a path, or a few words. */
  readonly what: string;
  readonly why: string;
  /** What to type to get rid of it anyway. */
  readonly command?: string;
  /** `uninstall --purge` removes it, and needs the journal to know that it may. */
  readonly purgeable?: boolean;
}

export interface StepName {
  readonly id: string;
  readonly title: string;
  /** Place in the list, from 1. */
  readonly number: number;
  readonly of: number;
}

/** One line that says what an effect does, safe to be shown: commands as they are typed, never their input or secret values. */
export function describeEffect(effect: Effect): string {
  switch (effect.do) {
    case 'write':
      return `write ${effect.path} (mode ${effect.mode.toString(8)})`;
    case 'make-directory':
      return `make directory ${effect.path} (mode ${effect.mode.toString(8)})`;
    case 'remove':
      return `remove ${effect.path}`;
    case 'run':
      return shellLine(effect.command);
    case 'send':
      return `${effect.request.method ?? 'POST'} ${effect.request.url}`;
  }
}

/** A command as a person would type it. */
export function shellLine(command: Command): string {
  const settings = Object.entries(command.env ?? {}).map(([name, value]) => `${name}=${shellWord(String(value))}`);
  const sudo = command.sudo === true ? ['sudo', ...(settings.length > 0 ? ['env'] : [])] : [];
  return [...sudo, ...settings, command.file, ...command.args.map(shellWord)].join(' ');
}

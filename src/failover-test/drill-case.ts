import type { GatewayExchange, GatewayRequest } from '../components/gateway/requests/exchange.ts';
import type { Problem } from '../problem.ts';
import type { CloudStage, Stage } from './fault.ts';

/** Through the running gateway, or through a throw-away one in which the local model is made to fail. */
export type Part = 'gateway' | 'throw-away';

/** What was promised about the answer to one request. */
export type Promised =
  /** This deployment answers; with `within` in so many milliseconds, perhaps not to the first request. */
  | { readonly kind: 'answer'; readonly by: string; readonly toolCalls?: number; readonly within?: number }
  /** The fallback answers, at most `added` milliseconds later than when it is asked directly. */
  | { readonly kind: 'failover'; readonly to: string; readonly added: number }
  /**
   * An error in at most that many milliseconds; with `compact` in the words that make Claude Code compact. No cloud is asked,
   * not even one that may be asked for other reasons (`consented`).
   */
  | { readonly kind: 'error'; readonly within: number; readonly compact?: true; readonly consented?: true }
  /** The local model or nobody. */
  | { readonly kind: 'never-cloud'; readonly within: number }
  /** The answer breaks off, and an error says so. Nobody takes over. */
  | { readonly kind: 'broken-off' }
  /** What the cloud said reaches the client: its status, its type, and when to ask again. Nobody else is asked. */
  | { readonly kind: 'cloud-error'; readonly status: number; readonly type: string; readonly retryAfter?: string }
  /** Turned away by the gateway itself, with one of these statuses. */
  | { readonly kind: 'turned-away'; readonly statuses: readonly number[] };

/** What an error may take in addition to the time that the fault itself costs. */
export const errorSlackMs = 2000;

/** One request and what was promised about its answer. */
export interface DrillCase {
  /** For programs, e.g. `local-streamed`. */
  readonly id: string;
  /** At most 21 characters, for the screen. */
  readonly title: string;
  readonly part: Part;
  /** What the local model does meanwhile; completes "when …". */
  readonly when?: string;
  readonly promised: Promised;
  readonly request: GatewayRequest;
  /** `none` and `wrong` are tried because they have to be refused. */
  readonly key: 'ours' | 'none' | 'wrong';
  /** How the local model or the cloud behaves meanwhile; in the throw-away gateway only. */
  readonly stage?: Stage | CloudStage;
  /** Sent before it, half a second apart, without waiting for their answers; they may give up early. */
  readonly beside?: readonly GatewayRequest[];
  /** Milliseconds to wait before it is asked. */
  readonly afterMs?: number;
  /** Not tried if this case did not hold: it would only say the same again. */
  readonly needs?: string;
  /** Worth knowing if it does not hold, but no broken promise. */
  readonly optional?: true;
  /** Asks the fallback directly, with its connection open: what the others are measured against. */
  readonly baseline?: true;
}

/** What was tried: a case, or that a gateway is there at all. */
export type TriedCase = Pick<DrillCase, 'id' | 'title' | 'part'> & Partial<Pick<DrillCase, 'promised' | 'baseline'>>;

/** What came of a case. `noted`: not so, but nothing that was promised. */
export interface CaseResult {
  readonly drilled: TriedCase;
  readonly outcome: 'held' | 'broken' | 'noted' | 'skipped';
  /** In a few words; for a skipped case, why. */
  readonly happened: string;
  readonly exchange?: GatewayExchange;
  readonly addedMs?: number;
  /** US dollars; undefined when the gateway does not know the model's price. */
  readonly cost?: number;
  readonly problem?: Problem;
}

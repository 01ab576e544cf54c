import type { GatewayExchange } from '../components/gateway/requests/exchange.ts';
import type { Problem } from '../problem.ts';
import type { DrillCase } from './cases/drill-case.ts';

/** What was tried: a case, or that a gateway is there at all. */
export type TriedCase = Pick<DrillCase, 'id' | 'title' | 'part'> & Partial<Pick<DrillCase, 'promised' | 'baseline'>>;

/** What came of a case. `noted`: not so, but nothing that was promised. */
export interface CaseResult {
  readonly drilled: TriedCase;
  readonly outcome: 'held' | 'broken' | 'noted' | 'skipped';
  /** In a few words; of a skipped one, why. */
  readonly happened: string;
  readonly exchange?: GatewayExchange;
  readonly addedMs?: number;
  /** US dollars; undefined when the gateway does not know the model's price. */
  readonly cost?: number;
  readonly problem?: Problem;
}

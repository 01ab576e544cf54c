import type { Waiting } from '../components/gateway/queue/waiting.ts';
import type { LoggedRequest } from '../components/gateway/request-log.ts';
import type { SpendingFacts } from '../components/gateway/spending/facts.ts';
import type { Problem } from '../problem.ts';
import type { Usage } from '../usage/usage.ts';

/** What `watch` knows at a moment. */
export interface Moment {
  readonly now: Date;
  readonly gateway:
    | ({ readonly ready: false } & Problem)
    | { readonly ready: true; readonly connections: number | undefined };
  readonly today: Usage;
  /** Who waits for a local server. */
  readonly waiting: Waiting;
  /** Null without a ceiling. */
  readonly spending: SpendingFacts | null;
  /** Oldest first. */
  readonly latest: readonly LoggedRequest[];
}

/**
 * The local deployments' timeouts in the throw-away gateway: nobody waits a real one for a drill. Longer than what a machine
 * that is off may cost, or a gateway that does not notice that would pass.
 */
export const scaledTimeoutSeconds = 5;

/** Seconds that the throw-away gateway gives a box that it wakes, instead of `localModel.wake.patience`: it is there after two. */
export const scaledWakeSeconds = 4;
/** Seconds that a request waits there for its turn, instead of `failover.afterWaiting`. */
export const scaledWaitSeconds = 1;

/** A failure before the first word that somebody else can make good. */
export interface Fault {
  readonly stage: Stage;
  readonly title: string;
  /** Completes "when …". */
  readonly when: string;
  /** Milliseconds that it may add to what the fallback takes by itself. */
  readonly goalMs: number;
  readonly overflow?: true;
}

/** In the order in which they are staged; the last one leaves the local model off, to see it come back. */
export const faults = [
  fault('status-500', 'answers 500', 'the local server answers 500'),
  fault('status-503', 'answers 503', 'the local server answers 503'),
  fault('status-429', 'answers 429', 'the local server answers 429'),
  fault('overflow-n-keep', 'too long, n_keep', 'a prompt does not fit', { overflow: true }),
  fault('overflow-keep-first', 'too long, keep first', 'a prompt does not fit', { overflow: true }),
  fault('overflow-exceeds', 'too long, exceeds', 'a prompt does not fit', { overflow: true }),
  fault('silent', 'silent', 'the local server says nothing', { goalMs: scaledTimeoutSeconds * 1000 + 1000 }),
  fault('dropped', 'powered off', 'the local server’s machine is off', { goalMs: 3000 }),
  fault('refused', 'server stopped', 'the local server is stopped', { goalMs: 500 }),
] as const;

/** How the throw-away gateway's local model can be made to behave; the names are the stager's own (templates/gateway/drill_faults.py). */
export type Stage =
  | (typeof faults)[number]['stage']
  | ('answers' | 'breaks-off' | 'one-at-once' | 'busy' | 'one-not-ready' | 'asleep');

function fault<Name extends string>(
  stage: Name,
  title: string,
  when: string,
  more: Partial<Pick<Fault, 'goalMs' | 'overflow'>> = {},
) {
  return { stage, title, when, goalMs: 1000, ...more };
}

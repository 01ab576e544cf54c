/** How the throw-away gateway's local model can be made to behave; the names are the stager's own (templates/gateway/drill_faults.py). */
export const stages = [
  'answers',
  'refused',
  'dropped',
  'status-500',
  'status-503',
  'status-429',
  'overflow-n-keep',
  'overflow-keep-first',
  'overflow-exceeds',
  'silent',
  'breaks-off',
  'one-at-once',
  'busy',
  'one-not-ready',
  'asleep',
] as const;
export type Stage = (typeof stages)[number];

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

/**
 * The local deployments' timeouts in the throw-away gateway: nobody waits a real one for a drill. Longer than what a machine
 * that is off may cost, or a gateway that does not notice that would pass.
 */
export const scaledTimeoutSeconds = 5;

/** Seconds that the throw-away gateway gives a box that it wakes, instead of `localModel.wake.patience`: it is there after two. */
export const scaledWakeSeconds = 4;
/** Seconds that a request waits there for its turn, instead of `failover.afterWaiting`. */
export const scaledWaitSeconds = 1;

/** In the order in which they are staged; the last one leaves the local model off, to see it come back. */
export const faults: readonly Fault[] = [
  { stage: 'status-500', title: 'answers 500', when: 'the local server answers 500', goalMs: 1000 },
  { stage: 'status-503', title: 'answers 503', when: 'the local server answers 503', goalMs: 1000 },
  { stage: 'status-429', title: 'answers 429', when: 'the local server answers 429', goalMs: 1000 },
  { stage: 'overflow-n-keep', title: 'too long, n_keep', when: 'a prompt does not fit', goalMs: 1000, overflow: true },
  {
    stage: 'overflow-keep-first',
    title: 'too long, keep first',
    when: 'a prompt does not fit',
    goalMs: 1000,
    overflow: true,
  },
  {
    stage: 'overflow-exceeds',
    title: 'too long, exceeds',
    when: 'a prompt does not fit',
    goalMs: 1000,
    overflow: true,
  },
  {
    stage: 'silent',
    title: 'silent',
    when: 'the local server says nothing',
    goalMs: scaledTimeoutSeconds * 1000 + 1000,
  },
  { stage: 'dropped', title: 'powered off', when: 'the local server’s machine is off', goalMs: 3000 },
  { stage: 'refused', title: 'server stopped', when: 'the local server is stopped', goalMs: 500 },
];

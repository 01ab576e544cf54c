import { scaledWaitSeconds, scaledWakeSeconds } from './fault.ts';

/** Where the stager listens, as the local model, as a further server of it, and as a cloud; templates/gateway/drill_faults.py has the same numbers. */
export const STAGED_LOCAL = 'http://127.0.0.1:4101';
const STAGED_FURTHER = 'http://127.0.0.1:4105';
export const STAGED_CLOUD = 'http://127.0.0.1:4104';

type Variables = Readonly<Record<string, unknown>>;

/**
 * The gateway's variables with whatever names another server, or another machine to be woken, turned to the stager, and its waits scaled
 * down. What the gateway is not told at all stays so. `notes`: a folder that the gateway and the stager share.
 */
export function stagedEnvironment(given: Variables, notes: string): Variables {
  const staged: Variables = {
    LOCAL_PARALLEL: given['LOCAL_PARALLEL'] === 'off' ? 'off' : '1',
    SPENDING_PRETENDED: `${notes}/pretended-spending`,
    WAKE_PRETENDED: `${notes}/pretended-wake`,
  };
  const inPlace: Variables = {
    LOCAL_SERVERS: `${STAGED_LOCAL},${STAGED_FURTHER}`,
    LOCAL_WAKE: `${STAGED_LOCAL} ${scaledWakeSeconds}`,
    BUSY_TO_CLOUD_AFTER: String(scaledWaitSeconds),
  };
  const named = Object.entries(inPlace).filter(([name]) => given[name] !== undefined);
  return { ...given, ...staged, ...Object.fromEntries(named) };
}

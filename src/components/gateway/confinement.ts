import { MEMORY_LIMIT, PIDS_LIMIT } from '../../docker-client/container-bounds.ts';

/**
 * What a gateway's container may not do, as fields of a compose service. Its root is this account outside, so that it can read the
 * configuration that is for this account alone (mode 0600) and write the request log; another user would be a subordinate id, which
 * can do neither. Without capabilities and without a way to new ones that root is an ordinary account.
 */
export const confinement = {
  cap_drop: ['ALL'],
  security_opt: ['no-new-privileges:true'],
  read_only: true,
  tmpfs: ['/tmp:size=64m,mode=1777,nosuid,nodev,noexec'],
  pids_limit: PIDS_LIMIT,
  mem_limit: `${MEMORY_LIMIT / 1024 / 1024}m`,
};

/** Which bound a gateway ran into, from its last words and its end; undefined when none shows. Completes "the gateway …". */
export function boundMet(
  said: string,
  end: { readonly exitCode: number; readonly outOfMemory: boolean },
): string | undefined {
  if (end.outOfMemory) return `wanted more memory than the ${MEMORY_LIMIT / 1024 / 1024} MB of its container`;
  if (/read-only file system/i.test(said)) return 'wants to write where its container may not';
  if (/can't start new thread|resource temporarily unavailable/i.test(said))
    return `wants more than the ${PIDS_LIMIT} processes and threads of its container`;
  if (/operation not permitted/i.test(said)) return 'wants a privilege that its container has not';
  if (/no space left on device/i.test(said)) return 'wants more room in /tmp than its container has';
  return undefined;
}

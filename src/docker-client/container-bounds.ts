/** What the engine says that bounds a container; `docker container inspect` has it under HostConfig. */
export interface Bounds {
  readonly CapAdd?: readonly string[] | null | undefined;
  readonly CapDrop?: readonly string[] | null | undefined;
  readonly SecurityOpt?: readonly string[] | null | undefined;
  readonly ReadonlyRootfs?: boolean | undefined;
  readonly Privileged?: boolean | undefined;
  readonly PidsLimit?: number | null | undefined;
  readonly Memory?: number | undefined;
  readonly NetworkMode?: string | undefined;
}

/** Bytes. LiteLLM 1.108.11 takes 0.33 GB, with 50 clients of 150 KB at once 0.48 GB; the kernel ends the gateway beyond this. */
export const MEMORY_LIMIT = 1536 * 1024 * 1024;
/** Processes and threads. 50 clients at once were seen to take 36. */
export const PIDS_LIMIT = 256;

/** What a container may do beyond that, in words; empty when it is bounded as it should be. */
export function loosened(bounds: Bounds): readonly string[] {
  const tied = (bounds.SecurityOpt ?? []).some((option) => /^no-new-privileges([:=]true)?$/.test(option));
  const bare = (bounds.CapDrop ?? []).some((capability) => /^all$/i.test(capability));
  const added = bounds.CapAdd ?? [];
  return [
    ...(bounds.Privileged === true ? ['is privileged'] : []),
    ...(bare && added.length === 0 ? [] : ['has capabilities']),
    ...(tied ? [] : ['may gain privileges']),
    ...(bounds.ReadonlyRootfs === true ? [] : ['may write its own files']),
    ...(sameLimit(bounds.PidsLimit, PIDS_LIMIT) ? [] : ['has another limit of processes']),
    ...(sameLimit(bounds.Memory, MEMORY_LIMIT) ? [] : ['has another limit of memory']),
    ...(bounds.NetworkMode === 'host' ? ['shares this machine’s network'] : []),
  ];
}

/** An engine that was not given the control group for it drops a limit with a warning and then says none: nobody's doing. */
function sameLimit(found: number | null | undefined, wanted: number): boolean {
  return (found ?? 0) === 0 || found === wanted;
}

import * as z from 'zod';
import type { Probe } from '../host/host.ts';
import { parsedJson } from '../text/json.ts';
import { withoutRequests } from '../text/said.ts';
import { askEngine, containerInspect, docker, type Engine, type Looking, projectLabel } from './docker.ts';

/** Label of our container: a hash of everything that it is made of. */
export const inputsLabel = 'claude-routing.inputs';

/** A container as the engine describes it. */
export interface InspectedContainer {
  /** `running`, `exited`, `restarting`, `created`, `paused`, `dead`. */
  readonly status: string;
  readonly running: boolean;
  /** Milliseconds since 1970. */
  readonly startedAt: number;
  readonly exitCode: number;
  readonly restarts: number;
  /** `healthy`, `unhealthy`, `starting`; undefined without a health check. */
  readonly health: string | undefined;
  /** The reference that it was made from. */
  readonly image: string | undefined;
  /** sha256:… of the image that it runs. */
  readonly imageId: string | undefined;
  /** Its limits; undefined if the engine does not say. */
  readonly bounds: Bounds | undefined;
  /** NAME=value, including keys. */
  readonly environment: readonly string[];
  /** The compose project; undefined where compose did not make it. */
  readonly project: string | undefined;
  /** Our label; undefined on a container that this program did not make. */
  readonly inputs: string | undefined;
}

const words = z.array(z.string()).nullish();
const bounds = z.object({
  CapAdd: words,
  CapDrop: words,
  SecurityOpt: words,
  ReadonlyRootfs: z.boolean().optional(),
  Privileged: z.boolean().optional(),
  PidsLimit: z.number().nullish(),
  Memory: z.number().optional(),
  NetworkMode: z.string().optional(),
  RestartPolicy: z.object({ Name: z.string() }).optional(),
});

/** What the engine says about a container's limits. */
export type Bounds = Readonly<z.infer<typeof bounds>>;

const inspected = z
  .array(
    z.object({
      Image: z.string().optional().catch(undefined),
      RestartCount: z.number().catch(0),
      State: z.object({
        Status: z.string().catch(''),
        Running: z.boolean(),
        StartedAt: z.string(),
        ExitCode: z.number().catch(0),
        Health: z.object({ Status: z.string() }).optional().catch(undefined),
      }),
      HostConfig: bounds.optional().catch(undefined),
      Config: z.object({
        Image: z.string().optional().catch(undefined),
        Env: z.array(z.string()).catch([]),
        Labels: z.record(z.string(), z.string()).nullish(),
      }),
    }),
  )
  .min(1);

/** Reads what `docker container inspect NAME` printed; undefined when it describes no container. */
export function readContainer(text: string): InspectedContainer | undefined {
  const found = inspected.safeParse(parsedJson(text)).data?.[0];
  if (found === undefined) return undefined;
  const { Image, RestartCount, State, Config, HostConfig } = found;
  return {
    status: State.Status,
    running: State.Running,
    startedAt: Date.parse(State.StartedAt),
    exitCode: State.ExitCode,
    restarts: RestartCount,
    health: State.Health?.Status,
    image: Config.Image,
    imageId: Image,
    bounds: HostConfig,
    environment: Config.Env,
    project: Config.Labels?.[projectLabel],
    inputs: Config.Labels?.[inputsLabel],
  };
}

/** The gateway's container: undefined if there is none, `no-engine` if there is no engine to ask. */
export async function gatewayContainer(looking: Looking): Promise<InspectedContainer | undefined | 'no-engine'> {
  const { probe, layout } = looking;
  if ((await askEngine(looking)).exitCode !== 0) return 'no-engine';
  return readContainer((await probe.query(containerInspect(layout, layout.containerName))).stdout);
}

/** Bytes. LiteLLM 1.108.11 takes 0.33 GB, with 50 clients of 150 KB at once 0.48 GB; the kernel ends the gateway beyond this. */
export const MEMORY_LIMIT = 1536 * 1024 * 1024;
/** Processes and threads. 50 clients at once were seen to take 36. */
export const PIDS_LIMIT = 256;

/** What a container may do beyond that, in words; empty if it has all the limits it should have. */
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
    ...(/^(?:always|unless-stopped)?$/.test(bounds.RestartPolicy?.Name ?? '')
      ? []
      : ['does not start with the engine']),
    ...(bounds.NetworkMode === 'host' ? ['shares this machine’s network'] : []),
  ];
}

/** An engine without the control group for a limit drops it with a warning and then reports none: that is nobody's doing. */
function sameLimit(found: number | null | undefined, wanted: number): boolean {
  return (found ?? 0) === 0 || found === wanted;
}

/**
 * The last lines that a container wrote, without those that could quote a conversation: LiteLLM logs requests that fail. The
 * only place that asks for them, so that none gets onto a screen, into a report or into JSON.
 */
export async function containerLog(
  probe: Pick<Probe, 'query'>,
  engine: Engine,
  name: string,
  lines: number,
): Promise<string> {
  const { stdout, stderr } = await probe.query(docker(engine, ['logs', '--tail', String(lines), name]));
  return withoutRequests(`${stdout}\n${stderr}`);
}

/** The last non-empty lines of a program's output, without colours. */
export function lastWords(text: string, count = 2): readonly string[] {
  const lines = text.split('\n').map((line) => line.replace(colours, '').trim());
  return lines.filter((line) => line !== '').slice(-count);
}

const colours = /\x1b\[[0-9;]*m/g;

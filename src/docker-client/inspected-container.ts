import * as z from 'zod';
import { parsedJson } from '../text/json.ts';
import type { Bounds } from './container-bounds.ts';

/** Label of our container: a hash over everything that it is made of. */
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
  /** What it may do; undefined where the engine does not say. */
  readonly bounds: Bounds | undefined;
  /** NAME=value, keys among them. */
  readonly environment: readonly string[];
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
});

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
    inputs: Config.Labels?.[inputsLabel],
  };
}

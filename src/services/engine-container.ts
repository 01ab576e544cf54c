import { z } from 'zod';
import { parsedBody } from './reply-body.ts';

/** A container as the engine describes it. */
export interface EngineContainer {
  /** `running`, `exited`, `restarting`, `created`, `paused`, `dead`. */
  readonly status: string;
  readonly exitCode: number;
  readonly restarts: number;
  /** `healthy`, `unhealthy`, `starting`; undefined without a health check. */
  readonly health: string | undefined;
  readonly image: string;
  /** NAME=value, keys among them. */
  readonly environment: readonly string[];
}

const inspected = z
  .array(
    z.object({
      RestartCount: z.number().catch(0),
      State: z.object({
        Status: z.string(),
        ExitCode: z.number().catch(0),
        Health: z.object({ Status: z.string() }).optional().catch(undefined),
      }),
      Config: z.object({ Image: z.string(), Env: z.array(z.string()).catch([]) }),
    }),
  )
  .min(1);

/** Reads what `docker container inspect NAME` printed; undefined when it describes no container. */
export function readContainer(text: string): EngineContainer | undefined {
  const found = inspected.safeParse(parsedBody(text)).data?.[0];
  if (found === undefined) return undefined;
  const { RestartCount, State, Config } = found;
  return {
    status: State.Status,
    exitCode: State.ExitCode,
    restarts: RestartCount,
    health: State.Health?.Status,
    image: Config.Image,
    environment: Config.Env,
  };
}

import { LOCAL, LOCAL_ONLY } from '../components/gateway/models.ts';
import { gateway } from '../components/gateway/step.ts';
import { serversOf } from '../components/lm-studio/checks.ts';
import type { Context } from '../context.ts';
import { planStep } from '../engine/run-step.ts';
import type { Hints } from '../failover-test/cause.ts';
import { fallbacksIn } from '../failover-test/throw-away.ts';
import { titleOf } from '../resources/resource.ts';
import type { Program } from '../session/program.ts';

/** Looks for what can explain a promise that does not hold. */
export async function hintsOn({ host }: Program, context: Context): Promise<Hints> {
  const { layout, answers, secrets } = context;
  const [planned, servers, config] = await Promise.all([
    planStep(gateway, context, host),
    serversOf(host, { answers, secrets }),
    host.readFile(layout.gatewayConfig),
  ]);
  const silent = servers.map(({ found }) => (found.ok ? undefined : found.problem));
  return {
    drift: planned.filter(({ plan }) => plan.status !== 'ok').map(({ resource }) => titleOf(resource)),
    fallbacks: { local: fallbacksIn(config ?? '', LOCAL), strict: fallbacksIn(config ?? '', LOCAL_ONLY) },
    configPath: layout.gatewayConfig,
    containerName: layout.containerName,
    local: silent.includes(undefined) ? undefined : silent[0],
  };
}

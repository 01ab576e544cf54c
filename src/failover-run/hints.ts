import { LOCAL, LOCAL_ONLY } from '../components/gateway/models.ts';
import { gateway } from '../components/gateway/step.ts';
import { identifyServer } from '../components/lm-studio/local-server.ts';
import type { Context } from '../context.ts';
import { planStep } from '../engine/run-step.ts';
import type { Hints } from '../failover-test/cause.ts';
import { fallbacksIn } from '../failover-test/throw-away.ts';
import type { Program } from '../session/program.ts';

/** Looks for what can explain a promise that does not hold. */
export async function hintsOn({ host }: Program, context: Context): Promise<Hints> {
  const { layout, answers, secrets } = context;
  const [planned, server, config] = await Promise.all([
    planStep(gateway, context, host),
    identifyServer(host, answers.localModel.address, secrets.localModelToken),
    host.readFile(layout.gatewayConfig),
  ]);
  return {
    drift: planned.filter(({ plan }) => plan.status !== 'ok').map(({ resource }) => resource.title),
    fallbacks: { local: fallbacksIn(config ?? '', LOCAL), strict: fallbacksIn(config ?? '', LOCAL_ONLY) },
    configPath: layout.gatewayConfig,
    containerName: layout.containerName,
    local: server.ok ? undefined : server.problem,
  };
}

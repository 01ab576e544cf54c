import type { Problem } from '../engine/finding.ts';
import type { CommandResult, Probe } from '../host/host.ts';
import type { Secret } from '../host/secret.ts';
import type { Layout } from '../layout.ts';
import { inspectCommand, parseInspect } from '../resources/container.ts';
import { inspectSystemdUnit } from '../resources/systemd-unit.ts';
import { liteLlmVersion, readiness } from '../services/gateway-client.ts';
import type { ContainerFacts, DockerFacts, GatewayFacts, Looked, SystemFacts } from './report.ts';

/** How long a look may take, in words that a person is told when it took longer. */
export const patience = { ms: 1000, words: '1 s' } as const;

/** Why a program gave no answer. */
export function silence(what: string, { exitCode, stderr }: CommandResult, fix: string): Problem {
  if (exitCode === 127) return { problem: `${what} is not installed`, fix: 'install it:  claude-routing-install' };
  if (exitCode === 124) return { problem: `${what} did not answer within ${patience.words}`, fix };
  return { problem: `${what} does not answer: ${stderr.trim().split('\n')[0] || `exit code ${exitCode}`}`, fix };
}

const startEngine = 'see what it says:  systemctl --user status docker';

/** The rootless engine's own version: reached through this account's socket, it is no other's. */
export async function lookAtDocker(probe: Probe, { sessionEnv }: Layout): Promise<Looked<DockerFacts>> {
  const reply = await probe.query({ file: 'docker', args: ['version', '-f', '{{.Server.Version}}'], env: sessionEnv });
  if (reply.exitCode !== 0) return silence('Docker', reply, startEngine);
  return { version: reply.stdout.trim(), rootless: true };
}

/** The engine's unit, of this account's own service manager. */
export async function lookAtUnit(probe: Probe, unit: string): Promise<SystemFacts['engineUnit']> {
  const found = await inspectSystemdUnit(probe, {
    kind: 'systemd-unit',
    title: unit,
    unit,
    scope: 'user',
    wanted: 'running-at-boot',
    comesWith: '',
  });
  if (found.unreachable === undefined) return { active: found.active, enabled: found.enabled };
  const fix = 'log in by ssh as this user, or let an administrator type  loginctl enable-linger';
  return {
    problem: `the user service manager does not answer${found.unreachable === '' ? '' : `: ${found.unreachable}`}`,
    fix,
  };
}

/** The gateway's container, whether it runs or not. */
export async function lookAtContainer(probe: Probe, layout: Layout): Promise<Looked<ContainerFacts>> {
  const name = layout.containerName;
  const reply = await probe.query(inspectCommand({ name, env: layout.sessionEnv }));
  if (reply.exitCode !== 0 && /no such container/i.test(reply.stderr))
    return { problem: `there is no container ${name}`, fix: 'make it:  claude-routing-install' };
  if (reply.exitCode !== 0) return silence('the engine', reply, startEngine);
  const found = parseInspect(reply.stdout);
  if (found === 'unreadable')
    return {
      problem: `what the engine says about ${name} cannot be understood`,
      fix: `docker container inspect ${name}`,
    };
  return {
    name,
    image: found.image ?? 'unknown',
    imageId: found.imageId ?? null,
    running: found.running,
    startedAt: new Date(found.startedAt).toISOString(),
    health: found.health ?? null,
    restarts: found.restarts ?? null,
  };
}

/** Whether the gateway takes requests, and what LiteLLM it is. The key is shown only to what answers as LiteLLM. */
export async function lookAtGateway(
  probe: Probe,
  { gatewayUrl, containerName }: Layout,
  key: Secret | undefined,
): Promise<Looked<GatewayFacts>> {
  const state = await readiness(probe, gatewayUrl);
  if (!state.ready) return { problem: state.problem, fix: `see why:  docker logs --tail 20 ${containerName}` };
  const litellm = key === undefined ? undefined : await liteLlmVersion(probe, gatewayUrl, key);
  return { url: gatewayUrl, ms: Math.round(state.ms), litellm: litellm ?? null };
}

import { liteLlmVersion, readiness } from '../components/gateway/requests/client.ts';
import type { Answers } from '../config/schema.ts';
import { readContainer } from '../docker-client/container.ts';
import { containerInspect, engineReply, engineVersion } from '../docker-client/docker.ts';
import { type CommandResult, type Probe, ranOutOfTime } from '../host/host.ts';
import type { Secret } from '../host/secret.ts';
import type { Layout } from '../layout.ts';
import { type Problem, problemOf } from '../problem.ts';
import { inspectSystemdUnit } from '../resources/systemd-unit.ts';
import type { ContainerFacts, DockerFacts, GatewayFacts, Looked, SystemFacts, WakeFacts } from './report.ts';

/** Milliseconds that are waited for engine and network, which may be silent for ever, and for a program, which is slow only when this machine is. */
export const patience = { ms: 1000, programMs: 10_000 } as const;

/** Why a program gave no answer; `ms` is how long was waited. */
export function silence(what: string, { exitCode, stderr }: CommandResult, fix: string, ms?: number): Problem {
  const within = ms === undefined ? '' : ` within ${Math.round(ms / 100) / 10} s`;
  if (exitCode === 127)
    return { code: 'program-missing', problem: `${what} is not installed`, fix: 'install it:  claude-routing-install' };
  if (ranOutOfTime({ exitCode })) return { code: 'timed-out', problem: `${what} did not answer${within}`, fix };
  return {
    code: 'docker-silent',
    problem: `${what} does not answer: ${stderr.trim().split('\n')[0] || `exit code ${exitCode}`}`,
    fix,
  };
}

const startEngine = 'see what it says:  systemctl --user status docker';

/** What the engine answered, and how long was waited for it at the most. */
interface EngineAnswer {
  readonly reply: CommandResult;
  readonly ms: number;
}

/** Asks the engine for its version, which it answers at once or not at all. */
export async function askEngine(probe: Probe, layout: Layout): Promise<EngineAnswer> {
  const read = async (path: string) => (await probe.readFile(path).catch(() => undefined)) ?? '';
  const [load, processors] = await Promise.all([read('/proc/loadavg'), read('/proc/cpuinfo')]);
  const ms = enginePatience(load, processors);
  return { reply: await probe.query(engineVersion(layout, { timeoutMs: ms })), ms };
}

/** A second, and as many more as programs wait for each processor: on a busy machine slowness is no silence. Source: proc(5). */
export function enginePatience(loadavg: string, cpuinfo: string): number {
  const processors = cpuinfo.match(/^processor\s*:/gm)?.length ?? 1;
  const waiting = Number(loadavg.split(' ')[0]) / processors;
  return Math.min(patience.programMs, Math.round(patience.ms * Math.max(1, Number.isFinite(waiting) ? waiting : 1)));
}

/** True of an engine that is there but silent: every other question to it would take as long. */
export function isSilent({ reply }: EngineAnswer): boolean {
  return ranOutOfTime(reply);
}

/** What the engine answered. Reached through this account's own socket, it is rootless. */
export function dockerFacts({ reply, ms }: EngineAnswer): Looked<DockerFacts> {
  if (reply.exitCode !== 0) return silence('Docker', reply, startEngine, ms);
  return { version: reply.stdout.trim(), rootless: true };
}

/** The engine's unit, of this account's own service manager. */
export async function lookAtUnit(probe: Probe, unit: string): Promise<SystemFacts['engineUnit']> {
  const found = await inspectSystemdUnit(probe, {
    kind: 'systemd-unit',
    id: 'engine-service',
    title: unit,
    unit,
    scope: 'user',
    wanted: 'running-at-boot',
    comesWith: '',
  });
  if (found.unreachable === undefined) return { active: found.active, enabled: found.enabled };
  const fix = 'log in by ssh as this user, or let an administrator type  loginctl enable-linger';
  return {
    code: 'no-login-session',
    problem: `the user service manager does not answer${found.unreachable === '' ? '' : `: ${found.unreachable}`}`,
    fix,
  };
}

/** The gateway's container, whether it runs or not. */
export async function lookAtContainer(probe: Probe, layout: Layout): Promise<Looked<ContainerFacts>> {
  const name = layout.containerName;
  const reply = await probe.query(containerInspect(layout, name));
  if (reply.exitCode !== 0 && engineReply(reply).answers)
    return {
      code: 'gateway-not-running',
      problem: `there is no container ${name}`,
      fix: 'make it:  claude-routing-install',
    };
  if (reply.exitCode !== 0) return silence('the engine', reply, startEngine);
  const found = readContainer(reply.stdout);
  if (found === undefined)
    return {
      code: 'docker-answer-unclear',
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
    restarts: found.restarts,
  };
}

/** Whether the gateway takes requests, and what LiteLLM it is. The key is shown only to what answers as LiteLLM. */
export async function lookAtGateway(
  probe: Probe,
  { gatewayUrl, containerName }: Layout,
  key: Secret | undefined,
): Promise<Looked<GatewayFacts>> {
  const state = await readiness(probe, gatewayUrl);
  if (!state.ready) return { ...problemOf(state), fix: `see why:  docker logs --tail 20 ${containerName}` };
  const litellm = key === undefined ? undefined : await liteLlmVersion(probe, gatewayUrl, key);
  return { url: gatewayUrl, ms: Math.round(state.ms), litellm: litellm ?? null };
}

/** null: not chosen. */
export async function lookAtWake(
  probe: Probe,
  { wakePath }: Layout,
  wake: Answers['localModel']['wake'],
): Promise<WakeFacts | null> {
  if (wake === undefined) return null;
  return { ...wake, unit: await lookAtUnit(probe, wakePath.split('/').at(-1) ?? '') };
}

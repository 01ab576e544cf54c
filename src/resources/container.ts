import { type InspectedContainer, loosened, readContainer } from '../docker-client/container.ts';
import { ask, composeUp, containerInspect, dockerRun, type Engine, imageInspect } from '../docker-client/docker.ts';
import { enginePort, type HolderWords, holderWords, portHolder } from '../docker-client/port-holder.ts';
import type { HttpReply, Probe, RunCommand } from '../host/host.ts';
import type { ContainerResource, Plan, Resource, ResourceId } from './resource.ts';

interface FoundContainer {
  /** False while there is no engine to ask. */
  readonly engine: boolean;
  /** undefined: no container of that name; `unreadable`: the engine's answer could not be understood. */
  readonly container: LookedAt | 'unreadable' | undefined;
  /** Whether one of the mounted files differs from what it should be, or is newer than the container's start. */
  readonly staleMount: boolean;
  /** Something that answers on our port although our container is not running. */
  readonly portTakenBy: HolderWords | undefined;
  /** The person's own engine holds our port for no container; this many other containers run in it. */
  readonly leftOver: { readonly running: number } | undefined;
  /** Who would notice a stop of the running container; undefined if it need not be stopped, or nobody would. */
  readonly inUse: string | undefined;
}

/** What decides about a container. */
type LookedAt = Pick<
  InspectedContainer,
  'status' | 'running' | 'inputs' | 'project' | 'image' | 'startedAt' | 'bounds'
>;

export async function inspectContainer(probe: Probe, wanted: ContainerResource): Promise<FoundContainer> {
  const { answers: engine, exists, said } = await ask(probe, containerInspect(engineOf(wanted), wanted.name));
  const container = exists ? (readContainer(said) ?? 'unreadable') : undefined;
  if (container === 'unreadable')
    return { engine, container, staleMount: false, portTakenBy: undefined, leftOver: undefined, inUse: undefined };
  const staleMount = container === undefined ? false : await anyStale(probe, wanted, container.startedAt);
  const held = engine && container?.running !== true ? await whoHolds(probe, wanted) : {};
  const stops =
    container?.running === true &&
    (staleMount || container.inputs !== wanted.inputsHash || container.project !== wanted.project);
  const inUse = stops ? await wanted.inUse?.(probe) : undefined;
  return { engine, container, staleMount, inUse, portTakenBy: undefined, leftOver: undefined, ...held };
}

function engineOf({ env }: ContainerResource): Engine {
  return { sessionEnv: env };
}

/** A replaced file gets a new inode; the container keeps seeing the old one until it is restarted. */
async function anyStale(probe: Probe, { mounted }: ContainerResource, startedAt: number): Promise<boolean> {
  const stale = mounted.map(async ({ path, content }) => {
    const [text, stat] = await Promise.all([probe.readFile(path), probe.stat(path)]);
    return text !== content || (stat?.changedAt ?? 0) > startedAt;
  });
  return (await Promise.all(stale)).includes(true);
}

type Held = Partial<Pick<FoundContainer, 'portTakenBy' | 'leftOver'>>;

/** Who has our port. The person's own engine is asked for whom it holds it before anybody is called a stranger. */
async function whoHolds(probe: Probe, wanted: ContainerResource): Promise<Held> {
  const answering = await whoAnswers(probe, wanted.port);
  if (answering === undefined) return {};
  const holder = await portHolder(probe, wanted.port);
  const own = await enginePort(probe, holder, wanted.port, engineOf(wanted));
  if (own.is === 'left-over') return { leftOver: own };
  if (own.is === 'published')
    return { portTakenBy: { who: `your own container ${own.by.join(', ')}`, stop: `docker stop ${own.by.join(' ')}` } };
  const { who, stop } = holderWords(holder, wanted.port);
  return { portTakenBy: { who: holder === undefined ? answering : `${answering}, ${who}`, stop } };
}

async function whoAnswers(probe: Probe, port: number): Promise<string | undefined> {
  const reply = await probe.http({ url: `http://127.0.0.1:${port}/health/readiness`, timeoutMs: 2000 });
  if (!reply.reached) return reply.failure === 'refused' ? undefined : 'something that does not speak HTTP';
  return looksLikeGateway(reply) ? 'another LiteLLM gateway' : 'another web server';
}

function looksLikeGateway(reply: HttpReply & { reached: true }): boolean {
  return reply.status === 200 && /"(status|db)"\s*:/.test(reply.body);
}

type ChangePlan = Plan & { readonly status: 'change' };

export function planContainer(wanted: ContainerResource, found: FoundContainer): Plan {
  if (!found.engine) return { status: 'later', waitsFor: 'rootless Docker' };
  if (found.container === 'unreadable') return unreadable(wanted);
  const plan = withNotice(planFor(wanted, found, found.container), found.inUse);
  return found.container?.status === 'paused' ? unpaused(wanted, plan) : plan;
}

/** Whatever else is to be done with it: compose does not start one that was paused, and the engine stops none. */
function unpaused(wanted: ContainerResource, plan: Plan): Plan {
  const first = run(wanted, ['unpause', wanted.name], `let ${wanted.name} go on, which somebody has paused`);
  if (plan.status === 'ok') return { status: 'change', summary: first.why, effects: [first] };
  return plan.status === 'change' ? { ...plan, effects: [first, ...plan.effects] } : plan;
}

/** Whoever is at work in the gateway should know before the person agrees. */
function withNotice(plan: Plan, inUse: string | undefined): Plan {
  if (plan.status !== 'change' || inUse === undefined) return plan;
  return { ...plan, notes: [...(plan.notes ?? []), inUse] };
}

function planFor(wanted: ContainerResource, found: FoundContainer, container: LookedAt | undefined): Plan {
  if (container !== undefined && container.inputs === undefined)
    return isGateway(container) ? adopt(wanted, container) : foreign(wanted, container);
  if (found.portTakenBy !== undefined) return portTaken(wanted, found.portTakenBy);
  if (found.leftOver !== undefined) return freed(wanted, container, found.leftOver);
  if (container === undefined) return up(wanted, `create and start ${wanted.name}`);
  if (container.project !== wanted.project) return moved(wanted, container);
  if (container.inputs !== wanted.inputsHash)
    return replacing(container, up(wanted, `re-create ${wanted.name} with the new settings`));
  const loose = container.bounds === undefined ? [] : loosened(container.bounds);
  if (loose.length > 0)
    return replacing(
      container,
      up(wanted, `re-create ${wanted.name}, which ${loose.join(', ')}`, ['--force-recreate']),
    );
  if (!container.running) return up(wanted, `start ${wanted.name}`);
  if (found.staleMount) return restart(wanted);
  return { status: 'ok', note: `${wanted.name} runs as it should` };
}

/** A container that serves has to be stopped for it. */
function replacing({ running }: LookedAt, plan: ChangePlan): ChangePlan {
  return running ? { ...plan, destructive: true } : plan;
}

/** Made by a former release, in a project that may be somebody else's as well: compose would not find it in ours, and the name is taken. */
function moved(wanted: ContainerResource, container: LookedAt): ChangePlan {
  const plan = up(wanted, `re-create ${wanted.name} in a compose project of its own`);
  const away = run(wanted, ['rm', '--force', wanted.name], `remove the former ${wanted.name}`);
  return replacing(container, { ...plan, effects: [away, ...plan.effects] });
}

/** A gateway made by hand is recognised by its image. */
function isGateway({ image = 'litellm' }: LookedAt): boolean {
  return /litellm/i.test(image);
}

function foreign({ name }: ContainerResource, { image }: LookedAt): Plan {
  return {
    status: 'blocked',
    code: 'container-foreign',
    problem: `the container ${name} runs ${image}, which is no gateway of this program`,
    fix: `give it another name, and whoever uses it by that name, too:  docker rename ${name} ${name}-mine`,
  };
}

/** A container of this name that somebody made by hand, as the manual guide does: set aside under another name, not thrown away. */
function adopt(wanted: ContainerResource, container: LookedAt): Plan {
  const aside = `${wanted.name}-before-${container.startedAt}`;
  const effects = [
    run(wanted, ['update', '--restart=no', wanted.name], 'keep the old container from starting by itself'),
    run(wanted, ['stop', wanted.name], 'stop the old container'),
    run(wanted, ['rename', wanted.name, aside], `keep the old container as ${aside}`),
    bringUp(wanted),
  ];
  return {
    status: 'change',
    summary: `replace the hand-made container ${wanted.name} (kept, stopped, as ${aside})`,
    effects,
    destructive: true,
    notes: [`to remove the old container for good:  docker rm ${aside}`],
  };
}

function unreadable({ name }: ContainerResource): Plan {
  return {
    status: 'blocked',
    code: 'docker-answer-unclear',
    problem: `what the engine says about the container ${name} cannot be understood`,
    fix: `see what it says:  docker container inspect ${name}`,
  };
}

function up(wanted: ContainerResource, summary: string, more: readonly string[] = []): ChangePlan {
  return { status: 'change', summary, effects: [bringUp(wanted, more)] };
}

function restart(wanted: ContainerResource): Plan {
  const summary = `restart ${wanted.name} so that it reads its changed files`;
  return { status: 'change', summary, effects: [run(wanted, ['restart', wanted.name], summary)], destructive: true };
}

/**
 * A machine that is switched off while a container is made comes back with its port held and nobody behind it. The engine
 * lets go of it only when that container is gone and it is started anew; to start it with the container there brings the
 * port back as well.
 */
function freed(
  wanted: ContainerResource,
  container: LookedAt | undefined,
  { running }: { readonly running: number },
): Plan {
  const { port, name } = wanted;
  const gone = container === undefined ? [] : [run(wanted, ['rm', '--force', name], `remove the half-made ${name}`)];
  const restart: RunCommand = {
    do: 'run',
    why: `restart your Docker engine, which still holds port ${port}`,
    command: { file: 'systemctl', args: ['--user', 'restart', 'docker.service'], env: wanted.env },
  };
  const others =
    running === 0
      ? []
      : [
          running === 1
            ? '1 other container of yours starts again with the engine'
            : `${running} other containers of yours start again with the engine`,
        ];
  return {
    status: 'change',
    summary: `free port ${port}, which your Docker engine kept from an interrupted start, and create ${name} again`,
    effects: [...gone, restart, bringUp(wanted)],
    destructive: true,
    notes: others,
  };
}

function portTaken({ port, name }: ContainerResource, { who, stop }: HolderWords): Plan {
  return {
    status: 'blocked',
    code: 'port-taken',
    problem: `port ${port} on 127.0.0.1 is taken by ${who}, so ${name} cannot use it`,
    fix: `${stop}  or choose another port:  --set gateway.port=${port + 1}`,
  };
}

/** Compose does not notice what was loosened with `docker update`: it has to be told to re-create the container. */
function bringUp(wanted: ContainerResource, more: readonly string[] = []): RunCommand {
  const { project, composeFile: file, service, name } = wanted;
  return composeUp(engineOf(wanted), { project, file }, ['--quiet-pull', ...more, service], `bring up ${name}`);
}

function run(wanted: ContainerResource, args: readonly string[], why: string): RunCommand {
  return dockerRun(engineOf(wanted), args, why);
}

/** That an image is not there. */
export function imageGone(engine: Engine, id: ResourceId, title: string, reference: string): Resource {
  return {
    kind: 'script',
    id,
    title,
    inspect: async (probe) =>
      (await ask(probe, imageInspect(engine, reference))).exists
        ? { status: 'change', summary: `remove ${reference}`, destructive: true }
        : { status: 'ok', note: 'none' },
    effects: [dockerRun(engine, ['rmi', reference], `remove ${reference}`)],
  };
}

import { beside } from '../host/beside.ts';
import type { Command, CommandResult, Probe, RunCommand } from '../host/host.ts';

/*
 * Everything that the docker client is called with. No other file names the program, so that each command goes to this
 * account's own engine, whatever this shell says.
 */

/** Points the client to the right engine. */
export interface Engine {
  readonly sessionEnv: Readonly<Record<string, string>>;
}

/** How long it may take, and how long it may say nothing, in milliseconds; whether it is given a terminal. */
type Patience = Pick<Command, 'timeoutMs' | 'silenceMs' | 'tellsTerminals'>;

/** A command of the client. */
export function docker({ sessionEnv }: Engine, args: readonly string[], patience: Patience = {}): Command {
  return { file: 'docker', args, env: sessionEnv, ...patience };
}

/** A change that the client makes. */
export function dockerRun(engine: Engine, args: readonly string[], why: string, patience: Patience = {}): RunCommand {
  return { do: 'run', why, command: docker(engine, args, patience) };
}

/** What the engine says about a container, for `readContainer`, or the one thing that a template asks for. */
export function containerInspect(engine: Engine, name: string, template?: string): Command {
  return docker(engine, ['container', 'inspect', ...(template === undefined ? [] : ['-f', template]), name]);
}

/** The id of an image, or what else a template asks for. */
export function imageInspect(engine: Engine, reference: string, template = '{{.Id}}'): Command {
  return docker(engine, ['image', 'inspect', '-f', template, reference]);
}

/**
 * Fetches an image. Docker tells a terminal what is fetched of each layer, in bytes; without one it says a word for each, and a
 * large layer takes its time on a slow line.
 */
export function imagePull(engine: Engine, reference: string): RunCommand {
  return dockerRun(engine, ['pull', reference], `pull ${reference}`, { silenceMs: 45 * 60_000, tellsTerminals: true });
}

/** Comes with Docker's packages; the engine itself exists once this has run. */
export const rootlessTool = '/usr/bin/dockerd-rootless-setuptool.sh';

/** Begins to fetch an image as soon as the engine answers; whoever pulls the same meanwhile gets what has come. */
export function imagePullAhead({ sessionEnv }: Engine, reference: string): RunCommand {
  const pull = { file: 'bash', args: ['-c', pullOnceThere, 'bash', reference], env: sessionEnv };
  return { do: 'run', why: `begin to fetch ${reference}`, command: beside(pullAheadName, pull) };
}

/** The action log finds the pulled image by it. */
export const pullAheadName = 'pull-ahead';

const pullOnceThere = 'for turn in {1..600}; do docker version && exec docker pull --quiet "$1"; sleep 0.3; done';

/**
 * Compose knows its containers by project and service alone, and makes those anew that fit no file any more: in a project of
 * somebody else it would throw theirs away. A name in the environment or in a file `.env` goes before that in the compose file.
 */
export function composeUp(
  engine: Engine,
  { project, file }: { readonly project: string; readonly file: string },
  words: readonly string[],
  why: string,
  patience: Patience = {},
): RunCommand {
  return dockerRun(
    engine,
    ['compose', '--project-name', project, '--file', file, 'up', '--detach', ...words],
    why,
    patience,
  );
}

/** Asks for the container of a name that was made from a compose file, running or not: its id, or nothing. */
export function madeFrom(engine: Engine, name: string, file: string): Command {
  const filters = [`name=^${name}$`, `label=${fileLabel}=${file}`];
  return docker(engine, ['ps', '--all', '--quiet', ...filters.flatMap((filter) => ['--filter', filter])]);
}

/** Asks for the network that compose made for a project: its id, or nothing. One of that name without compose's label is somebody's own. */
export function networkOf(engine: Engine, project: string): Command {
  const filters = [`name=^${networkName(project)}$`, `label=${projectLabel}=${project}`];
  return docker(engine, ['network', 'ls', '--quiet', ...filters.flatMap((filter) => ['--filter', filter])]);
}

/** What compose calls the network of a project. */
export function networkName(project: string): string {
  return `${project}_default`;
}

/** On each container of compose's: the file that it was made from. */
export const fileLabel = 'com.docker.compose.project.config_files';

/** Compose knows a project's containers and networks by it. */
export const projectLabel = 'com.docker.compose.project';

/** Runs Python code in a container. */
export function pythonIn(engine: Engine, container: string, code: string, ...args: readonly string[]): Command {
  return docker(engine, ['exec', container, 'python3', '-c', code, ...args], { timeoutMs: 20_000 });
}

/** The engine's version, which it says at once or not at all. */
export function engineVersion(engine: Engine, patience: Patience = {}): Command {
  return docker(engine, ['version', '-f', '{{.Server.Version}}'], patience);
}

/** Contexts are the client's files; with DOCKER_HOST set it would not use them. */
export function dockerContext({ sessionEnv }: Engine, ...args: readonly string[]): Command {
  return docker({ sessionEnv: withoutHost(sessionEnv) }, ['context', ...args]);
}

/** A session in which contexts count. */
export function withoutHost({
  XDG_RUNTIME_DIR = '',
  DBUS_SESSION_BUS_ADDRESS = '',
}: Engine['sessionEnv']): Record<string, string> {
  return { XDG_RUNTIME_DIR, DBUS_SESSION_BUS_ADDRESS, DOCKER_HOST: '' };
}

/** The containers that run in the machine's own engine, which is root's. */
export const rootfulContainers: Command = {
  file: 'docker',
  args: ['-H', 'unix:///var/run/docker.sock', 'ps', '-q'],
  sudo: true,
};

/** Whether it needs the engine: contexts are only the client's files. */
export function asksEngine({ file, args }: Command): boolean {
  return file === 'docker' && args[0] !== 'context';
}

/** The engine's answer about a thing. */
export interface EngineReply {
  /** There is an engine. */
  readonly answers: boolean;
  /** It knows the thing. */
  readonly exists: boolean;
  /** What it says about it; empty if it does not know it. */
  readonly said: string;
}

/** Asks the engine. */
export async function ask(probe: Pick<Probe, 'query'>, command: Command): Promise<EngineReply> {
  return engineReply(await probe.query(command));
}

/** Reads what the client said: "no such thing" is an answer, a missing client is not. */
export function engineReply({ exitCode, stdout, stderr }: CommandResult): EngineReply {
  const exists = exitCode === 0;
  const absent = exitCode !== 127 && /no such (?!file)|not found/i.test(stderr);
  return { answers: exists || absent, exists, said: exists ? stdout.trim() : '' };
}

/** Who looks, and where. */
export interface Looking {
  readonly probe: Pick<Probe, 'query'>;
  readonly layout: Engine & { readonly containerName: string };
}

/** What the engine says about itself. Everything that needs it asks this first: a hanging engine is waited for only once. */
export async function askEngine({ probe, layout }: Looking): Promise<CommandResult> {
  return await probe.query(engineVersion(layout));
}

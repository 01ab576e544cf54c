import { createHash } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { parse as parseEnv } from 'dotenv';
import { parse as parseYaml } from 'yaml';
import { readConfig } from './gateway.ts';
import type { Container } from './machine-state.ts';
import { type Action, type Call, changes, failed, looks, type Machine, type Program, type Reply, said } from './program.ts';

/** Repositories of the paper registry, with the tags that it has; any digest of them is taken. */
const registry: Readonly<Record<string, RegExp>> = {
  'hello-world': /^latest$/,
  'ghcr.io/berriai/litellm': /^v1\.108\.\d+$/,
};

/** The docker client in front of the account's own engine. */
export const docker: Program = (call, machine) => {
  const [verb, ...rest] = call.args;
  if (verb === 'context') return contextVerb(rest, machine);
  if (verb === '-H') return rootful(rest, call, machine);
  const work = verbs[verb ?? '']?.(rest, machine);
  if (work === undefined) return undefined;
  return engineAnswers(call, machine) ? work : { mutates: work.mutates, run: () => failed(noEngine(machine)) };
};

function engineAnswers({ env }: Call, { state, account }: Machine): boolean {
  const socket = `unix:///run/user/${account.uid}/docker.sock`;
  const host = (env['DOCKER_HOST'] ?? '') === '' ? state.contexts[state.contextInUse] : env['DOCKER_HOST'];
  return host === socket && state.units.user['docker.service']?.active === true;
}

function noEngine({ account }: Machine): string {
  return `Cannot connect to the Docker daemon at unix:///run/user/${account.uid}/docker.sock. Is the docker daemon running?`;
}

function rootful([socket, verb]: readonly string[], call: Call, { state }: Machine): Action | undefined {
  if (socket !== 'unix:///var/run/docker.sock' || verb !== 'ps') return undefined;
  const ids = Array.from({ length: state.rootfulContainers }, (_, index) => `c0ffee${index}`);
  return looks(() => (call.asRoot ? said(ids.join('\n')) : failed('permission denied while trying to connect to the Docker daemon socket')));
}

function contextVerb([verb, ...rest]: readonly string[], { state }: Machine): Action | undefined {
  const [name = ''] = rest;
  switch (verb) {
    case 'inspect':
      return looks(() => (state.contexts[name] === undefined ? failed(`context "${name}": context not found`) : said(state.contexts[name])));
    case 'show':
      return looks(() => said(state.contextInUse));
    case 'use':
      return changes(() => {
        state.contextInUse = name;
        return said(name);
      });
    case 'create':
    case 'update':
      return changes(() => {
        state.contexts[name] = (rest[2] ?? '').replace(/^host=/, '');
        return said(name);
      });
    default:
      return undefined;
  }
}

type Verb = (args: readonly string[], machine: Machine) => Action | undefined;

const verbs: Readonly<Record<string, Verb>> = {
  version: (args) => (args.join(' ') === '-f {{.Server.Version}} (rootless)' ? looks(() => said('29.9.0 (rootless)')) : undefined),
  image: ([verb, ...args], machine) => (verb === 'inspect' ? looks(() => inspectImage(args, machine)) : undefined),
  container: ([verb, ...args], machine) => (verb === 'inspect' ? looks(() => inspectContainer(args, machine)) : undefined),
  pull: (args, machine) => (args.length === 2 && args[0] === '--quiet' ? changes(() => pull(args[1] ?? '', machine)) : undefined),
  run: (args, machine) => (args.join(' ') === '--rm hello-world' ? changes(() => runHello(machine)) : undefined),
  compose: (args, machine) => composeVerb(args, machine),
  logs: ([, lines, name = ''], machine) => (lines === '20' ? looks(() => (machine.state.containers[name] === undefined ? noContainer(name) : said('INFO: LiteLLM'))) : undefined),
  exec: (args, machine) => (args[1] === 'python3' && args[2] === '-c' ? looks(async () => await lookFromInside(args, machine)) : undefined),
  restart: ([name = ''], machine) => changes(async () => await startContainer(name, machine)),
  start: ([name = ''], machine) => changes(async () => await startContainer(name, machine)),
  stop: ([name = ''], machine) => changes(async () => await stopContainer(name, machine)),
  rm: ([name = ''], { state }) => changes(() => renamed(name, undefined, state.containers)),
  rename: ([from = '', to = ''], { state }) => changes(() => renamed(from, to, state.containers)),
  update: ([option, name = ''], { state }) => (option === '--restart=no' ? changes(() => (state.containers[name] === undefined ? noContainer(name) : said(name))) : undefined),
};

function inspectImage(args: readonly string[], { state }: Machine): Reply {
  const [option, format, reference = ''] = args;
  const digest = option === '-f' ? state.images[reference] : undefined;
  if (digest === undefined) return failed(`Error response from daemon: No such image: ${reference}`, 1, '\n');
  return said(format === '{{json .RepoDigests}}' ? JSON.stringify([`${repositoryOf(reference)}@${digest}`]) : digest);
}

function repositoryOf(reference: string): string {
  return reference.replace(/@.*$/, '').replace(/:[^:/]*$/, '');
}

function pull(reference: string, { state }: Machine): Reply {
  const repository = repositoryOf(reference);
  const tag = /:([^:/@]+)(?:@|$)/.exec(reference.slice(repository.length))?.[1] ?? 'latest';
  if (registry[repository]?.test(tag) !== true) return failed(`Error response from daemon: manifest unknown: ${reference}`);
  const digest = /@(sha256:[0-9a-f]{64})$/.exec(reference)?.[1] ?? `sha256:${createHash('sha256').update(`${repository}:${tag}`).digest('hex')}`;
  // An engine knows an image by its tag, by its digest, and by both together.
  for (const name of [reference, `${repository}:${tag}`, `${repository}@${digest}`, `${repository}:${tag}@${digest}`]) state.images[name] = digest;
  return said(reference);
}

function runHello(machine: Machine): Reply {
  const pulled = pull('hello-world', machine);
  return pulled.exitCode === 0 ? said('Hello from Docker!') : pulled;
}

function noContainer(name: string): Reply {
  return failed(`Error response from daemon: No such container: ${name}`);
}

function inspectContainer(args: readonly string[], { state }: Machine): Reply {
  const [option, format] = args;
  const name = args.at(-1) ?? '';
  const found = state.containers[name];
  if (found === undefined) return failed(`Error response from daemon: No such container: ${name}`, 1, option === '-f' ? '\n' : '[]');
  const status = found.running ? 'running' : 'exited';
  if (option !== '-f') return said(JSON.stringify([wholeInspection(found, status)]));
  if (format === '{{.Config.Image}}') return said(found.image);
  if (format === '{{.State.Status}} {{.RestartCount}} {{.State.ExitCode}}') return said(`${status} 0 ${found.exitCode}`);
  return failed(`template parsing error: the paper engine does not know ${format}`, 64);
}

function wholeInspection(found: Container, status: string): object {
  return {
    Id: 'c0ffee',
    RestartCount: 0,
    State: { Status: status, Running: found.running, ExitCode: found.exitCode, StartedAt: found.startedAt },
    Config: { Image: found.image, Labels: found.labels },
  };
}

function renamed(from: string, to: string | undefined, containers: Record<string, Container>): Reply {
  const found = containers[from];
  if (found === undefined) return noContainer(from);
  delete containers[from];
  if (to !== undefined) containers[to] = found;
  return said();
}

async function startContainer(name: string, machine: Machine): Promise<Reply> {
  const found = machine.state.containers[name];
  if (found === undefined) return noContainer(name);
  const config = readConfig(machine.onDisk(found.config));
  if (config === undefined) return failed(`Error response from daemon: invalid mount config: bind source path does not exist: ${found.config}`);
  await machine.gateways.stop(name);
  found.running = false;
  const { port, environment } = found;
  if (port !== undefined && !(await machine.gateways.start(name, { port, config, environment, url: machine.url }))) {
    return failed(`Error response from daemon: driver failed programming external connectivity: Bind for 127.0.0.1:${port} failed: port is already allocated`);
  }
  found.running = true;
  found.startedAt = new Date().toISOString().replace('Z', '123456Z');
  return said(name);
}

async function stopContainer(name: string, machine: Machine): Promise<Reply> {
  const found = machine.state.containers[name];
  if (found === undefined) return noContainer(name);
  await machine.gateways.stop(name);
  found.running = false;
  return said(name);
}

/** What a look at an address from inside the container gives, in Python's words. */
async function lookFromInside(args: readonly string[], { state, url }: Machine): Promise<Reply> {
  const [name = '', , , , address = ''] = args;
  if (state.containers[name]?.running !== true) return failed(`Error response from daemon: container ${name} is not running`);
  const reply = await fetch(url(address), { headers: { connection: 'close' } }).catch(() => undefined);
  if (reply === undefined) return failed('urllib.error.URLError: <urlopen error [Errno 111] Connection refused>');
  return reply.status < 400 ? said() : failed(`urllib.error.HTTPError: HTTP Error ${reply.status}`);
}

interface ComposeService {
  readonly image: string;
  readonly container_name: string;
  readonly ports: readonly string[];
  readonly env_file: readonly string[];
  readonly environment: Readonly<Record<string, string>>;
  readonly volumes: readonly string[];
  readonly labels: Readonly<Record<string, string>>;
}

function composeVerb(args: readonly string[], machine: Machine): Action | undefined {
  const [option, file = '', ...rest] = args;
  const service = rest.at(-1) ?? '';
  if (option !== '-f' || rest.slice(0, -1).join(' ') !== 'up -d --quiet-pull') return undefined;
  return changes(async () => await composeUp(machine.onDisk(file), service, machine));
}

async function composeUp(file: string, name: string, machine: Machine): Promise<Reply> {
  if (!existsSync(file)) return failed(`open ${file}: no such file or directory`, 14);
  const { services } = parseYaml(readFileSync(file, 'utf8')) as { readonly services: Readonly<Record<string, ComposeService>> };
  const service = services[name];
  if (service === undefined) return failed(`no such service: ${name}`);
  const wanted = containerOf(service, machine);
  if ('exitCode' in wanted && 'stderr' in wanted) return wanted;
  const current = machine.state.containers[service.container_name];
  const same = current !== undefined && JSON.stringify(comparable(current)) === JSON.stringify(comparable(wanted));
  if (same && current.running) return failed(` Container ${service.container_name}  Running`, 0);
  if (!same) machine.state.containers[service.container_name] = wanted;
  const started = await startContainer(service.container_name, machine);
  return started.exitCode === 0 ? failed(` Container ${service.container_name}  Started`, 0) : started;
}

/** Compose makes a container anew when any of this differs. */
function comparable({ image, labels, environment, port, config }: Container): object {
  return { image, labels, environment, port, config };
}

function containerOf(service: ComposeService, machine: Machine): Container | Reply {
  if (machine.state.images[service.image] === undefined) {
    const pulled = pull(service.image, machine);
    if (pulled.exitCode !== 0) return pulled;
  }
  const missing = service.env_file.find((path) => !existsSync(machine.onDisk(path)));
  if (missing !== undefined) return failed(`env file ${missing} not found`);
  const fromFiles = service.env_file.map((path) => parseEnv(readFileSync(machine.onDisk(path), 'utf8')));
  return {
    image: service.image,
    running: false,
    startedAt: '0001-01-01T00:00:00Z',
    exitCode: 0,
    labels: service.labels,
    environment: Object.assign({}, ...fromFiles, service.environment) as Record<string, string>,
    port: Number(/^127\.0\.0\.1:(\d+):4000$/.exec(service.ports[0] ?? '')?.[1]),
    config: (service.volumes[0] ?? '').split(':')[0] ?? '',
    service: service.container_name,
  };
}

import { composeVerb } from './docker-compose.ts';
import {
  inspectContainer,
  lookFromInside,
  noContainer,
  removeContainer,
  renamed,
  startContainer,
  stopContainer,
} from './docker-containers.ts';
import { chooseContext, contextInUse, endpointOf, keepContext } from './docker-contexts.ts';
import { inspectImage, pull, removeImage, repositoriesOf, runHello } from './docker-images.ts';
import { networkVerb } from './docker-networks.ts';
import { type Action, type Call, changes, failed, looks, type Machine, type Program, said } from './program.ts';

/** The docker client in front of the account's own engine. */
export const docker: Program = (call, machine) => {
  const [verb, ...rest] = call.args;
  if (verb === 'context') return contextVerb(rest, machine);
  if (verb === '-H') return rootful(rest, call, machine);
  const work = verbs[verb ?? '']?.(rest, machine);
  if (work === undefined) return undefined;
  return engineAnswers(call, machine) ? work : { mutates: work.mutates, run: () => failed(noEngine(machine)) };
};

function engineAnswers({ env }: Call, machine: Machine): boolean {
  const { state, account } = machine;
  const socket = `unix:///run/user/${account.uid}/docker.sock`;
  const host = (env.DOCKER_HOST ?? '') === '' ? endpointOf(machine, contextInUse(machine)) : env.DOCKER_HOST;
  return host === socket && state.units.user['docker.service']?.active === true;
}

function noEngine({ account }: Machine): string {
  return `Cannot connect to the Docker daemon at unix:///run/user/${account.uid}/docker.sock. Is the docker daemon running?`;
}

function rootful([socket, verb]: readonly string[], call: Call, { state }: Machine): Action | undefined {
  if (socket !== 'unix:///var/run/docker.sock' || verb !== 'ps') return undefined;
  const ids = Array.from({ length: state.rootfulContainers }, (_, index) => `c0ffee${index}`);
  return looks(() =>
    call.asRoot
      ? said(ids.join('\n'))
      : failed('permission denied while trying to connect to the Docker daemon socket'),
  );
}

function contextVerb([verb, ...rest]: readonly string[], machine: Machine): Action | undefined {
  const [name = ''] = rest;
  const endpoint = endpointOf(machine, name);
  switch (verb) {
    case 'inspect':
      return looks(() => (endpoint === undefined ? failed(`context "${name}": context not found`) : said(endpoint)));
    case 'show':
      return looks(() => said(contextInUse(machine)));
    case 'use':
      return changes(() => {
        chooseContext(machine, name);
        return said(name);
      });
    case 'create':
    case 'update':
      return changes(() => {
        keepContext(machine, name, (rest[2] ?? '').replace(/^host=/, ''));
        return said(name);
      });
    default:
      return undefined;
  }
}

/** Compose's, on each container of its own. */
const fileLabel = 'com.docker.compose.project.config_files';

type Verb = (args: readonly string[], machine: Machine) => Action | undefined;

const verbs: Readonly<Record<string, Verb>> = {
  version: ([option, format = '']) =>
    option === '-f' && /^\{\{\.Server\.Version\}\}( \(rootless\))?$/.test(format)
      ? looks(() => said(format.replace('{{.Server.Version}}', '29.9.0')))
      : undefined,
  image: ([verb, ...args], machine) => {
    if (verb === 'inspect') return looks(() => inspectImage(args, machine));
    return args.join(' ') === '--format {{.Repository}}' ? looks(() => said(repositoriesOf(machine))) : undefined;
  },
  volume: (args) => (args.join(' ') === 'ls --format {{.Name}}' ? looks(() => said()) : undefined),
  network: (args, machine) => networkVerb(args, machine),
  ps: (args, { state }) => {
    if (args.join(' ') === `--all --format {{.Names}}\t{{.Label "claude-routing.inputs"}}\t{{.Label "${fileLabel}"}}`)
      return looks(() =>
        said(
          Object.entries(state.containers)
            .map(([name, { labels }]) =>
              [name, labels['claude-routing.inputs'] ?? '', labels[fileLabel] ?? ''].join('\t'),
            )
            .join('\n'),
        ),
      );
    const [, quietly, file] = /^--all --quiet --filter name=\^(\S+)\$ --filter label=(\S+)$/.exec(args.join(' ')) ?? [];
    if (quietly !== undefined) {
      const made = state.containers[quietly]?.labels[fileLabel];
      return looks(() => said(file === `${fileLabel}=${made}` ? 'c0ffee' : ''));
    }
    const filter = /^--all (?:--filter (?:name=\^(\S+)|network=(\S+)) )?--format \{\{\.Names\}\}$/.exec(args.join(' '));
    if (filter === null) return undefined;
    const [, begins = '', network] = filter;
    const isIn = (name: string) => {
      const { network: own, labels = {} } = state.containers[name] ?? {};
      return (own ?? `${labels['com.docker.compose.project']}_default`) === network;
    };
    const all = Object.keys(state.containers).filter((name) => name.startsWith(begins));
    const names = network === undefined ? all : all.filter(isIn);
    return looks(() => said(names.join('\n')));
  },
  rmi: ([reference = ''], machine) => changes(() => removeImage(reference, machine)),
  container: ([verb, ...args], machine) =>
    verb === 'inspect' ? looks(() => inspectContainer(args, machine)) : undefined,
  pull: (args, machine) => (args.length === 1 ? changes(() => pull(args[0] ?? '', machine)) : undefined),
  run: (args, machine) => (args.join(' ') === '--rm hello-world' ? changes(() => runHello(machine)) : undefined),
  compose: (args, machine) => composeVerb(args, machine),
  logs: ([, lines, name = ''], machine) =>
    lines === '20' || lines === '200'
      ? looks(() =>
          machine.state.containers[name] === undefined ? noContainer(name) : said(machine.state.gatewayOutput),
        )
      : undefined,
  exec: (args, machine) =>
    args[1] === 'python3' && args[2] === '-c' ? looks(async () => await lookFromInside(args, machine)) : undefined,
  restart: ([name = ''], machine) => changes(async () => await startContainer(name, machine)),
  start: ([name = ''], machine) => changes(async () => await startContainer(name, machine)),
  stop: ([name = ''], machine) => changes(async () => await stopContainer(name, machine)),
  rm: ([option, name = ''], machine) =>
    option === '--force' ? changes(async () => await removeContainer(name, machine)) : undefined,
  rename: ([from = '', to = ''], { state }) => changes(() => renamed(from, to, state.containers)),
  update: ([option, name = ''], { state }) => {
    const restart = /^--restart=([\w-]+)$/.exec(option ?? '')?.[1];
    if (restart === undefined) return undefined;
    return changes(() => {
      const found = state.containers[name];
      if (found === undefined) return noContainer(name);
      found.restart = restart;
      return said(name);
    });
  },
};

import { existsSync, readFileSync } from 'node:fs';
import { parse as parseEnv } from 'dotenv';
import { parse as parseYaml } from 'yaml';
import { startContainer } from './docker-containers.ts';
import { pull } from './docker-images.ts';
import type { Container } from './machine-state.ts';
import { type Action, changes, failed, type Machine, type Reply } from './program.ts';

interface ComposeService {
  readonly image: string;
  readonly container_name: string;
  readonly ports: readonly string[];
  readonly env_file: readonly string[];
  readonly environment: Readonly<Record<string, string>>;
  readonly volumes: readonly string[];
  readonly labels: Readonly<Record<string, string>>;
}

/** `compose --project-name PROJECT --file FILE up --detach --quiet-pull SERVICE`: pulls, makes and starts what the file asks for, or leaves what is so already. */
export function composeVerb(args: readonly string[], machine: Machine): Action | undefined {
  const [projectOption, project = '', fileOption, file = '', ...rest] = args;
  const service = rest.at(-1) ?? '';
  const words = [projectOption, fileOption, ...rest.slice(0, -1)].join(' ');
  if (words !== '--project-name --file up --detach --quiet-pull') return undefined;
  return changes(async () => await composeUp(file, project, service, machine));
}

async function composeUp(path: string, project: string, name: string, machine: Machine): Promise<Reply> {
  const file = machine.onDisk(path);
  if (!existsSync(file)) return failed(`open ${file}: no such file or directory`, 14);
  const { services } = parseYaml(readFileSync(file, 'utf8')) as {
    readonly services: Readonly<Record<string, ComposeService>>;
  };
  const service = services[name];
  if (service === undefined) return failed(`no such service: ${name}`);
  const wanted = containerOf(service, machine);
  if ('exitCode' in wanted && 'stderr' in wanted) return wanted;
  Object.assign(wanted.labels, {
    'com.docker.compose.project': project,
    'com.docker.compose.project.config_files': path,
  });
  const current = machine.state.containers[service.container_name];
  if (current !== undefined && current.labels['com.docker.compose.project'] !== project)
    return failed(
      `Error response from daemon: Conflict. The container name "/${service.container_name}" is already in use`,
    );
  const same = current !== undefined && JSON.stringify(comparable(current)) === JSON.stringify(comparable(wanted));
  if (same && current.running) return failed(` Container ${service.container_name}  Running`, 0);
  if (!same) machine.state.containers[service.container_name] = wanted;
  const network = `${project}_default`;
  if (!machine.state.networks.includes(network)) machine.state.networks.push(network);
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
    labels: { ...service.labels },
    environment: Object.assign({}, ...fromFiles, service.environment) as Record<string, string>,
    port: Number(/^127\.0\.0\.1:(\d+):4000$/.exec(service.ports[0] ?? '')?.[1]),
    config: (service.volumes[0] ?? '').split(':')[0] ?? '',
    service: service.container_name,
  };
}

import { createHash } from 'node:crypto';
import { readConfig } from './gateway.ts';
import type { Container } from './machine-state.ts';
import { failed, type Machine, type Reply, said } from './program.ts';

/** The engine's answer for a name that it does not know. */
export function noContainer(name: string): Reply {
  return failed(`Error response from daemon: No such container: ${name}`);
}

/** `container inspect`, whole or in one of the formats that the installer asks for. */
export function inspectContainer(args: readonly string[], { state }: Machine): Reply {
  const [option, format] = args;
  const name = args.at(-1) ?? '';
  const found = state.containers[name];
  if (found === undefined)
    return failed(`Error response from daemon: No such container: ${name}`, 1, option === '-f' ? '\n' : '[]');
  const status = found.running ? 'running' : 'exited';
  if (option !== '-f') return said(JSON.stringify([wholeInspection(found, status)]));
  if (format === '{{.State.Status}} {{.RestartCount}} {{.State.ExitCode}} {{.State.OOMKilled}}')
    return said(`${status} 0 ${found.exitCode} false`);
  const known = otherFormats[format ?? ''];
  if (known !== undefined) return said(known(name, found));
  return failed(`template parsing error: the paper engine does not know ${format}`, 64);
}

/** What else is asked of a container. */
const otherFormats: Readonly<Record<string, (name: string, found: Container) => string>> = {
  '{{.State.ExitCode}} {{.State.OOMKilled}}': (_, { exitCode }) => `${exitCode} false`,
  '{{.Config.Image}}': (_, { image }) => image,
  '{{.State.Running}} {{.Config.Image}}': (_, { running, image }) => `${running} ${image}`,
  '{{.Name}}': (name) => `/${name}`,
  '{{.HostConfig.RestartPolicy.Name}}': (_, { restart = 'unless-stopped' }) => restart,
  '{{index .Config.Labels "claude-routing.inputs"}}': (_, { labels }) => labels['claude-routing.inputs'] ?? '',
  '{{.State.Running}} {{index .Config.Labels "claude-routing.inputs"}}': (_, { running, labels }) =>
    `${running} ${labels['claude-routing.inputs'] ?? ''}`,
};

/** Stops a container and takes it away, with the network that compose made for it. */
export async function removeContainer(name: string, machine: Machine): Promise<Reply> {
  await stopContainer(name, machine);
  return renamed(name, undefined, machine.state.containers);
}

function wholeInspection(found: Container, status: string): object {
  return {
    Id: 'c0ffee',
    Image: `sha256:${createHash('sha256').update(found.image).digest('hex')}`,
    RestartCount: 0,
    State: { Status: status, Running: found.running, ExitCode: found.exitCode, StartedAt: found.startedAt },
    Config: { Image: found.image, Labels: found.labels },
  };
}

/** Another name for a container; without one it is gone. */
export function renamed(from: string, to: string | undefined, containers: Record<string, Container>): Reply {
  const found = containers[from];
  if (found === undefined) return noContainer(from);
  delete containers[from];
  if (to !== undefined) containers[to] = found;
  return said();
}

/** Starts a container, or starts it again: its gateway reads the mounted configuration as it is now. */
export async function startContainer(name: string, machine: Machine): Promise<Reply> {
  const found = machine.state.containers[name];
  if (found === undefined) return noContainer(name);
  const config = readConfig(machine.onDisk(found.config));
  if (config === undefined)
    return failed(`Error response from daemon: invalid mount config: bind source path does not exist: ${found.config}`);
  await machine.gateways.stop(name);
  found.running = false;
  const { port, environment } = found;
  if (port !== undefined && !(await machine.gateways.start(name, { port, config, environment, url: machine.url }))) {
    return failed(
      `Error response from daemon: driver failed programming external connectivity: Bind for 127.0.0.1:${port} failed: port is already allocated`,
    );
  }
  found.running = true;
  found.startedAt = new Date().toISOString().replace('Z', '123456Z');
  return said(name);
}

/** Stops a container and its gateway. */
export async function stopContainer(name: string, machine: Machine): Promise<Reply> {
  const found = machine.state.containers[name];
  if (found === undefined) return noContainer(name);
  await machine.gateways.stop(name);
  found.running = false;
  return said(name);
}

/** What a look at an address from inside the container gives, in Python's words. */
export async function lookFromInside(args: readonly string[], { state, url }: Machine): Promise<Reply> {
  const [name = '', , , , address = ''] = args;
  if (state.containers[name]?.running !== true)
    return failed(`Error response from daemon: container ${name} is not running`);
  const reply = await fetch(url(address), { headers: { connection: 'close' } }).catch(() => undefined);
  if (reply === undefined) return failed('urllib.error.URLError: <urlopen error [Errno 111] Connection refused>');
  return reply.status < 400 ? said() : failed(`urllib.error.HTTPError: HTTP Error ${reply.status}`);
}

import { loginSession } from '../../checks/login-session.ts';
import type { InstallerStep } from '../../context.ts';
import type { Command, Effect, Probe } from '../../host/host.ts';
import type { Layout } from '../../layout.ts';
import type { Resource, ScriptFound } from '../../resources/resource.ts';

const setupTool = '/usr/bin/dockerd-rootless-setuptool.sh';
/** Source: docs.docker.com, "Rootless mode": fewer than 65,536 subordinate ids are not enough. */
const subordinateIds = 65_536;

export const rootlessDocker: InstallerStep = {
  id: 'rootless-docker',
  title: 'rootless Docker',
  guidePhase: 'phase 4b',
  why: 'An engine that belongs to you alone: what breaks out of a container is you, not root.',
  requires: [loginSession],
  resources: ({ layout }) => [
    subordinateRange('subuid', layout),
    subordinateRange('subgid', layout),
    setup(layout),
    {
      kind: 'systemd-unit',
      id: 'engine-service',
      title: 'engine service',
      unit: 'docker.service',
      scope: 'user',
      wanted: 'running-at-boot',
      comesWith: 'the rootless setup tool',
    },
    context(layout),
    helloWorld(layout),
  ],
};

function subordinateRange(kind: 'subuid' | 'subgid', { user }: Layout): Resource {
  return {
    kind: 'script',
    id: `subordinate-ids:${kind}`,
    title: `/etc/${kind}`,
    inspect: async (probe) => {
      const rows = parseRanges((await probe.readFile(`/etc/${kind}`)) ?? '');
      const own = rows.filter((row) => row.user === user).reduce((sum, row) => sum + row.count, 0);
      if (own >= subordinateIds) return { satisfied: `${own} subordinate ids` };
      return {
        needed: `give ${user} ${subordinateIds} subordinate ids`,
        effects: [grantRange(kind, user, firstFree(rows))],
      };
    },
    effects: [],
  };
}

interface IdRange {
  readonly user: string;
  readonly first: number;
  readonly count: number;
}

/** Lines of /etc/subuid: user, first id, count. Source: subuid(5). */
export function parseRanges(text: string): readonly IdRange[] {
  return text.split('\n').flatMap((line) => {
    const [user, first, count] = line.split(':');
    const range = { user: user ?? '', first: Number(first), count: Number(count) };
    return Number.isInteger(range.first) && Number.isInteger(range.count) && range.user !== '' ? [range] : [];
  });
}

/** The first id behind everybody's ranges. */
export function firstFree(ranges: readonly IdRange[]): number {
  return Math.max(100_000, ...ranges.map(({ first, count }) => first + count));
}

function grantRange(kind: 'subuid' | 'subgid', user: string, first: number): Effect {
  const range = `${first}-${first + subordinateIds - 1}`;
  const args = [`--add-${kind}s`, range, user];
  return { do: 'run', why: `give ${user} the ids ${range}`, command: { file: 'usermod', args, sudo: true } };
}

/** The tool ends with 0 even when it found no service manager and set nothing up: only the unit it writes counts. */
function setup(layout: Layout): Resource {
  return {
    kind: 'script',
    id: 'rootless-setup',
    title: 'rootless setup',
    inspect: async (probe) => {
      if ((await probe.stat(`${layout.home}/.config/systemd/user/docker.service`)) !== undefined) {
        return { satisfied: 'set up' };
      }
      if ((await probe.stat(setupTool)) === undefined) return { waitsFor: 'the Docker packages' };
      const check = await probe.query(tool(layout, 'check'));
      return check.exitCode === 0
        ? { needed: 'run the rootless setup tool' }
        : await requirementsMissing(probe, check.stdout + check.stderr);
    },
    effects: [{ do: 'run', why: 'set up rootless Docker', command: tool(layout, 'install') }],
  };
}

function tool(layout: Layout, verb: 'check' | 'install'): Command {
  return {
    file: setupTool,
    args: [verb],
    env: { ...sessionWithoutHost(layout), PATH: '/usr/sbin:/sbin:/usr/bin:/bin' },
    timeoutMs: 120_000,
  };
}

/** With DOCKER_HOST set the tool and the client would not use contexts. */
function sessionWithoutHost({ sessionEnv }: Layout): Record<string, string> {
  const { XDG_RUNTIME_DIR = '', DBUS_SESSION_BUS_ADDRESS = '' } = sessionEnv;
  return { XDG_RUNTIME_DIR, DBUS_SESSION_BUS_ADDRESS, DOCKER_HOST: '' };
}

/** The tool prints the commands that an administrator has to run between two marks. */
async function requirementsMissing(probe: Probe, output: string): Promise<ScriptFound> {
  const block = output.match(/#{3,} BEGIN #{3,}\n([\s\S]*?)#{3,} END #{3,}/)?.[1]?.trim();
  if (
    block !== undefined &&
    /modprobe (nf|ip)_tables/.test(block) &&
    (await probe.stat('/usr/sbin/modprobe')) !== undefined
  ) {
    const module = block.includes('nf_tables') ? 'nf_tables' : 'ip_tables';
    const load: Effect = {
      do: 'run',
      why: `load ${module}`,
      command: { file: 'modprobe', args: [module], sudo: true },
    };
    return { needed: `load the kernel module ${module}`, effects: [load] };
  }
  const first = output.split('\n').find((line) => /ERROR|Missing|Aborting/.test(line)) ?? output.split('\n')[0] ?? '';
  return {
    code: 'rootless-impossible',
    problem: `rootless Docker cannot be set up here: ${first.replace(/^\[\w+\]\s*/, '').trim()}`,
    fix: block === undefined ? `see the whole report with  ${setupTool} check` : `type:\n${block}`,
  };
}

/** A run of the tool without a bus leaves the context pointing to a socket that never exists, and later runs do not correct it. */
function context(layout: Layout): Resource {
  const host = `unix://${layout.dockerSocket}`;
  const env = sessionWithoutHost(layout);
  const docker = (args: readonly string[]): Command => ({ file: 'docker', args: ['context', ...args], env });
  return {
    kind: 'script',
    id: 'docker-context',
    title: 'docker context',
    inspect: async (probe): Promise<ScriptFound> => {
      const { exitCode, stdout } = await probe.query(
        docker(['inspect', 'rootless', '-f', '{{.Endpoints.docker.Host}}']),
      );
      if (exitCode === 127) return { waitsFor: 'the Docker packages' };
      const verb = exitCode === 0 ? 'update' : 'create';
      if (exitCode === 0 && stdout.trim() === host) return await contextInUse(probe, docker);
      const set: Effect = {
        do: 'run',
        why: `point the context rootless to ${host}`,
        command: docker([verb, 'rootless', '--docker', `host=${host}`]),
      };
      return { needed: `point the context rootless to ${host}`, effects: [set] };
    },
    effects: [],
  };
}

async function contextInUse(probe: Probe, docker: (args: readonly string[]) => Command): Promise<ScriptFound> {
  const { stdout } = await probe.query(docker(['show']));
  if (stdout.trim() === 'rootless') return { satisfied: 'context rootless is in use' };
  const use: Effect = { do: 'run', why: 'use the context rootless', command: docker(['use', 'rootless']) };
  return { needed: 'use the context rootless', effects: [use] };
}

/** A container really run: everything below it works, or this says why not. */
function helloWorld({ sessionEnv }: Layout): Resource {
  const docker = (args: readonly string[]): Command => ({ file: 'docker', args, env: sessionEnv, timeoutMs: 180_000 });
  return {
    kind: 'script',
    id: 'first-container',
    title: 'first container',
    inspect: async (probe) => {
      const { exitCode, stderr } = await probe.query(docker(['image', 'inspect', '-f', '{{.Id}}', 'hello-world']));
      if (exitCode === 0) return { satisfied: 'a container has run' };
      const engineAnswers = /no such image|no such object/i.test(stderr);
      return engineAnswers ? { needed: 'run hello-world' } : { waitsFor: 'the engine service' };
    },
    effects: [{ do: 'run', why: 'run a first container', command: docker(['run', '--rm', 'hello-world']) }],
  };
}

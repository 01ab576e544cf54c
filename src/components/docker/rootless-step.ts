import { loginSession } from '../../checks/machine.ts';
import type { InstallerStep } from '../../context.ts';
import { ask, dockerContext, dockerRun, imageInspect, rootlessTool, withoutHost } from '../../docker-client/docker.ts';
import type { Command, Effect, Probe } from '../../host/host.ts';
import type { Layout } from '../../layout.ts';
import { installedPackages } from '../../resources/apt-packages.ts';
import { lookAbove } from '../../resources/file.ts';
import type { Resource, ScriptFound } from '../../resources/resource.ts';
import { engineData } from '../../uninstall/baseline.ts';
import { dockerPackages } from './step.ts';

/** Source: docs.docker.com, "Rootless mode": fewer than 65,536 subordinate ids are not enough. */
const subordinateIds = 65_536;

export const rootlessDocker: InstallerStep = {
  id: 'rootless-docker',
  title: 'rootless Docker',
  guidePhase: 'phase 4b',
  why: 'An engine that belongs to you alone: what breaks out of a container becomes you, not root.',
  requires: [loginSession],
  resources: ({ layout }) => [
    subordinateRange('subuid', layout),
    subordinateRange('subgid', layout),
    setup(layout),
    {
      kind: 'systemd-unit',
      id: 'engine-service',
      unit: 'docker.service',
      scope: 'user',
      wanted: 'running-at-boot',
      comesWith: 'the rootless setup tool',
    },
    context(layout),
    helloWorld(layout),
  ],
};

const kinds = ['subuid', 'subgid'] as const;

function subordinateRange(kind: (typeof kinds)[number], layout: Layout): Resource {
  const { user } = layout;
  return {
    kind: 'script',
    id: `subordinate-ids:${kind}`,
    title: `/etc/${kind}`,
    inspect: async (probe) => {
      const path = `/etc/${kind}`;
      const text = await probe.readFile(path);
      const rows = parseRanges(text ?? '');
      const own = idsOf(layout, rows);
      if (own >= subordinateIds) return { status: 'ok', note: `${own} subordinate ids` };
      // usermod does not create the file.
      const file: Effect = { do: 'write', path, content: '', mode: 0o644, sudo: true };
      const accounts = accountRanges((await probe.readFile('/etc/passwd')) ?? '');
      return {
        status: 'change',
        summary: `give ${user} ${subordinateIds} subordinate ids`,
        effects: [...(text === undefined ? [file] : []), grantRange(kind, user, firstFree([...rows, ...accounts]))],
      };
    },
  };
}

/** How many ids an account has; a row may name the account by its number. Source: subuid(5). */
export function idsOf({ user, uid }: Pick<Layout, 'user' | 'uid'>, rows: readonly IdRange[]): number {
  const own = rows.filter((row) => row.user === user || row.user === String(uid));
  return own.reduce((sum, row) => sum + row.count, 0);
}

/** Accounts of a directory service may have numbers in the range used for containers; no container may be given one of those. */
export function accountRanges(passwd: string): readonly IdRange[] {
  return passwd.split('\n').flatMap((line) => {
    const [user = '', , uid] = line.split(':');
    const first = Number(uid);
    return user !== '' && first >= 100_000 && first < 2 ** 31 ? [{ user, first, count: 1 }] : [];
  });
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

/** The first id after everybody's ranges. */
export function firstFree(ranges: readonly IdRange[]): number {
  return Math.max(100_000, ...ranges.map(({ first, count }) => first + count));
}

function grantRange(kind: (typeof kinds)[number], user: string, first: number): Effect {
  const range = `${first}-${first + subordinateIds - 1}`;
  const args = [`--add-${kind}s`, range, user];
  return { do: 'run', why: `give ${user} the ids ${range}`, command: { file: 'usermod', args, sudo: true } };
}

/** The tool exits with 0 even if it found no service manager and set nothing up: only the unit that it writes counts. */
function setup(layout: Layout): Resource {
  return {
    kind: 'script',
    id: 'rootless-setup',
    inspect: async (probe) => {
      if ((await probe.stat(`${layout.home}/.config/systemd/user/docker.service`)) !== undefined) {
        return { status: 'ok', note: 'set up' };
      }
      // Who has an engine of root has the tool, and perhaps not what else it needs: the step before brings that.
      const packages = await installedPackages(probe);
      const missing = packages.ok && dockerPackages.some((name) => !packages.value.has(name));
      if (missing || (await probe.stat(rootlessTool)) === undefined)
        return { status: 'later', waitsFor: 'the Docker packages' };
      // Without them the tool suggests a range that is somebody else's already.
      const texts = await Promise.all(kinds.map(async (kind) => (await probe.readFile(`/etc/${kind}`)) ?? ''));
      if (texts.some((text) => idsOf(layout, parseRanges(text)) < subordinateIds))
        return { status: 'later', waitsFor: 'subordinate ids' };
      const check = await probe.query(tool(layout, 'check'));
      return check.exitCode === 0
        ? { status: 'change', summary: 'run the rootless setup tool', effects: await settingUp(probe, layout) }
        : await requirementsMissing(probe, check.stdout + check.stderr);
    },
    writesIn: ['.config/systemd/user', '.local/share', '.docker/contexts'].map((path) => `${layout.home}/${path}`),
  };
}

/** dockerd follows a link in its path only if the target's folder already exists, and runc starts nothing behind a link. */
async function settingUp(probe: Probe, layout: Layout): Promise<readonly Effect[]> {
  const data = engineData(layout);
  const run: Effect = { do: 'run', why: 'set up rootless Docker', command: tool(layout, 'install') };
  if ((await probe.stat(data)) !== undefined) return [run];
  const { missingDirectories } = await lookAbove(probe, data);
  return [
    ...missingDirectories.map((path): Effect => ({ do: 'make-directory', path, mode: 0o755 })),
    { do: 'make-directory', path: data, mode: 0o710 },
    run,
  ];
}

function tool(layout: Layout, verb: 'check' | 'install'): Command {
  return {
    file: rootlessTool,
    // It aborts where the account may write to the socket of root's engine, which stays behind when that was switched off.
    // Whether that engine goes on was decided in the step before.
    args: ['--force', verb],
    env: { ...withoutHost(layout.sessionEnv), PATH: '/usr/sbin:/sbin:/usr/bin:/bin' },
    timeoutMs: 120_000,
  };
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
    return { status: 'change', summary: `load the kernel module ${module}`, effects: [load] };
  }
  const first = output.split('\n').find((line) => /ERROR|Missing|Aborting/.test(line)) ?? output.split('\n')[0] ?? '';
  return {
    status: 'blocked',
    code: 'rootless-impossible',
    problem: `rootless Docker cannot be set up here: ${first.replace(/^\[\w+\]\s*/, '').trim()}`,
    fix: block === undefined ? `see the whole report with  ${rootlessTool} check` : `type:\n${block}`,
  };
}

/** A run of the tool without a bus leaves the context pointing to a socket that never exists, and later runs do not correct it. */
function context(layout: Layout): Resource {
  const host = `unix://${layout.dockerSocket}`;
  return {
    kind: 'script',
    id: 'docker-context',
    inspect: async (probe): Promise<ScriptFound> => {
      const { exitCode, stdout } = await probe.query(
        dockerContext(layout, 'inspect', 'rootless', '-f', '{{.Endpoints.docker.Host}}'),
      );
      if (exitCode === 127) return { status: 'later', waitsFor: 'the Docker packages' };
      const verb = exitCode === 0 ? 'update' : 'create';
      if (exitCode === 0 && stdout.trim() === host) return await contextInUse(probe, layout);
      const set: Effect = {
        do: 'run',
        why: `point the context rootless to ${host}`,
        command: dockerContext(layout, verb, 'rootless', '--docker', `host=${host}`),
      };
      return { status: 'change', summary: `point the context rootless to ${host}`, effects: [set] };
    },
    writesIn: [`${layout.home}/.docker/contexts`],
  };
}

async function contextInUse(probe: Probe, layout: Layout): Promise<ScriptFound> {
  const { stdout } = await probe.query(dockerContext(layout, 'show'));
  if (stdout.trim() === 'rootless') return { status: 'ok', note: 'context rootless is in use' };
  const use: Effect = { do: 'run', why: 'use the context rootless', command: dockerContext(layout, 'use', 'rootless') };
  return { status: 'change', summary: 'use the context rootless', effects: [use] };
}

/** Really runs a container: either everything below it works, or this says why not. */
function helloWorld(layout: Layout): Resource {
  return {
    kind: 'script',
    id: 'first-container',
    inspect: async (probe) => {
      const { exists, answers } = await ask(probe, imageInspect(layout, 'hello-world'));
      if (exists) return { status: 'ok', note: 'a container has run' };
      return answers
        ? { status: 'change', summary: 'run hello-world' }
        : { status: 'later', waitsFor: 'the engine service' };
    },
    effects: [dockerRun(layout, ['run', '--rm', 'hello-world'], 'run a first container', { timeoutMs: 180_000 })],
  };
}

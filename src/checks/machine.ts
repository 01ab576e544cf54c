import type { Context } from '../context.ts';
import type { CheckResult, Requirement } from '../engine/step.ts';
import { unescaped } from '../host/files/mounts.ts';
import type { Probe } from '../host/host.ts';
import type { Layout } from '../layout.ts';
import { shellWord } from '../shell/word.ts';

/** What this machine is, as far as it decides whether the program can work here. */
interface MachineFound {
  readonly system: string;
  readonly supported: CheckResult;
  readonly freeGigabytes: number | undefined;
  readonly memoryGigabytes: number | undefined;
}

/** Space for packages, Claude Code and the gateway's image. */
const neededGigabytes = 8;

/** As the kernel names the processor. */
async function processor(probe: Probe): Promise<string> {
  return (await probe.query({ file: 'uname', args: ['-m'] })).stdout.trim();
}

/** The architecture in the names of this machine's packages; amd64 if it is neither of the two. */
export async function architectureOf(probe: Probe): Promise<'amd64' | 'arm64'> {
  return (await processor(probe)) === 'aarch64' ? 'arm64' : 'amd64';
}

/** Looks at release, architecture, init system, free space and memory. Works, with a clear answer, on any system. */
export async function lookAtMachine(probe: Probe, home: string, platform: string): Promise<MachineFound> {
  const [release, init, machine, free, memory] = await Promise.all([
    probe.readFile('/etc/os-release'),
    probe.readFile('/proc/1/comm').catch(() => undefined),
    processor(probe),
    probe.query({ file: 'df', args: ['--output=avail', '-BG', home] }),
    probe.readFile('/proc/meminfo').catch(() => undefined),
  ]);
  const system = systemName(release, platform);
  return {
    system,
    supported: verdict({ release, system, machine, init: init?.trim(), platform }),
    freeGigabytes: numberIn(free.stdout),
    memoryGigabytes: kilobytesAsGigabytes(memory),
  };
}

interface Traits {
  readonly release: string | undefined;
  readonly system: string;
  readonly machine: string;
  readonly init: string | undefined;
  readonly platform: string;
}

const wanted = 'This program sets up Debian 13 (trixie) on amd64 or arm64, with systemd';

function verdict({ release, system, machine, init, platform }: Traits): CheckResult {
  const elsewhere = 'run it on a Debian 13 machine; here,  claude-routing-install plan  and  answers  still work';
  const values = osRelease(release ?? '');
  if (platform !== 'linux' || values['ID'] !== 'debian' || values['VERSION_CODENAME'] !== 'trixie') {
    return {
      status: 'stop',
      code: 'system-unsupported',
      problem: `this machine runs ${system}. ${wanted}`,
      fix: elsewhere,
    };
  }
  if (!['x86_64', 'aarch64'].includes(machine)) {
    return {
      status: 'stop',
      code: 'system-unsupported',
      problem: `this machine is a ${machine || 'processor of an unknown kind'}. ${wanted}`,
      fix: elsewhere,
    };
  }
  if (init !== 'systemd') {
    return {
      status: 'stop',
      code: 'system-unsupported',
      problem: `the first process here is ${init ?? 'unknown'}, not systemd. ${wanted}`,
      fix: 'boot the machine with systemd (in WSL: systemd=true under [boot] in /etc/wsl.conf)',
    };
  }
  return { status: 'ok', note: system };
}

/** The name a person would give to the system. */
export function systemName(release: string | undefined, platform: string): string {
  const name = osRelease(release ?? '')['PRETTY_NAME'];
  if (name !== undefined) return name;
  return { darwin: 'macOS', win32: 'Windows', freebsd: 'FreeBSD' }[platform] ?? `an unknown system (${platform})`;
}

/** KEY=value lines, values perhaps in quotes. Source: os-release(5). */
export function osRelease(text: string): Readonly<Record<string, string>> {
  const rows = text.split('\n').flatMap((line) => {
    const match = /^([A-Z_0-9]+)=(.*)$/.exec(line.trim());
    return match === null ? [] : [[match[1] ?? '', (match[2] ?? '').replace(/^["']|["']$/g, '')] as const];
  });
  return Object.fromEntries(rows);
}

function numberIn(text: string): number | undefined {
  const match = /(\d+)G/.exec(text);
  return match === null ? undefined : Number(match[1]);
}

function kilobytesAsGigabytes(meminfo: string | undefined): number | undefined {
  const match = /MemTotal:\s+(\d+) kB/.exec(meminfo ?? '');
  return match === null ? undefined : Math.round(Number(match[1]) / 1024 / 1024);
}

/** Whether there is room; a machine that was set up before needs none. */
export function spaceFinding({ freeGigabytes }: MachineFound, alreadySetUp: boolean): CheckResult {
  if (freeGigabytes === undefined || freeGigabytes >= neededGigabytes || alreadySetUp) {
    return { status: 'ok', note: `${freeGigabytes ?? '?'} GB free` };
  }
  return {
    status: 'stop',
    code: 'disk-nearly-full',
    problem: `only ${freeGigabytes} GB are free in your home, and about ${neededGigabytes} GB are needed`,
    fix: 'see what takes the space:  du -xh --max-depth=1 / 2>/dev/null | sort -h | tail',
  };
}

/** Whether programs in a folder may be started, by the text of /proc/mounts: launchers, mise and Claude Code lie in the home. Source: proc(5). */
export function startFinding(folder: string, mounts: string): CheckResult {
  const rows = mounts.split('\n').map((line) => line.split(' '));
  const around = rows
    .map(([, at = '', , options = '']) => ({ place: unescaped(at), options: options.split(',') }))
    .filter(({ place }) => place === '/' || `${folder}/`.startsWith(`${place}/`))
    // A later mount covers an earlier one at the same place.
    .reduce((inner, one) => (one.place.length >= inner.place.length ? one : inner), { place: '', options: [''] });
  if (!around.options.includes('noexec')) return { status: 'ok', note: 'programs may be started' };
  return {
    status: 'stop',
    code: 'disk-noexec',
    problem: `no program in ${folder} may be started: what is mounted at ${around.place} is noexec`,
    fix: `allow it:  sudo mount -o remount,exec ${shellWord(around.place)}  and take noexec out of its line:  grep noexec /etc/fstab`,
  };
}

/** Root would own everything and the services would be root's. */
export function accountFinding(uid: number, sudoUser: string | undefined): CheckResult {
  if (uid !== 0) return { status: 'ok', note: 'an ordinary account' };
  const who = sudoUser === undefined ? 'root' : `root (through sudo, by ${sudoUser})`;
  return {
    status: 'stop',
    code: 'account-is-root',
    problem: `you are ${who}; everything would belong to root, and rootless Docker refuses root`,
    fix:
      sudoUser === undefined
        ? 'create a service user first:  claude-routing-install prepare-host  and then log in by ssh as that user'
        : 'run it again without sudo: it asks for sudo itself where it needs it',
  };
}

/** Whether this user's own service manager can be reached. That decides, not how the person logged in: `su` is fine if the bus is there. */
export async function findUserBus(probe: Probe, layout: Layout, address: string): Promise<CheckResult> {
  const bus = await probe.stat(`${layout.runtimeDir}/bus`);
  const manager =
    bus?.kind === 'socket' ? await probe.query({ file: 'systemctl', args: ['--user', 'show-environment'] }) : undefined;
  if (manager?.exitCode === 0) return { status: 'ok', note: 'login session with a user bus' };
  return {
    status: 'stop',
    code: 'no-login-session',
    problem: `there is no service manager for ${layout.user} in this session (${layout.runtimeDir}/bus does not answer); rootless Docker needs one, and a shell opened with su or sudo has none`,
    fix: `leave this shell with  exit  and log in with  ssh ${layout.user}@${address}  (or have root run  loginctl enable-linger ${layout.user}  first)`,
  };
}

export const loginSession: Requirement<Context> = {
  name: 'login session',
  run: async (probe, { layout, machine }) => await findUserBus(probe, layout, machine.addresses[0] ?? machine.hostName),
};

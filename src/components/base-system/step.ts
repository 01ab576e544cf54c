import type { InstallerStep } from '../../context.ts';
import type { Probe } from '../../host/host.ts';
import { aptGet, aptUpdate, halfInstalledPackages } from '../../resources/apt-packages.ts';
import type { Resource, ScriptFound } from '../../resources/resource.ts';
import { firewallResources } from './firewall.ts';

/** Phase 1 of the guide, except for what only a desktop needs. */
export const basePackages = [
  'ca-certificates',
  'curl',
  'wget',
  'gnupg',
  'git',
  'build-essential',
  'ripgrep',
  'jq',
  'htop',
  'tmux',
  'unattended-upgrades',
  'python3',
  'python3-venv',
  'pipx',
] as const;

export const baseSystem: InstallerStep = {
  id: 'base-system',
  title: 'base system',
  guidePhase: 'phase 1',
  why: 'The tools that the later steps and Claude Code itself use, and automatic security updates.',
  resources: ({ answers: { system } }) => [
    halfInstalledPackages,
    ...(system.fullUpgrade ? [fullUpgrade] : []),
    { kind: 'apt-packages', id: 'base-packages', packages: basePackages },
    ...(system.timezone === undefined ? [] : [timezone(system.timezone)]),
    unattendedUpgrades,
    ...(system.fail2ban ? fail2ban : []),
    ...(system.firewall ? firewallResources() : []),
  ],
};

/** Upgrading is never done for good, so it is done whenever packages are really waiting. */
const fullUpgrade: Resource = {
  kind: 'script',
  id: 'full-upgrade',
  inspect: async (probe) => {
    const args = ['-s', '-o', 'Debug::NoLocking=true', 'full-upgrade'];
    const { stdout } = await probe.query({ file: 'apt-get', args, env: { LC_ALL: 'C' }, timeoutMs: 60_000 });
    const waiting = stdout.split('\n').filter((line) => line.startsWith('Inst ')).length;
    return waiting === 0
      ? { status: 'ok', note: 'nothing to upgrade' }
      : { status: 'change', summary: `upgrade ${waiting} packages` };
  },
  effects: [aptUpdate, aptGet(['full-upgrade'], 'upgrade all packages')],
};

function timezone(wanted: string): Resource {
  return {
    kind: 'script',
    id: 'time-zone',
    inspect: async (probe): Promise<ScriptFound> => {
      if ((await probe.stat(`/usr/share/zoneinfo/${wanted}`)) === undefined) {
        // tzdata itself may be missing on a minimal machine; then the name cannot be checked yet.
        return (await probe.stat('/usr/share/zoneinfo')) === undefined
          ? { status: 'change', summary: `set ${wanted}`, effects: withTzdata(wanted) }
          : unknownZone(wanted);
      }
      const { stdout } = await probe.query({ file: 'timedatectl', args: ['show', '-p', 'Timezone', '--value'] });
      return stdout.trim() === wanted
        ? { status: 'ok', note: wanted }
        : { status: 'change', summary: `set ${wanted} (now ${stdout.trim()})` };
    },
    effects: [setTimezone(wanted)],
  };
}

function setTimezone(wanted: string) {
  const command = { file: 'timedatectl', args: ['set-timezone', wanted], sudo: true };
  return { do: 'run', why: `set the time zone to ${wanted}`, command } as const;
}

function withTzdata(wanted: string) {
  return [aptUpdate, aptGet(['install', 'tzdata'], 'install tzdata'), setTimezone(wanted)];
}

function unknownZone(wanted: string): ScriptFound {
  return {
    status: 'blocked',
    code: 'answer-wrong',
    problem: `system.timezone: there is no time zone called ${wanted} on this machine`,
    fix: 'see the names with  timedatectl list-timezones',
  };
}

/** Whether security updates are installed automatically. */
export const periodic = '/etc/apt/apt.conf.d/20auto-upgrades';

/** The package asks once whether it should work; an earlier "no" of the administrator is respected and told. */
const unattendedUpgrades: Resource = {
  kind: 'script',
  id: 'unattended-upgrades',
  inspect: async (probe: Probe): Promise<ScriptFound> => {
    const text = await probe.readFile(periodic);
    if (text === undefined) return { status: 'change', summary: `switch on in ${periodic}` };
    const off = /Unattended-Upgrade\s+"0"/.test(text);
    return {
      status: 'ok',
      note: off ? `switched off by an administrator in ${periodic}, left off` : 'security updates are automatic',
    };
  },
  effects: [
    {
      do: 'write',
      path: periodic,
      content: 'APT::Periodic::Update-Package-Lists "1";\nAPT::Periodic::Unattended-Upgrade "1";\n',
      mode: 0o644,
      sudo: true,
    },
  ],
};

export const jailPath = '/etc/fail2ban/jail.d/claude-routing.local';
export const jailText = '[DEFAULT]\nbackend = systemd\n\n[sshd]\nenabled = true\n';

export const fail2banUnit = 'fail2ban.service';

const fail2ban: readonly Resource[] = [
  { kind: 'apt-packages', id: 'fail2ban', packages: ['fail2ban', 'python3-systemd'] },
  {
    // Debian 13 keeps no /var/log/auth.log, so the SSH jail has to read the journal or fail2ban does not start.
    kind: 'file',
    id: 'fail2ban-reads-the-journal',
    path: jailPath,
    content: jailText,
    mode: 0o644,
    sudo: true,
  },
  {
    kind: 'systemd-unit',
    id: 'fail2ban-service',
    unit: fail2banUnit,
    scope: 'system',
    wanted: 'running-at-boot',
    comesWith: 'the package fail2ban',
  },
];

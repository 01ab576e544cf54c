import type { Check, CheckContext, CheckFinding } from '../../checks/check.ts';
import { findUserBus } from '../../checks/machine.ts';
import { asksNothing, awaitsPassword } from '../../host/sudo.ts';
import type { Resource } from '../../resources/resource.ts';
import { linger } from '../base-system/service-user.ts';

/** Row "Failed to connect to user scope bus" of the guide. */
export const userBus: Check = {
  id: 'user-bus',
  about: 'service manager of this account, and the way to it from this shell',
  on: 'machine',
  look: async (examination) => {
    const { probe, layout, addresses, environment } = examination;
    if (layout.uid === 0) return [];
    const bus = await findUserBus(probe, layout, addresses[0] ?? 'THIS-HOST');
    if (bus.status !== 'ok') return [managerSilent(examination)];
    return staleVariables(layout.sessionEnv, environment);
  },
};

function managerSilent({ layout }: CheckContext): CheckFinding {
  return {
    symptom: 'Failed to connect to user scope bus; docker: no such socket',
    code: 'no-login-session',
    problem: `the service manager of ${layout.user} is not running, or does not answer`,
    evidence: [{ path: `${layout.runtimeDir}/bus`, text: 'does not answer' }],
    fixWith: [linger(layout.user), startedManager(layout.user, layout.uid, `${layout.runtimeDir}/bus`)],
  };
}

function startedManager(user: string, uid: number, bus: string): Resource {
  const unit = `user@${uid}.service`;
  return {
    kind: 'script',
    id: 'service-manager',
    inspect: async (probe) =>
      (await probe.stat(bus))?.kind === 'socket'
        ? { status: 'ok', note: bus }
        : { status: 'change', summary: `start ${unit}, the manager of ${user}` },
    effects: [{ do: 'run', why: `start ${unit}`, command: { file: 'systemctl', args: ['restart', unit], sudo: true } }],
  };
}

/** Variables of this shell that lead to something other than the manager that answers: after su, or from an old tmux. */
export function staleVariables(
  wanted: Readonly<Record<string, string>>,
  environment: Readonly<Record<string, string | undefined>>,
): readonly CheckFinding[] {
  const names = ['XDG_RUNTIME_DIR', 'DBUS_SESSION_BUS_ADDRESS'].filter(
    (name) => environment[name] !== undefined && plain(environment[name]) !== wanted[name],
  );
  if (names.length === 0) return [];
  return [
    {
      symptom: 'Failed to connect to user scope bus, typed in this shell',
      code: 'shell-outdated',
      problem: 'this shell was started as another user, or is older than the session: it points to another bus',
      evidence: names.map((name) => ({ text: `this shell: ${name}=${environment[name]}` })),
      fix: `export ${names.map((name) => `${name}=${wanted[name]}`).join(' ')}`,
    },
  ];
}

/** The bus's address may be followed by its id. */
function plain(address: string | undefined): string | undefined {
  return address?.replace(/,guid=\w+$/, '');
}

export const lingering: Check = {
  id: 'linger',
  about: 'services of this account run without a login',
  on: 'installation',
  look: async ({ probe, layout }) => {
    const path = `/var/lib/systemd/linger/${layout.user}`;
    if ((await probe.stat(path)) !== undefined) return [];
    return [
      {
        symptom: 'The gateway is gone after a reboot, or as soon as you log out',
        code: 'linger-off',
        problem: `the services of ${layout.user} end with its last session: linger is off`,
        evidence: [{ path, text: 'is not there' }],
        fixWith: [linger(layout.user)],
      },
    ];
  },
};

/** Row "Permission denied writing /etc/…" of the guide. */
export const sudo: Check = {
  id: 'sudo',
  about: 'this account may use sudo',
  on: 'machine',
  look: async ({ probe, layout }) => {
    if (layout.uid === 0) return [];
    const groups = (await probe.query({ file: 'id', args: ['-nG', layout.user] })).stdout.trim();
    if (groups.split(' ').includes('sudo')) return [];
    const { exitCode, stderr } = await probe.query(asksNothing);
    if (exitCode === 0) return [];
    const waits = awaitsPassword(stderr);
    return [
      {
        // A rule that asks for a password is as good as the group, and only the password would tell.
        severity: waits ? 'note' : 'broken',
        symptom: waits
          ? 'sudo asks for a password, and may refuse then'
          : `Permission denied under /etc; ${layout.user} is not in the sudoers file`,
        code: 'sudo-not-allowed',
        problem: `${layout.user} is not in the group sudo, and no other rule lets it use sudo without a password`,
        evidence: [{ text: `id -nG ${layout.user}: ${groups}` }],
        fix: `as root:  /usr/sbin/usermod -aG sudo ${layout.user}   then log in again`,
      },
    ];
  },
};

import type { Context, InstallerStep } from '../../context.ts';
import { commandsRun } from '../../engine/action-log.ts';
import type { Requirement } from '../../engine/step.ts';
import type { Probe } from '../../host/host.ts';
import { asksNothing, awaitsPassword } from '../../host/sudo.ts';
import type { Resource } from '../../resources/resource.ts';
import { lastLine } from '../../text/said.ts';
import { wasThere } from '../../uninstall/baseline.ts';
import type { Removal, RemovalStep } from '../../uninstall/removal.ts';
import { engineDecision } from '../docker/remove-decision.ts';

const maySudo: Requirement<Context> = {
  name: 'sudo group',
  run: async (probe, { layout }) => {
    const groups = await probe.query({ file: 'id', args: ['-nG', layout.user] });
    if (groups.stdout.split(' ').includes('sudo')) return { status: 'ok', note: `${layout.user} is in the group sudo` };
    const { exitCode, stderr } = await probe.query(asksNothing);
    if (exitCode === 0) return { status: 'ok', note: `${layout.user} may use sudo` };
    if (awaitsPassword(stderr)) return { status: 'ok', note: 'known once the sudo password is typed' };
    return {
      status: 'stop',
      code: 'sudo-not-allowed',
      problem: `${layout.user} may not use sudo, and some steps need it: ${lastLine(stderr)}`,
      fix: `as root, type  usermod -aG sudo ${layout.user}  and log in again; or have an administrator run  claude-routing-install prepare-host --user ${layout.user}`,
    };
  },
};

/** Lets this user's services start at boot and outlive the last logout. */
export function linger(user: string): Resource {
  return {
    kind: 'script',
    id: 'linger',
    inspect: async (probe) =>
      (await probe.stat(`/var/lib/systemd/linger/${user}`)) === undefined
        ? { status: 'change', summary: `let the services of ${user} run without a login` }
        : { status: 'ok', note: 'services run without a login' },
    effects: [
      { do: 'run', why: 'enable linger', command: { file: 'loginctl', args: ['enable-linger', user], sudo: true } },
    ],
  };
}

export const serviceUser: InstallerStep = {
  id: 'service-user',
  title: 'service user',
  guidePhase: 'phase 2',
  why: 'The gateway must start at boot with nobody logged in; that needs linger for this account.',
  requires: [maySudo],
  resources: ({ layout }) => [linger(layout.user)],
};

export const serviceUserRemoval: RemovalStep = {
  id: 'service-user',
  title: 'service user',
  guidePhase: 'phase 2',
  why: 'Your services run without a login only while one of ours is among them.',
  undoes: ['service-user'],
  resources: async (removal, probe) => ((await enabledHere(removal, probe)) ? [lingerOff(removal)] : []),
  kept: async (removal, probe) => {
    const { user } = removal.layout;
    const engine = await engineDecision(removal, probe);
    if (typeof engine === 'string' || !lingerIsOurs(removal)) return [];
    const command = `sudo loginctl disable-linger ${user}`;
    return [{ what: `linger for ${user}`, why: 'rootless Docker stays, and needs it to start at boot', command }];
  },
};

async function enabledHere(removal: Removal, probe: Probe): Promise<boolean> {
  return lingerIsOurs(removal) && typeof (await engineDecision(removal, probe)) === 'string';
}

function lingerIsOurs({ history, before, layout: { user } }: Removal): boolean {
  if (wasThere(before, lingerFile(user)) === true) return false;
  return commandsRun(history, 'loginctl', 'enable-linger').length > 0;
}

function lingerFile(user: string): string {
  return `/var/lib/systemd/linger/${user}`;
}

function lingerOff({ layout: { user } }: Removal): Resource {
  return {
    kind: 'script',
    id: 'linger',
    inspect: async (probe) =>
      (await probe.stat(lingerFile(user))) === undefined
        ? { status: 'ok', note: 'off' }
        : { status: 'change', summary: `services of ${user} end with the last login again`, destructive: true },
    effects: [
      { do: 'run', why: 'disable linger', command: { file: 'loginctl', args: ['disable-linger', user], sudo: true } },
    ],
  };
}

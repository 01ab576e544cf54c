import { commandsRun } from '../../engine/action-log.ts';
import type { Probe } from '../../host/host.ts';
import type { Resource } from '../../resources/resource.ts';
import { wasThere } from '../../uninstall/baseline.ts';
import type { Removal, RemovalStep } from '../../uninstall/removal.ts';
import { engineDecision } from '../docker/remove-decision.ts';

export const serviceUser: RemovalStep = {
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
    return [{ what: `linger for ${user}`, why: 'rootless Docker stays, and starts at boot by it', command }];
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

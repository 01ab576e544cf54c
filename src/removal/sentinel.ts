import type { Layout } from '../layout.ts';
import type { Resource } from '../resources/resource.ts';
import { takenOff } from './former-file.ts';
import type { Removal, RemovalStep } from './removal.ts';

const timer = 'claude-routing-sentinel.timer';

/** The watch that looks by itself whether everything still works; first to go, or it would report what follows. */
export const sentinel: RemovalStep = {
  id: 'sentinel',
  title: 'sentinel',
  guidePhase: 'phase 11',
  why: 'The timer that looks whether everything still works has nothing left to watch.',
  undoes: [],
  resources: async (removal, probe) => {
    const files = await Promise.all(ownFiles(removal).map(async (file) => await takenOff(removal, file, probe)));
    return [timerOff(removal.layout), ...files.flat()];
  },
};

function ownFiles({ layout: { home, configDir } }: Removal) {
  const units = ['claude-routing-sentinel.service', timer].map((name) => ({
    title: name,
    path: `${home}/.config/systemd/user/${name}`,
    isOurs: () => true,
  }));
  return [...units, { title: 'sentinel', path: `${configDir}/sentinel.bash`, isOurs: () => true }];
}

function timerOff({ home, sessionEnv }: Layout): Resource {
  return {
    kind: 'script',
    title: 'sentinel timer',
    inspect: async (probe) =>
      (await probe.stat(`${home}/.config/systemd/user/${timer}`)) === undefined
        ? { satisfied: 'none' }
        : await whetherOn(probe),
    effects: [
      {
        do: 'run',
        why: 'stop the timer, now and at boot',
        command: { file: 'systemctl', args: ['--user', 'disable', '--now', timer], env: sessionEnv },
      },
    ],
  };

  async function whetherOn(probe: Parameters<Extract<Resource, { kind: 'script' }>['inspect']>[0]) {
    const args = ['--user', 'is-enabled', timer];
    const { stdout } = await probe.query({ file: 'systemctl', args, env: sessionEnv });
    return stdout.trim() === 'enabled' ? { needed: `stop ${timer}` } : { satisfied: 'off' };
  }
}

import { aptGet, packageStates, packagesUnreadable } from './apt-packages.ts';
import type { Resource } from './resource.ts';

/** Packages that were unpacked and not set up, in what `packageStates` prints. */
export function halfInstalled(states: string): readonly string[] {
  const rows = states.split('\n').map((row) => row.split('\t'));
  return rows.flatMap(([state = '', name]) => (name !== undefined && /^.[UFHWt]/.test(state) ? [name] : []));
}

/** Nothing is installed beside packages that an earlier run, or anybody, left half way: dpkg refuses everything until they are done. */
export const halfInstalledPackages: Resource = {
  kind: 'script',
  id: 'half-installed-packages',
  inspect: async (probe) => {
    const answer = await probe.query(packageStates);
    const unreadable = packagesUnreadable(answer);
    if (unreadable !== undefined) return { status: 'blocked', ...unreadable };
    return halfInstalled(answer.stdout).length === 0
      ? { status: 'ok', note: 'none' }
      : { status: 'change', summary: 'finish what was interrupted' };
  },
  effects: [
    {
      do: 'run',
      why: 'finish what was interrupted',
      command: {
        file: 'dpkg',
        args: ['--configure', '-a', '--force-confold'],
        env: { DEBIAN_FRONTEND: 'noninteractive', LC_ALL: 'C' },
        sudo: true,
      },
    },
    aptGet(['--fix-broken', 'install'], 'install what is missing beside them'),
  ],
};

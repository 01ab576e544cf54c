import type { Resource } from '../../resources/resource.ts';
import { linger } from './service-user.ts';
import { basePackages } from './step.ts';

/** What the service user's first login and the later steps need from root. */
export const hostPackages = [...basePackages, 'sudo', 'openssh-server', 'dbus-user-session', 'libpam-systemd'] as const;

export interface ServiceUser {
  readonly user: string;
  readonly home: string;
  /** One line of an authorized_keys file. */
  readonly authorizedKey: string | undefined;
}

/** Phases 1 and 2 of the guide, the part for root: packages, the service user, its group, linger and key. */
export function prepareHostResources({ user, home, authorizedKey }: ServiceUser): readonly Resource[] {
  return [
    { kind: 'apt-packages', id: 'base-packages', packages: hostPackages },
    account(user),
    sudoGroup(user),
    linger(user),
    ...(authorizedKey === undefined ? [] : [key(user, home, authorizedKey)]),
  ];
}

function account(user: string): Resource {
  return {
    kind: 'script',
    id: 'account',
    title: `account ${user}`,
    inspect: async (probe) => {
      const { exitCode } = await probe.query({ file: 'id', args: ['-u', user] });
      return exitCode === 0
        ? { status: 'ok', note: 'there' }
        : { status: 'change', summary: `create the account ${user}, without a password for now` };
    },
    effects: [
      {
        do: 'run',
        why: `create the account ${user}`,
        command: { file: '/usr/sbin/adduser', args: ['--disabled-password', '--gecos', '', user] },
      },
    ],
  };
}

function sudoGroup(user: string): Resource {
  return {
    kind: 'script',
    id: 'sudo-group',
    inspect: async (probe) => {
      const { exitCode, stdout } = await probe.query({ file: 'id', args: ['-nG', user] });
      if (exitCode !== 0) return { status: 'later', waitsFor: `the account ${user}` };
      return stdout.trim().split(' ').includes('sudo')
        ? { status: 'ok', note: 'is a member' }
        : { status: 'change', summary: `add ${user} to the group sudo` };
    },
    effects: [
      { do: 'run', why: `add ${user} to sudo`, command: { file: '/usr/sbin/usermod', args: ['-aG', 'sudo', user] } },
    ],
  };
}

/** Run as the user itself, so that nothing in its home comes to belong to root. */
function key(user: string, home: string, line: string): Resource {
  const append =
    'umask 077; mkdir -p ~/.ssh; touch ~/.ssh/authorized_keys; [ -z "$(tail -c1 ~/.ssh/authorized_keys)" ] || echo >> ~/.ssh/authorized_keys; cat >> ~/.ssh/authorized_keys';
  return {
    kind: 'script',
    id: 'authorized-key',
    inspect: async (probe) => {
      const text = (await probe.readFile(`${home}/.ssh/authorized_keys`)) ?? '';
      return text.split('\n').includes(line)
        ? { status: 'ok', note: 'is authorized' }
        : { status: 'change', summary: `let this key log in as ${user}` };
    },
    effects: [
      {
        do: 'run',
        why: `authorize the key for ${user}`,
        command: {
          file: 'runuser',
          args: ['-u', user, '--', 'sh', '-c', append],
          cwd: '/',
          env: { HOME: home },
          input: `${line}\n`,
        },
      },
    ],
  };
}

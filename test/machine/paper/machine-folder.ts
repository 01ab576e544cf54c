import { chmodSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:net';
import { dirname } from 'node:path';
import type { Account } from '../../../src/layout.ts';

/** Operating systems that a paper machine can say it is. */
const osReleases = {
  'debian-13':
    'PRETTY_NAME="Debian GNU/Linux 13 (trixie)"\nNAME="Debian GNU/Linux"\nVERSION_ID="13"\nVERSION_CODENAME=trixie\nID=debian\n',
  'debian-12':
    'PRETTY_NAME="Debian GNU/Linux 12 (bookworm)"\nNAME="Debian GNU/Linux"\nVERSION_ID="12"\nVERSION_CODENAME=bookworm\nID=debian\n',
  'ubuntu-24.04':
    'PRETTY_NAME="Ubuntu 24.04.3 LTS"\nNAME="Ubuntu"\nVERSION_ID="24.04"\nVERSION_CODENAME=noble\nID=ubuntu\nID_LIKE=debian\n',
  'fedora-43':
    'NAME="Fedora Linux"\nVERSION="43 (Server Edition)"\nID=fedora\nVERSION_ID=43\nPRETTY_NAME="Fedora Linux 43 (Server Edition)"\n',
  'alpine-3.22': 'NAME="Alpine Linux"\nID=alpine\nVERSION_ID=3.22.2\nPRETTY_NAME="Alpine Linux v3.22"\n',
} as const;
export type SystemName = keyof typeof osReleases;

export interface FolderOptions {
  readonly folder: string;
  readonly account: Account;
  readonly system: SystemName;
  /** Name of the first process. */
  readonly init: string;
  /** Text of ~/.bashrc. */
  readonly bashrc: string;
  readonly programs: readonly string[];
  readonly placeProgram: (path: string) => void;
}

/** The first lines of Debian's own ~/.bashrc, as far as it matters here. */
export const debianBashrc = `# ~/.bashrc: executed by bash(1) for non-login shells.

# If not running interactively, don't do anything
case $- in
    *i*) ;;
      *) return;;
esac

HISTCONTROL=ignoreboth
alias ll='ls -alF'
`;

/** Lays out the files of a machine below a folder; modes do not depend on the umask of this process. */
export function layOutFolder({ folder, account, system, init, bashrc, programs, placeProgram }: FolderOptions): void {
  const put = (path: string, text: string, mode = 0o644): void => {
    mkdirSync(dirname(`${folder}${path}`), { recursive: true, mode: 0o755 });
    writeFileSync(`${folder}${path}`, text);
    chmodSync(`${folder}${path}`, mode);
  };
  put('/etc/os-release', osReleases[system]);
  put('/proc/1/comm', `${init}\n`);
  put('/proc/meminfo', 'MemTotal:       16331752 kB\nMemFree:         9331752 kB\n');
  put('/etc/subuid', `${account.user}:100000:65536\n`);
  put('/etc/subgid', `${account.user}:100000:65536\n`);
  put('/usr/share/zoneinfo/Etc/UTC', 'TZif2');
  put('/usr/share/zoneinfo/Europe/Berlin', 'TZif2');
  symlinkSync(`${folder}/usr/share/zoneinfo/Etc/UTC`, `${folder}/etc/localtime`);
  for (const path of ['/etc/apt/sources.list.d', '/etc/apt/apt.conf.d', '/usr/bin', '/usr/sbin', '/usr/share/keyrings'])
    mkdirSync(`${folder}${path}`, { recursive: true });
  const home = account.home.slice(folder.length);
  put(`${home}/.bashrc`, bashrc);
  put(`${home}/.profile`, '# ~/.profile\n');
  mkdirSync(`${folder}/run/user/${account.uid}`, { recursive: true });
  chmodSync(`${folder}/run/user/${account.uid}`, 0o700);
  for (const path of programs) placeProgram(path);
  symlinkSync('/bin/sh', `${folder}/usr/bin/sh`);
  put('/machine.json', '{}\n');
}

/** A real socket, as the account's bus is one. Nothing speaks on it. */
export async function layBus(folder: string, uid: number): Promise<Server> {
  const server = createServer((socket) => socket.destroy());
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(`${folder}/run/user/${uid}/bus`, resolve);
  });
  return server;
}

import { aptPrograms } from './apt-programs.ts';
import { clientPrograms } from './client-programs.ts';
import { debianPrograms } from './debian-programs.ts';
import { docker } from './docker-program.ts';
import { filePrograms } from './file-programs.ts';
import type { Action, Call, Machine, Program } from './program.ts';
import { rootPrograms, sudoProgram } from './root-programs.ts';
import { servicePrograms } from './service-programs.ts';

const plain: Readonly<Record<string, Program>> = {
  ...aptPrograms,
  ...debianPrograms,
  ...servicePrograms,
  ...rootPrograms,
  ...clientPrograms,
  ...filePrograms,
  docker,
};

/** Every program of a paper machine. */
export const programs: Readonly<Record<string, Program>> = { ...plain, sudo: sudoProgram(actionOf) };

/** Those that are there from the beginning, by path; others come with packages and downloads. */
export const firstPrograms: readonly string[] = [
  ...[
    'sudo',
    'dpkg-query',
    'apt-cache',
    'apt-get',
    'apt-mark',
    'rm',
    'rmdir',
    'systemctl',
    'journalctl',
    'loginctl',
    'id',
    'getent',
    'ip',
    'setsid',
    'uname',
    'df',
    'pgrep',
    'timedatectl',
    'ss',
    'chmod',
    'bash',
  ].map((name) => `/usr/bin/${name}`),
  ...['usermod', 'adduser', 'runuser', 'modprobe'].map((name) => `/usr/sbin/${name}`),
];

/** What a call would do; undefined when nobody told its program how to answer it. */
export function actionOf(call: Call, machine: Machine): Action | undefined {
  const program = Object.hasOwn(plain, call.program) ? plain[call.program] : undefined;
  return (call.program === 'sudo' ? programs.sudo : program)?.(call, machine);
}

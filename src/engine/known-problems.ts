import type { EffectFailed } from '../host/host.ts';
import type { Problem } from '../problem.ts';
import type { ProblemCode } from '../problem-codes/index.ts';
import { describeEffect } from './describe-effect.ts';
import { refusalInWords, refusalProblem } from './errno.ts';
import { someFullDisk } from './full-disk.ts';

interface KnownProblem {
  readonly pattern: RegExp;
  readonly code: ProblemCode;
  readonly cause: (match: RegExpExecArray) => string;
  readonly fix: (match: RegExpExecArray) => string;
}

/** What programs say, what it means here, and what to type. The troubleshooting table of the manual guide, as far as it shows in output. */
const knownProblems: readonly KnownProblem[] = [
  {
    pattern: /E: Unable to locate package (\S+)/,
    code: 'apt-package-unknown',
    cause: ([, name]) => `apt knows no package ${name}, and one unknown name stops the whole installation`,
    fix: () => 'check that the main repository is in /etc/apt/sources.list.d, then  sudo apt-get update',
  },
  {
    pattern: /Could not get lock|Unable to acquire the dpkg frontend lock/,
    code: 'apt-busy',
    cause: () =>
      'another program is installing packages (unattended upgrades, perhaps) and did not finish in five minutes',
    fix: () => "see it with  ps aux | grep -E 'apt|dpkg'  and run this again when it is done",
  },
  {
    pattern: /dpkg was interrupted/,
    code: 'apt-interrupted',
    cause: () => 'an earlier installation of packages was interrupted',
    fix: () => 'finish it:  sudo dpkg --configure -a',
  },
  {
    pattern: /No space left on device/i,
    code: 'disk-full',
    cause: () => someFullDisk().problem,
    fix: () => someFullDisk().fix,
  },
  {
    pattern: /sudo: a password is required|sudo: a terminal is required/,
    code: 'sudo-needs-password',
    cause: () => 'sudo forgot the password in the meantime',
    fix: () => 'type  sudo -v  and run this again: it goes on where it stopped',
  },
  {
    pattern: /is not in the sudoers file|is not allowed to (run|execute)/,
    code: 'sudo-not-allowed',
    cause: () => 'this account may not use sudo for that',
    fix: () => 'as root:  usermod -aG sudo YOUR-USER  and log in again',
  },
  {
    pattern: /Failed to connect to (user scope )?bus/,
    code: 'no-login-session',
    cause: () => 'this shell has no login session of its own (su gives none)',
    fix: () => 'type  exit  and come in by ssh, then run this again',
  },
  {
    pattern: /Cannot connect to the Docker daemon|docker\.sock: connect/,
    code: 'docker-silent',
    cause: () => 'your Docker engine does not answer',
    fix: () => 'start it:  systemctl --user restart docker  and see  systemctl --user status docker',
  },
  {
    pattern: /port is already allocated|address already in use/,
    code: 'port-taken',
    cause: () => "the gateway's port is taken",
    fix: () => 'see by whom:  ss -ltnp  or choose another one:  --set gateway.port=4001',
  },
  {
    pattern:
      /(could not be reached|Could not resolve|Temporary failure (in name resolution|resolving)|no such host|i\/o timeout)/,
    code: 'download-unreachable',
    cause: () => 'a download site could not be reached from this machine',
    fix: () => 'check the network and DNS:  getent hosts download.docker.com claude.ai ghcr.io',
  },
  {
    pattern: /manifest unknown|not found: manifest/i,
    code: 'image-missing',
    cause: () => 'the registry does not have this image',
    fix: () => 'check gateway.image in your answers, or leave it out to get the tested one',
  },
];

/** The cause and the fix of a failure that is known by its words; undefined for any other. */
export function explainFailure(failure: EffectFailed): Problem | undefined {
  const refusal = refusalInWords(failure.message);
  if (refusal !== undefined) {
    const found = refusalProblem(refusal);
    return { ...found, problem: `${found.problem} (while: ${describeEffect(failure.effect)})` };
  }
  const said = [failure.message, ...failure.output].join('\n');
  for (const { pattern, code, cause, fix } of knownProblems) {
    const match = pattern.exec(said);
    if (match !== null)
      return { code, problem: `${cause(match)} (while: ${describeEffect(failure.effect)})`, fix: fix(match) };
  }
  return undefined;
}

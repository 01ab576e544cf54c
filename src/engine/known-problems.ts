import type { EffectFailed } from '../host/host.ts';
import { type ErrorRow, meaningIn, type Problem } from '../problem.ts';
import { describeEffect } from './describe-effect.ts';
import { refusalInWords, refusalProblem } from './errno.ts';
import { someFullDisk } from './full-disk.ts';

const unknownPackage = /E: (?:Unable to locate package|Package) '?([^\s']+)(?:' has no installation candidate|$)/m;
/** What apt says of a mirror or a proxy. */
const notConnected =
  /(?:Could not connect to|Unable to connect to|Cannot initiate the connection to) ([^\s,()]+?):?(?:\s|$)/m;
/** apt of a Release file, then TLS as OpenSSL and curl word it. */
const clockWords =
  /is not valid yet \(invalid for another|certificate (?:is not yet valid|has expired)|not yet activated/i;
const brokenSource = /E: [^\n]* (\/etc\/apt\/\S+)/;

/** What programs say, what it means here, and what to type. The troubleshooting table of the manual guide, as far as it shows in output. */
const meanings: readonly ErrorRow<string>[] = [
  {
    when: (said) => unknownPackage.test(said),
    code: 'apt-package-unknown',
    problem: (said) =>
      `apt knows no package ${unknownPackage.exec(said)?.[1]}, and one unknown name stops the whole installation`,
    fix: 'check that the main repository is in /etc/apt/sources.list.d and nothing in /etc/apt/preferences.d forbids it, then  sudo apt-get update',
  },
  {
    when: (said) => /Held packages were changed/.test(said),
    code: 'apt-package-held',
    problem: 'a package that is needed is on hold',
    fix: 'see which:  apt-mark showhold  and release it:  sudo apt-mark unhold NAME',
  },
  {
    when: (said) => /The list of sources could not be read/.test(said),
    code: 'apt-sources-wrong',
    problem: (said) => `apt cannot read ${brokenSource.exec(said)?.[1] ?? 'its list of sources'}`,
    fix: (said) => {
      const file = brokenSource.exec(said)?.[1] ?? 'FILE';
      return `correct it, or move it away:  sudo mv ${file} ${file}.off`;
    },
  },
  {
    when: (said) => /Could not get lock|Unable to acquire the dpkg frontend lock/.test(said),
    code: 'apt-busy',
    problem:
      'another program is installing packages (unattended upgrades, perhaps) and did not finish within five minutes',
    fix: "see it with  ps aux | grep -E 'apt|dpkg'  and run this again when it is done",
  },
  {
    when: (said) => /dpkg was interrupted/.test(said),
    code: 'apt-interrupted',
    problem: 'an earlier installation of packages was interrupted',
    fix: 'finish it:  sudo dpkg --configure -a',
  },
  {
    when: (said) => clockWords.test(said),
    code: 'clock-wrong',
    problem:
      'what was to be fetched, or its certificate, is valid at another time than the clock of this machine shows',
    fix: 'see it:  date  and let it be set:  sudo timedatectl set-ntp true  then run this again',
  },
  {
    when: (said) => notConnected.test(said),
    code: 'download-unreachable',
    problem: (said) => `apt reaches nobody at ${notConnected.exec(said)?.[1]}: a mirror, or the proxy that it is told`,
    fix: 'see whether it is a proxy:  apt-config dump | grep -i proxy  and where it stands:  grep -ri proxy /etc/apt/apt.conf*  Correct it, then run this again',
  },
  {
    when: (said) => /^E: Failed to fetch .* 404 /m.test(said),
    code: 'download-unreachable',
    problem: 'the mirror no longer has a package that the lists of this machine name',
    fix: 'fetch the lists anew:  sudo apt-get update  then run this again',
  },
  {
    when: (said) => /No space left on device/i.test(said),
    code: 'disk-full',
    problem: () => someFullDisk().problem,
    fix: () => someFullDisk().fix,
  },
  {
    when: (said) => /sudo: a password is required|sudo: a terminal is required/.test(said),
    code: 'sudo-needs-password',
    problem: 'sudo no longer remembers the password',
    fix: 'type  sudo -v  and run this again: it goes on where it stopped',
  },
  {
    when: (said) => /is not in the sudoers file|is not allowed to (run|execute)/.test(said),
    code: 'sudo-not-allowed',
    problem: 'this account may not use sudo for that',
    fix: 'as root:  usermod -aG sudo YOUR-USER  and log in again',
  },
  {
    when: (said) => /Failed to connect to (user scope )?bus/.test(said),
    code: 'no-login-session',
    problem: 'this shell has no login session of its own (su gives none)',
    fix: 'type  exit  and log in by ssh, then run this again',
  },
  {
    when: (said) => /Cannot connect to the Docker daemon|docker\.sock: connect/.test(said),
    code: 'docker-silent',
    problem: 'your Docker engine does not answer',
    fix: 'start it:  systemctl --user restart docker  and see  systemctl --user status docker',
  },
  {
    when: (said) => /port is already allocated|address already in use/.test(said),
    code: 'port-taken',
    problem: "the gateway's port is taken",
    fix: 'see what uses it:  ss -ltnp  or choose another one:  --set gateway.port=4001',
  },
  {
    when: (said) =>
      /(could not be reached|Could not resolve|Temporary failure (in name resolution|resolving)|no such host|i\/o timeout)/.test(
        said,
      ),
    code: 'download-unreachable',
    problem: 'a download site could not be reached from this machine',
    fix: 'check the network and DNS:  getent hosts download.docker.com claude.ai ghcr.io',
  },
  {
    when: (said) => /manifest unknown|not found: manifest/i.test(said),
    code: 'image-missing',
    problem: 'the registry does not have this image',
    fix: 'check gateway.image in your answers, or leave it out to get the tested one',
  },
];

/** The cause and the fix of a failure that is known by its words; undefined for any other. */
export function explainFailure(failure: EffectFailed): Problem | undefined {
  const refusal = refusalInWords(failure.message);
  if (refusal !== undefined) {
    const found = refusalProblem(refusal);
    return { ...found, problem: `${found.problem} (while: ${describeEffect(failure.effect)})` };
  }
  const found = meaningIn(meanings, [failure.message, ...failure.output].join('\n'));
  return found === undefined
    ? undefined
    : { ...found, problem: `${found.problem} (while: ${describeEffect(failure.effect)})` };
}

/** A failure of which nothing is known but what was being done. */
export function unexplained(error: EffectFailed): Problem {
  const last = error.output.at(-1);
  return {
    code: 'command-failed',
    problem: `${describeEffect(error.effect)}: ${error.message}${last === undefined ? '' : `: ${last}`}`,
    fix: 'read the lines above, fix what they name, and run the same command again: it goes on where it stopped',
  };
}

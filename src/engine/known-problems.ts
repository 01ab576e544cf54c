import type { EffectFailed } from '../host/host.ts';
import { setClock, trustProxy } from '../http/no-reply.ts';
import { type ErrorRow, meaningIn, type Problem } from '../problem.ts';
import { refusalInWords, refusalProblem, someFullDisk } from './errno.ts';
import { describeEffect } from './event.ts';
import { packageMeanings } from './package-problems.ts';

/** apt of a Release file, then TLS as OpenSSL and curl word it. */
const clockWords =
  /is not valid yet \(invalid for another|Release file for \S+ is expired|certificate (?:is not yet valid|has expired)|not yet activated/i;
/** As OpenSSL (apt, curl), GnuTLS (git, wget), Go (Docker), rustls (mise), Python (pip) and Node word it. */
const untrusted =
  /certificate verify failed|SSL certificate problem|certificate (?:signer|of '\S+' is) not trusted|signed by unknown authority|invalid peer certificate|self-signed certificate|unable to (?:get local issuer|verify the first) certificate/i;
/** As apt and curl, then Docker, word it. */
const proxyWantsLogin =
  /\b407\b[^\n]*Proxy Authentication|CONNECT tunnel failed, response 407|Proxy Authentication Required/i;
const nameTaken = /Conflict\. The container name "\/?([^"]+)" is already in use/;
const networkTaken = /network (\S+) was found but has incorrect label/;
const noStart = /^Job for (\S+) failed/m;
const readOnly = /(\/[^\s':]+)'?[^\n/]*: Read-only file system/i;

/** What programs say, what it means here, and what to type: the manual guide's troubleshooting table, as far as output shows it. */
const meanings: readonly ErrorRow<string>[] = [
  {
    when: (said) => clockWords.test(said),
    code: 'clock-wrong',
    problem: 'a download or its certificate is not valid at the time that this machine’s clock shows',
    fix: setClock,
  },
  ...packageMeanings,
  {
    when: (said) => untrusted.test(said),
    code: 'certificate-untrusted',
    problem: 'a download site shows a certificate that this machine does not trust',
    fix: trustProxy,
  },
  {
    when: (said) => proxyWantsLogin.test(said),
    code: 'proxy-between',
    problem: 'the proxy between this machine and the internet wants a name and a password',
    fix: 'see which proxy:  env | grep -i proxy; apt-config dump | grep -i proxy  and write NAME:PASSWORD@ in front of its host there, then run this again',
  },
  {
    when: (said) => /No space left on device/i.test(said),
    code: 'disk-full',
    problem: () => someFullDisk().problem,
    fix: () => someFullDisk().fix,
  },
  {
    when: (said) => readOnly.test(said),
    code: 'disk-read-only',
    problem: (said) => `a disk is read-only, and ${readOnly.exec(said)?.[1]} on it was to be changed`,
    fix: 'see which, and why:  findmnt -O ro; sudo dmesg | tail  then make it writable:  sudo mount -o remount,rw PLACE',
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
    when: (said) => noStart.test(said),
    code: 'service-does-not-start',
    problem: (said) => `${noStart.exec(said)?.[1]} does not start`,
    fix: (said) => {
      const journal = said.includes('systemctl --user') ? 'journalctl --user' : 'sudo journalctl';
      return `see why:  ${journal} -u ${noStart.exec(said)?.[1]} -o cat -n 30  fix what it names, and run the same command again: it goes on where it stopped`;
    },
  },
  {
    when: (said) => /Cannot connect to the Docker daemon|docker\.sock: connect/.test(said),
    code: 'docker-silent',
    problem: 'your Docker engine does not answer',
    fix: 'start it:  systemctl --user restart docker  and see  systemctl --user status docker',
  },
  {
    when: (said) => networkTaken.test(said),
    code: 'container-foreign',
    problem: (said) => `there is a network ${networkTaken.exec(said)?.[1]} that this program did not make`,
    fix: (said) => {
      const name = networkTaken.exec(said)?.[1];
      return `see who uses it:  docker ps -a --filter network=${name}  and give that another one, then  docker network rm ${name}`;
    },
  },
  {
    when: (said) => nameTaken.test(said),
    code: 'container-foreign',
    problem: (said) => `there is a container ${nameTaken.exec(said)?.[1]} that this program did not make`,
    fix: (said) => {
      const name = nameTaken.exec(said)?.[1] ?? 'NAME';
      return `see it:  docker ps -a --filter name=${name}  and give it another name:  docker rename ${name} ${name}-mine`;
    },
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

/** The cause and the fix of a failure that is recognised by its words; undefined for any other. */
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

/** A failure about which nothing is known except what was being done. */
export function unexplained(error: EffectFailed): Problem {
  const last = error.output.at(-1);
  return {
    code: 'command-failed',
    problem: `${describeEffect(error.effect)}: ${error.message}${last === undefined ? '' : `: ${last}`}`,
    fix: 'read the lines above, fix what they name, and run the same command again: it goes on where it stopped',
  };
}

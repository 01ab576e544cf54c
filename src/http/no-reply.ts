import type { HttpFailure } from '../host/host.ts';
import type { Problem } from '../problem.ts';
import type { ProblemCode } from '../problem-codes/index.ts';

/** Whether a machine on the local network did not answer at all; it may be off or asleep. */
export function nothingCame(code: ProblemCode): boolean {
  return silences.includes(code);
}

const silences: readonly ProblemCode[] = [
  'certificate-untrusted',
  'connection-cut',
  'connection-refused',
  'host-unreachable',
  'name-not-found',
  'timed-out',
];

/** Why nothing came back from a service on the internet. `host` is its name. */
export function noCloudReply(host: string, failure: HttpFailure, detail: string): Problem {
  switch (failure) {
    case 'name-not-found':
      return {
        code: 'name-not-found',
        problem: `The name ${host} could not be looked up: this machine has no working DNS, or no network.`,
        fix: `Fix the network, then try again; this must print an address: getent hosts ${host}`,
      };
    case 'refused':
      return blocked(
        `The connection to ${host} was refused; a firewall between here and the internet can cause that.`,
        host,
      );
    case 'timeout':
      return blocked(`${host} did not answer in time; a firewall may drop the connection.`, host);
    case 'unreachable':
      return blocked(`This machine has no route to ${host}: no default route to the internet.`, host);
    case 'tls':
      return {
        code: 'certificate-untrusted',
        problem: `The encrypted connection to ${host} was not trusted${detail === '' ? '' : ` (${detail})`}: a proxy that intercepts TLS can cause that.`,
        fix: trustProxy,
      };
    case 'clock':
      return {
        code: 'clock-wrong',
        problem: `The certificate of ${host} is valid at another time than the clock of this machine shows${detail === '' ? '' : ` (${detail})`}.`,
        fix: setClock,
      };
    case 'not-http':
    case 'broken':
      return blocked(`The connection to ${host} was cut before an answer came.`, host);
  }
}

/** What to do about a clock. */
export const setClock = 'check it:  date  and have it set:  sudo timedatectl set-ntp true  then run this again';

/** What makes every program here, Docker's engine included, trust a proxy that intercepts TLS; an engine reads the list when it starts. */
export const trustProxy =
  'Behind a proxy that intercepts TLS, ask whoever runs it for its certificate and let this machine trust it:  sudo cp FILE.crt /usr/local/share/ca-certificates/ && sudo update-ca-certificates  then  systemctl --user restart docker';

/** What a site says that was to tell what it has: an error page of its own, or one of a proxy between. */
export function uselessReply(host: string, says: string): Problem {
  return {
    code: 'download-unreachable',
    problem: `${host} ${says}`,
    fix: `see what answers in its name:  curl -sSI https://${host}  and try again later`,
  };
}

function blocked(problem: string, host: string): Problem {
  return {
    code: 'connection-blocked',
    problem,
    fix: `Let this machine reach ${host} on port 443, then try again; this shows how far it gets: curl -sSI https://${host}`,
  };
}

/** The port that an address means, written out. */
export function portOf(address: string): string {
  const { port, protocol } = new URL(address);
  return port || (protocol === 'https:' ? '443' : '80');
}

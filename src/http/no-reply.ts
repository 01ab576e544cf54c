import type { HttpFailure } from '../host/host.ts';
import type { Problem } from '../problem.ts';
import type { ProblemCode } from '../problem-codes/index.ts';

/** Whether a machine on the local network did not answer at all: what is off or asleep does that, too. */
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

/** Why nothing came back from a model server on the local network, and what to do on which machine. */
export function noLocalReply(address: string, failure: HttpFailure, seconds: number): Problem {
  const { hostname: host } = new URL(address);
  const port = portOf(address);
  switch (failure) {
    case 'refused':
      return {
        code: 'connection-refused',
        problem: `${host} is there, but nothing listens on its port ${port}.`,
        fix: `On ${host} start LM Studio's server with "Serve on Local Network" on (Developer tab, or: lms server start --bind 0.0.0.0 --port ${port}).`,
      };
    case 'timeout':
      return {
        code: 'timed-out',
        problem: `${host} did not answer on port ${port} within ${seconds} s: it is off, asleep, or a firewall drops the connection.`,
        fix: `Wake ${host} and let TCP port ${port} through its firewall; this shows from here whether it is up: ping -c 1 ${host}`,
      };
    case 'name-not-found':
      return {
        code: 'name-not-found',
        problem: `No machine called ${host} is known here.`,
        fix: 'Type its IPv4 address instead, e.g. 192.168.1.20; LM Studio shows it in the Developer tab.',
      };
    case 'unreachable':
      return {
        code: 'host-unreachable',
        problem: `No machine answers to ${host}: it is off, it has another address, or there is no route to it from here.`,
        fix: "Wake it, or type the address that LM Studio shows in the Developer tab. This host's own networks: ip -4 route",
      };
    case 'tls':
      return tlsProblem(address, host, port);
    case 'not-http':
      return {
        code: 'not-a-model-server',
        problem: `Something listens on port ${port} of ${host}, but it does not speak HTTP.`,
        fix: `Look up the port in LM Studio's Developer tab (1234 unless changed) and type it, e.g. ${host}:1234.`,
      };
    case 'broken':
      return {
        code: 'connection-cut',
        problem: `${host} accepted the connection on port ${port} and dropped it before the answer was complete.`,
        fix: `Stop and start the server in LM Studio's Developer tab, then try ${host}:${port} again.`,
      };
  }
}

function tlsProblem(address: string, host: string, port: string): Problem {
  if (address.startsWith('http:'))
    return {
      code: 'https-wanted',
      problem: `Port ${port} of ${host} wants https.`,
      fix: `Type https://${host}:${port}`,
    };
  return {
    code: 'certificate-untrusted',
    problem: `No trusted https connection to ${host}, port ${port}: its certificate is not trusted here, or it speaks plain http.`,
    fix: `LM Studio itself speaks plain http: type http://${host}:${port === '443' ? '1234' : port}`,
  };
}

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
        problem: `The encrypted connection to ${host} was not trusted${detail === '' ? '' : ` (${detail})`}: a wrong clock or a proxy that intercepts TLS can cause that.`,
        fix: 'Check the clock with: timedatectl   Behind such a proxy, install its certificate: sudo update-ca-certificates',
      };
    case 'not-http':
    case 'broken':
      return blocked(`The connection to ${host} was cut before an answer came.`, host);
  }
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

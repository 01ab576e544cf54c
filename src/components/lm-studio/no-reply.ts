import { defaultLocalPort } from '../../config/address.ts';
import type { HttpFailure } from '../../host/host.ts';
import { portOf } from '../../http/no-reply.ts';
import type { Problem } from '../../problem.ts';
import { kindWords, usualKindAt, usualPortWords } from './server-kinds.ts';

/** Why nothing came back from a model server on the local network, and what to do on which machine. */
export function noLocalReply(address: string, failure: HttpFailure, seconds: number): Problem {
  const { hostname: host } = new URL(address);
  const port = portOf(address);
  switch (failure) {
    case 'refused':
      return {
        code: 'connection-refused',
        problem: `${host} is there, but nothing listens on its port ${port}.`,
        fix: startAt(host, port),
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
        fix: 'Type its IPv4 address instead, e.g. 192.168.1.20; that machine shows it with  ip -4 address  or  ipconfig',
      };
    case 'unreachable':
      return {
        code: 'host-unreachable',
        problem: `No machine answers to ${host}: it is off, it has another address, or there is no route to it from here.`,
        fix: "Wake it, or type the address that it has now. This host's own networks: ip -4 route",
      };
    case 'tls':
      return tlsProblem(address, host, port);
    case 'not-http':
      return {
        code: 'not-a-model-server',
        problem: `Something listens on port ${port} of ${host}, but it does not speak HTTP.`,
        fix: `Type the port of the model server on ${host}. The usual ones: ${usualPortWords}.`,
      };
    case 'broken':
      return {
        code: 'connection-cut',
        problem: `${host} accepted the connection on port ${port} and dropped it before the answer was complete.`,
        fix: `Stop and start the model server on ${host}, then try ${host}:${port} again.`,
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
    fix: `Model servers speak plain http by themselves: type http://${host}:${port === '443' ? defaultLocalPort : port}`,
  };
}

/** In the words of who usually listens there: nothing has answered that could say what it is. */
function startAt(host: string, port: string): string {
  const kind = usualKindAt(port);
  if (kind === undefined) return `On ${host} start the model server; it has to listen on 0.0.0.0, port ${port}.`;
  return `On ${host} start the model server so that other machines reach it: ${kindWords[kind].serve(port)}`;
}

import { isIPv4, isIPv6 } from 'node:net';
import { domainToASCII } from 'node:url';
import type { Problem } from '../engine/finding.ts';

/** The port that LM Studio listens on unless told otherwise. */
export const defaultLocalPort = 1234;

const example = 'Type it like 192.168.1.20 or http://192.168.1.20:1234.';
/** Paths that people copy along with the address; any other path may mean a proxy that we would silently miss. */
const apiPath = /^\/*$|^\/+(api|v0|v1|models|chat|completions|responses|embeddings|messages)(\/|$)/i;

type Parsed = { readonly address: string } | { readonly problem: string };

/** Why what was typed is no address of a model server, in words fit for a prompt; undefined when it is one. */
export function addressProblem(typed: string): string | undefined {
  const parsed = parse(typed);
  return 'problem' in parsed ? parsed.problem : undefined;
}

/**
 * `http://host:port` for whatever form an address was typed in; the port is always written out and
 * normalising the result again changes nothing. Throws on what `addressProblem` refuses.
 */
export function normaliseAddress(typed: string): string {
  const parsed = parse(typed);
  if ('problem' in parsed) throw new Error(parsed.problem);
  return parsed.address;
}

/**
 * Why the gateway's container could not dial an address although this host can; undefined when nothing speaks against it.
 * `address` is a normalised address, `ownAddresses` are the addresses of this host's interfaces, for a better advice.
 * Only the loopback is closed to a rootless container (Docker's manual on rootless mode). An own address on the local
 * network is let through: slirp4netns and pasta, as RootlessKit starts them, were seen to reach it. Only a request from
 * inside a container proves it.
 */
export function containerReachabilityProblem(address: string, ownAddresses: readonly string[]): Problem | undefined {
  const host = new URL(address).hostname.replace(/^\[|\]$/g, '');
  if (!isLoopback(host)) return undefined;
  const port = /:(\d+)$/.exec(address)?.[1] ?? String(defaultLocalPort);
  const inside = host === 'host.docker.internal' ? 'exists in Docker Desktop only' : 'means the container itself there';
  const own = ownAddresses.map((one) => one.replace(/[/%].*$/, '')).find((ip) => isIPv4(ip) && !isLoopback(ip));
  const here = own === undefined ? '' : ` If LM Studio runs on this very host: ${own}:${port}.`;
  return {
    problem: `The gateway runs in a rootless container, and ${host} ${inside}.`,
    fix: `In LM Studio's Developer tab turn on "Serve on Local Network", then type the address it shows there, e.g. 192.168.1.20:${port}.${here}`,
  };
}

/** IPv4 in IPv6 (`::ffff:127.0.0.1`) comes in a URL's own spelling. */
function isLoopback(host: string): boolean {
  return /^(localhost|.*\.localhost|localhost\.localdomain|host\.docker\.internal|::1?|0\.0\.0\.0|127\..*|::ffff:7f[0-9a-f]{2}:.*)$/i.test(
    host,
  );
}

function parse(typed: string): Parsed {
  const text = bare(typed);
  if (text === '') return wrong(`No address was given. ${example}`);
  if (/^(sk-|eyJ)/.test(text)) return wrong(`This looks like a key, not like an address. ${example}`);
  if (text.includes('@')) return wrong(`Leave the name and password before the @ out of the address. ${example}`);
  if (text.length > 300 || /[\s,;|\x00-\x1f\x7f]/.test(text))
    return wrong(`One address at a time, without spaces inside. ${example}`);
  const [, scheme, rest = ''] = /^(?:([a-z][a-z0-9+.-]*):\/{1,3}(?!\/))?(.*)$/i.exec(text) ?? [];
  const protocol = protocolOf(scheme);
  if (protocol === undefined) return wrong(`A model server is reached by http or https, not by ${scheme}. ${example}`);
  const [, authority = '', path = ''] = /^([^/?#]*)([^?#]*)/.exec(rest) ?? [];
  if (/^\/\d{1,3}$/.test(path)) return wrong(`${authority}${path} is a whole network, not one machine. ${example}`);
  if (!apiPath.test(path)) return wrong(`Leave the path ${path} out: only the machine and its port count. ${example}`);
  return joined(protocol, authority, scheme !== undefined);
}

/** What is left when quotes, a pasted curl command and stray punctuation are taken away. */
function bare(typed: string): string {
  const text = typed.normalize('NFKC').trim().replaceAll('\\/', '/');
  const pasted = /^curl\s/.test(text) ? (/\s["'<]?(https?:\/\/[^\s"'>]+)/i.exec(text)?.[1] ?? text) : text;
  return pasted
    .replace(/^["'`<(\s]+|["'`>),.;\s]+$/g, '')
    .replace(/\s*:\s*(?=\d+(\D|$))/, ':')
    .replace(/^(\w+:\/+)\s+/, '$1');
}

/** LM Studio's own library writes the same server as ws://. */
function protocolOf(scheme = 'http'): 'http' | 'https' | undefined {
  if (/^(http|ws)$/i.test(scheme)) return 'http';
  return /^(https|wss)$/i.test(scheme) ? 'https' : undefined;
}

function joined(protocol: 'http' | 'https', authority: string, schemeTyped: boolean): Parsed {
  const { host, port } = split(authority);
  const problem = hostProblem(host) ?? portProblem(port);
  if (problem !== undefined) return wrong(problem);
  const fallback = schemeTyped && protocol === 'https' ? 443 : defaultLocalPort;
  return { address: `${protocol}://${canonical(host)}:${port === undefined ? fallback : Number(port)}` };
}

function split(authority: string): { host: string; port: string | undefined } {
  if (isIPv6(authority)) return { host: authority, port: undefined };
  const bracketed = /^\[([^\]]*)\](?::(.*))?$/.exec(authority);
  if (bracketed) return { host: bracketed[1] ?? '', port: bracketed[2] || undefined };
  const colon = authority.lastIndexOf(':');
  if (colon < 0) return { host: authority, port: undefined };
  return { host: authority.slice(0, colon), port: authority.slice(colon + 1) || undefined };
}

function portProblem(port: string | undefined): string | undefined {
  if (port === undefined) return undefined;
  if (!/^\d+$/.test(port)) return `"${port}" is not a port number. ${example}`;
  const number = Number(port);
  return number >= 1 && number <= 65535
    ? undefined
    : `Port ${port} does not exist: ports go from 1 to 65535. ${example}`;
}

function hostProblem(host: string): string | undefined {
  if (host === '') return `The name or number of the machine is missing. ${example}`;
  if (host.includes(':')) return ipv6Problem(host);
  if (/^[\d.]+$/.test(host)) return ipv4Problem(host);
  const ascii = domainToASCII(host.replace(/\.$/, '').replaceAll('_', 'x'));
  if (ascii === '' || ascii.length > 253 || !ascii.split('.').every(isLabel))
    return `"${host}" is not the name of a machine. ${example}`;
  return undefined;
}

function ipv6Problem(host: string): string | undefined {
  if (host.includes('%') || /^fe[89ab]/i.test(host))
    return `${host} holds on one network link only and no container can use it. Type the machine's IPv4 address, e.g. 192.168.1.20.`;
  return isIPv6(host) ? undefined : `"${host}" is not an address; IPv6 goes in brackets, e.g. http://[fd00::20]:1234.`;
}

function ipv4Problem(host: string): string | undefined {
  if (!isIPv4(host)) return `${host} is not an IPv4 address: it needs four numbers from 0 to 255. ${example}`;
  return Number(host.split('.')[0]) >= 224 ? `${host} is not the address of one machine. ${example}` : undefined;
}

function isLabel(label: string): boolean {
  return /^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/i.test(label);
}

function canonical(host: string): string {
  if (host.includes(':')) return new URL(`http://[${host}]`).hostname;
  if (host.includes('_')) return host.toLowerCase().replace(/\.$/, '');
  return domainToASCII(host.replace(/\.$/, ''));
}

function wrong(problem: string): Parsed {
  return { problem };
}

import { isIPv4, isIPv6 } from 'node:net';
import { domainToASCII } from 'node:url';
import { failure, type Problem, type Result, success } from '../problem.ts';

/** The port that LM Studio listens on unless told otherwise. */
export const defaultLocalPort = 1234;

const example = 'Type it like 192.168.1.20 or http://192.168.1.20:1234.';
/** Characters; longer than any command from which an address might be copied. */
const longestTyped = 4000;
/** Paths that people copy along with the address; any other path may mean a proxy that we would silently bypass. */
const apiPath = /^\/*$|^\/+(api|v0|v1|models|chat|completions|responses|embeddings|messages)(\/|$)/i;

type Parsed = Result<string, string>;

/** Why what was typed is not the address of a model server, in words fit for a prompt; undefined if it is. */
export function addressProblem(typed: string): string | undefined {
  const parsed = parse(typed);
  return parsed.ok ? undefined : parsed.problem;
}

/**
 * `http://host:port` for whatever form an address was typed in; the port is always written out and
 * normalising the result again changes nothing. Throws on what `addressProblem` refuses.
 */
export function normaliseAddress(typed: string): string {
  const parsed = parse(typed);
  if (!parsed.ok) throw new Error(parsed.problem);
  return parsed.value;
}

/** The machine of a normalised address: a name, or an IP address without brackets. */
export function hostOf(address: string): string {
  return new URL(address).hostname.replace(/^\[|\]$/g, '');
}

/**
 * Why the gateway's container could not dial an address although this host can; undefined if nothing suggests so.
 * `address` is a normalised address, `ownAddresses` are the addresses of this host's interfaces, for a better advice.
 * The loopback is closed to a rootless container (Docker's manual on rootless mode), and so is IPv6. An own address on the local
 * network is let through: slirp4netns and pasta, as RootlessKit starts them, were seen to reach it. Only a request from
 * inside a container proves it.
 */
export function containerReachabilityProblem(address: string, ownAddresses: readonly string[]): Problem | undefined {
  const host = hostOf(address);
  if (!isLoopback(host)) return host.includes(':') ? noIpv6(host) : undefined;
  const port = /:(\d+)$/.exec(address)?.[1] ?? String(defaultLocalPort);
  const inside = host === 'host.docker.internal' ? 'exists in Docker Desktop only' : 'means the container itself there';
  const own = ownAddresses.map((one) => one.replace(/[/%].*$/, '')).find((ip) => isIPv4(ip) && !isLoopback(ip));
  const here = own === undefined ? '' : ` If the model server runs on this very host: ${own}:${port}.`;
  return {
    code: 'container-cannot-reach-server',
    problem: `The gateway runs in a rootless container, and ${host} ${inside}.`,
    fix: `Let the model server listen on the local network, not only on the loopback, then type its machine's address, e.g. 192.168.1.20:${port}.${here}`,
  };
}

/** Seen with Docker 26.1 and slirp4netns: "Network is unreachable". A name is let through; it may have an IPv4 address, too. */
function noIpv6(host: string): Problem {
  return {
    code: 'container-cannot-reach-server',
    problem: `The gateway runs in a rootless container, which has no IPv6, and ${host} is an IPv6 address.`,
    fix: `Type the machine's IPv4 address, e.g. 192.168.1.20, or a name that has one.`,
  };
}

/** IPv4 in IPv6 (`::ffff:127.0.0.1`) comes in a URL's own spelling. */
function isLoopback(host: string): boolean {
  return /^(localhost|.*\.localhost|localhost\.localdomain|host\.docker\.internal|::1?|0\.0\.0\.0|127\..*|::ffff:7f[0-9a-f]{2}:.*)$/i.test(
    host,
  );
}

function parse(typed: string): Parsed {
  if (typed.length > longestTyped) return failure(`One address at a time, without spaces inside. ${example}`);
  const text = bare(typed);
  if (text === '') return failure(`No address was given. ${example}`);
  if (/^(sk-|eyJ)/.test(text)) return failure(`This looks like a key, not like an address. ${example}`);
  if (text.includes('@')) return failure(`Leave the name and password before the @ out of the address. ${example}`);
  if (text.length > 300 || /[\s,;|\x00-\x1f\x7f]/.test(text))
    return failure(`One address at a time, without spaces inside. ${example}`);
  const [, scheme, rest = ''] = /^(?:([a-z][a-z0-9+.-]*):\/{1,3}(?!\/))?(.*)$/i.exec(text) ?? [];
  const protocol = protocolOf(scheme);
  if (protocol === undefined)
    return failure(`A model server is reached by http or https, not by ${scheme}. ${example}`);
  const [, authority = '', path = ''] = /^([^/?#]*)([^?#]*)/.exec(rest) ?? [];
  if (/^\/\d{1,3}$/.test(path)) return failure(`${authority}${path} is a whole network, not one machine. ${example}`);
  if (!apiPath.test(path))
    return failure(`Leave out the path ${path}: only the machine and its port count. ${example}`);
  return joined(protocol, authority, scheme !== undefined);
}

/** Zero-width characters, which come along when one copies from a web page. */
const unseen = /[\u00ad\u200b-\u200d\u2060\ufeff]/g;

/** What is left without quotes, a pasted curl command and stray punctuation. */
function bare(typed: string): string {
  const text = typed.normalize('NFKC').replace(unseen, '').trim().replaceAll('\\/', '/');
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
  if (problem !== undefined) return failure(problem);
  const fallback = schemeTyped && protocol === 'https' ? 443 : defaultLocalPort;
  return readBack(protocol, host, port === undefined ? fallback : Number(port));
}

/**
 * What every client will make of it, by the parser of addresses itself (WHATWG's "URL" standard): names in punycode, an
 * IPv6 address in its shortest form. A host that it reads as another one than was typed is refused.
 */
function readBack(protocol: string, host: string, port: number): Parsed {
  const hostname = hostnameOf(host);
  if (hostname === undefined) return failure(`"${host}" is not the name of a machine. ${example}`);
  if (isIPv4(hostname) && hostname !== dotted(host))
    return failure(`${host} is another way to write ${hostname}, which not every program knows. Type ${hostname}.`);
  const address = `${protocol}://${hostname}:${port}`;
  const dialled = new URL(address);
  const same = dialled.hostname === hostname && Number(dialled.port || wellKnownPorts[protocol]) === port;
  return same && dialled.pathname === '/'
    ? success(address)
    : failure(`"${host}" is not the name of a machine. ${example}`);
}

const wellKnownPorts: Readonly<Record<string, number>> = { http: 80, https: 443 };

function hostnameOf(host: string): string | undefined {
  const written = host.includes(':') ? `[${host}]` : dotted(host);
  return URL.canParse(`http://${written}`) ? new URL(`http://${written}`).hostname : undefined;
}

/** Without the dot that ends a full name, and with the dots of other scripts written as plain ones. */
function dotted(host: string): string {
  return host.replace(/[\u3002\uff0e\uff61]/g, '.').replace(/\.$/, '');
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
  if (host === '' || /^(https?|wss?)$/i.test(host)) return `The name or number of the machine is missing. ${example}`;
  if (host.includes(':')) return ipv6Problem(host);
  if (/^[\d.]+$/.test(dotted(host))) return ipv4Problem(dotted(host));
  // No name in the DNS has an underscore, but many in home networks do.
  const ascii = notInHosts.test(host) ? '' : domainToASCII(dotted(host).replaceAll('_', 'x'));
  if (ascii === '' || ascii.length > 253 || !ascii.split('.').every(isLabel))
    return `"${host}" is not the name of a machine. ${example}`;
  return undefined;
}

/** Characters that end a host, or that some parser of addresses takes for something else. */
const notInHosts = /[\\%"'`<>^{|}()[\]*?#/@!$&+,;=~\p{Cc}\p{Bidi_Control}]/u;

function ipv6Problem(host: string): string | undefined {
  if (host.includes('%') || /^fe[89ab]/i.test(host))
    return `${host} is valid on one network link only, and no container can use it. Type the machine's IPv4 address, e.g. 192.168.1.20.`;
  if (/^ff/i.test(host) && isIPv6(host)) return `${host} is not the address of one machine. ${example}`;
  return isIPv6(host) ? undefined : `"${host}" is not an address; type the machine's IPv4 address, e.g. 192.168.1.20.`;
}

function ipv4Problem(host: string): string | undefined {
  if (!isIPv4(host)) return `${host} is not an IPv4 address: it needs four numbers from 0 to 255. ${example}`;
  return Number(host.split('.')[0]) >= 224 ? `${host} is not the address of one machine. ${example}` : undefined;
}

function isLabel(label: string): boolean {
  return /^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/i.test(label);
}

const written = /^[0-9a-f]{2}([:-]?[0-9a-f]{2}){5}$/i;

/** Why what was typed is not the address of a network card that can be woken, in words fit for a prompt; undefined if it is. */
export function macProblem(typed: string): string | undefined {
  if (!written.test(typed.trim())) return 'must be six pairs of hexadecimal digits, e.g. 3c:7c:3f:12:ab:90';
  const [first = 0, ...rest] = octets(typed).map((octet) => Number.parseInt(octet, 16));
  // IEEE 802: the lowest bit of the first octet marks an address of a group.
  if (first % 2 === 1) return 'is the address of a group, not of one network card';
  return first === 0 && rest.every((octet) => octet === 0) ? 'is an address that no network card has' : undefined;
}

/** Lower case with colons, as Linux writes it, however it was typed. */
export function normaliseMac(typed: string): string {
  return octets(typed).join(':');
}

function octets(typed: string): readonly string[] {
  return typed.toLowerCase().match(/[0-9a-f]{2}/g) ?? [];
}

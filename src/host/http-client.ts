import * as tls from 'node:tls';
import type { HttpFailure, HttpReply, HttpRequest } from './host.ts';
import { revealed } from './secret.ts';

const defaultTimeoutMs = 5000;
const largestBody = 20 * 1024 * 1024;

/** One HTTP exchange; network failures come back as a value. Redirects are not followed. */
export async function exchange(wanted: HttpRequest): Promise<HttpReply> {
  // Loaded with the first request: no other library of this program takes longer to load.
  const { Agent, request } = await import('./http-library.ts');
  const timeoutMs = wanted.timeoutMs ?? defaultTimeoutMs;
  const started = performance.now();
  const elapsed = () => Math.round(performance.now() - started);
  const agent = new Agent({
    connect: { timeout: timeoutMs, ...(wanted.url.startsWith('https:') ? trustOfThisMachine() : {}) },
    headersTimeout: timeoutMs,
    bodyTimeout: timeoutMs,
    maxResponseSize: largestBody,
  });
  try {
    const reply = await request(agent, wanted.url, {
      method: wanted.method ?? (wanted.json === undefined ? 'GET' : 'POST'),
      headers: headersOf(wanted),
      body: wanted.json === undefined ? null : JSON.stringify(wanted.json),
      signal: AbortSignal.timeout(timeoutMs),
    });
    const body = await reply.body.text();
    return { reached: true, status: reply.statusCode, headers: flatHeaders(reply.headers), body, ms: elapsed() };
  } catch (error) {
    return { reached: false, ...failureOf(error), ms: elapsed() };
  } finally {
    await agent.destroy().catch(() => undefined);
  }
}

function headersOf(wanted: HttpRequest): Record<string, string> {
  const given = Object.entries(wanted.headers ?? {}).map(([name, value]) => [name, revealed(value)]);
  const type = wanted.json === undefined ? [] : [['content-type', 'application/json']];
  return Object.fromEntries([...type, ...given]);
}

function flatHeaders(headers: Record<string, string | string[] | undefined>): Record<string, string> {
  const entries = Object.entries(headers).flatMap(([name, value]) =>
    value === undefined ? [] : [[name.toLowerCase(), Array.isArray(value) ? value.join(', ') : value] as const],
  );
  return Object.fromEntries(entries);
}

const failures: Readonly<Record<string, HttpFailure>> = {
  ECONNREFUSED: 'refused',
  ENOTFOUND: 'name-not-found',
  EAI_AGAIN: 'name-not-found',
  EHOSTUNREACH: 'unreachable',
  ENETUNREACH: 'unreachable',
  EHOSTDOWN: 'unreachable',
  EACCES: 'unreachable',
  ETIMEDOUT: 'timeout',
  UND_ERR_CONNECT_TIMEOUT: 'timeout',
  UND_ERR_HEADERS_TIMEOUT: 'timeout',
  UND_ERR_BODY_TIMEOUT: 'timeout',
  TimeoutError: 'timeout',
  CERT_NOT_YET_VALID: 'clock',
  CERT_HAS_EXPIRED: 'clock',
  EPROTO: 'tls',
  HTTPParserError: 'not-http',
};

/** The other codes of a certificate, and of what TLS says itself. Source: nodejs.org, "TLS", X509 certificate error codes. */
const ofCertificates =
  /^(ERR_(SSL|TLS)|CERT_|CRL_|SELF_SIGNED_|DEPTH_ZERO_|UNABLE_TO_|ERROR_IN_|HOSTNAME_MISMATCH|INVALID_(CA|PURPOSE)|PATH_LENGTH_)/;

/** Why a request had no reply, by the code of what Node threw. */
export function failureOf(error: unknown): { failure: HttpFailure; detail: string } {
  const first = firstError(error);
  const code = 'code' in first && typeof first.code === 'string' ? first.code : first.name;
  const known = failures[code] ?? (code.startsWith('HPE_') ? 'not-http' : ofCertificates.test(code) ? 'tls' : 'broken');
  return { failure: known, detail: first.message || code };
}

/** With several addresses for one name, Node reports an AggregateError; its first member says why. */
function firstError(error: unknown): Error {
  if (error instanceof AggregateError && error.errors[0] instanceof Error) return error.errors[0];
  return error instanceof Error ? error : new Error(String(error));
}

/** Part of node:tls since Node 22.15; older ones have no such function. */
interface KnowsCertificates {
  readonly getCACertificates?: (of: 'default' | 'system') => readonly string[];
}

/** To be spread into a connection's options. */
interface Trust {
  readonly secureContext?: tls.SecureContext;
}

let known: Trust | undefined;

/**
 * What to trust for an encrypted connection: Node's own authorities and those of this machine, as curl and apt do it. Debian's
 * Node reads the machine's by itself; one from nodejs.org, such as mise's, would know only the ones that it brings along.
 */
function trustOfThisMachine(): Trust {
  known ??= trustFrom(tls as KnowsCertificates);
  return known;
}

/** The same for a given Node; empty for one that cannot tell, which then decides by itself. */
export function trustFrom({ getCACertificates }: KnowsCertificates): Trust {
  if (getCACertificates === undefined) return {};
  const ca = [...new Set([...getCACertificates('default'), ...getCACertificates('system')])];
  return { secureContext: tls.createSecureContext({ ca }) };
}

import { createHash } from 'node:crypto';
import type { IncomingHttpHeaders } from 'node:http';

/** A credential as the log keeps it: enough to compare, nothing to steal. */
export interface LoggedCredential {
  readonly header: string;
  /** `Bearer`, `Basic` … for an Authorization header, otherwise the header's own name. */
  readonly scheme: string;
  readonly fingerprint: string;
}

/** What was answered to one request. `status` is 0 while nothing was sent and stays 0 when the connection was cut before the first byte. */
export interface LoggedAnswer {
  status: number;
  kind: 'none' | 'json' | 'text' | 'stream' | 'file';
  /** The fault that struck, if one did. */
  fault?: string;
  /** The model (or deployment) that answered. */
  model?: string;
  /** The words of the reply, or the error body's message. */
  text?: string;
  /** Names of the tools that the reply calls. */
  toolCalls?: readonly string[];
  /** Prompt tokens as the stand-in estimates them. */
  promptTokens?: number;
  /** Tokens that a cloud charges for when the answer is finished, each kind by its own price. */
  billed?: { readonly input: number; readonly read: number; readonly written: number; readonly output: number };
  /** The answer was not finished: the fault or the client ended the connection. */
  cut?: boolean;
  /** Milliseconds from the request to the end of the answer. */
  milliseconds?: number;
}

/** One request as it arrived. */
export interface LoggedRequest {
  readonly sequence: number;
  /** ISO 8601, UTC. */
  readonly time: string;
  /** The client's end of the connection that it came over. */
  readonly port: number;
  readonly method: string;
  /** Path with its query. */
  readonly path: string;
  /** Lower-case names; credentials replaced by their fingerprints. */
  readonly headers: Readonly<Record<string, string>>;
  readonly credentials: readonly LoggedCredential[];
  /** Parsed JSON, else the text, else undefined. */
  readonly body: unknown;
  readonly answer: LoggedAnswer;
}

const CREDENTIAL_HEADERS = ['authorization', 'proxy-authorization', 'x-api-key', 'api-key', 'cookie'];

/** `sha256:` and the first sixteen hex digits: what the log shows in place of the secret. */
export function fingerprint(secret: string): string {
  return `sha256:${createHash('sha256').update(secret).digest('hex').slice(0, 16)}`;
}

/** The credentials of a request, by header, in a form that is safe to write down. */
export function loggedCredentials(headers: IncomingHttpHeaders): readonly LoggedCredential[] {
  return CREDENTIAL_HEADERS.flatMap((header) => {
    const value = headers[header];
    if (value === undefined) return [];
    return [loggedCredential(header, String(value))];
  });
}

function loggedCredential(header: string, value: string): LoggedCredential {
  const parts = /^(\S+) +(.+)$/.exec(value);
  const scheme = parts?.[1];
  const secret = parts?.[2];
  if (header.endsWith('authorization') && scheme !== undefined && secret !== undefined) {
    return { header, scheme, fingerprint: fingerprint(secret) };
  }
  return { header, scheme: header, fingerprint: fingerprint(value) };
}

/** The headers with every credential replaced by `scheme fingerprint`. */
export function loggedHeaders(headers: IncomingHttpHeaders): Readonly<Record<string, string>> {
  const shown: Record<string, string> = {};
  for (const [name, value] of Object.entries(headers)) shown[name] = String(value);
  for (const credential of loggedCredentials(headers)) {
    shown[credential.header] = `${credential.scheme} ${credential.fingerprint}`;
  }
  return shown;
}

import { createHash, timingSafeEqual } from 'node:crypto';
import style from '../../../templates/page/watch.css?raw';
import frame from '../../../templates/page/watch.html?raw';
import script from '../../../templates/page/watch.js?raw';
import type { ServedRequest } from '../../host/loopback-server.ts';
import { shellWord } from '../../shell/word.ts';

/** What a request may have of the page, or the status that refuses it. */
type Admission =
  | { readonly part: 'page' }
  /** `seen`: what the page has of the state already, as it was told. */
  | { readonly part: 'state'; readonly seen: string }
  | { readonly part: 'nothing'; readonly status: 403 | 404 | 405 };

/**
 * Whether a request comes from whom the address was given to. The token keeps out the machine's other accounts; the name in the
 * Host header keeps out a site whose name was pointed at 127.0.0.1 (DNS rebinding). The port may be another one: the near end
 * of a tunnel is where the person wants it.
 */
export function admit({ method, target, host }: ServedRequest, token: string): Admission {
  if (!/^(?:127\.0\.0\.1|localhost)(?::\d{1,5})?$/i.test(host)) return { part: 'nothing', status: 403 };
  if (method !== 'GET') return { part: 'nothing', status: 405 };
  const [, given = '', rest = ''] = /^\/([\w-]+)(.*)$/s.exec(target) ?? [];
  if (!areSame(given, token)) return { part: 'nothing', status: 404 };
  if (rest === '' || rest === '/') return { part: 'page' };
  const [, seen] = /^\/state\?seen=([\w.-]{0,40})$/.exec(rest) ?? [];
  return seen === undefined ? { part: 'nothing', status: 404 } : { part: 'state', seen };
}

/** Takes as long for a near miss as for a far one. */
function areSame(one: string, other: string): boolean {
  const [a, b] = [one, other].map((text) => createHash('sha256').update(text).digest());
  return a !== undefined && b !== undefined && timingSafeEqual(a, b);
}

/** The page in one file. */
export const pageText = frame.replace('/* style */', () => style).replace('/* script */', () => script);

/**
 * What a browser may do for the page: run this very script, use this very style, and ask where the page came from. Text cannot
 * become markup (`require-trusted-types-for`). Source: W3C Content Security Policy Level 3.
 */
const policy = [
  "default-src 'none'",
  `script-src '${hashOf(script)}'`,
  `style-src '${hashOf(style)}'`,
  "connect-src 'self'",
  'img-src data:',
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
  "require-trusted-types-for 'script'",
  "trusted-types 'none'",
].join('; ');

/** For whatever is answered. Nothing is kept, nobody is told the address, and no other site gets to see any of it. */
export const pageHeaders: Readonly<Record<string, string>> = {
  'content-security-policy': policy,
  'cache-control': 'no-store',
  'referrer-policy': 'no-referrer',
  'x-content-type-options': 'nosniff',
  'x-frame-options': 'DENY',
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-resource-policy': 'same-origin',
};

function hashOf(text: string): string {
  return `sha256-${createHash('sha256').update(text).digest('base64')}`;
}

/** Who is to come in, and where. */
interface Tunnel {
  readonly port: number;
  readonly user: string;
  /** Of this machine, where nothing better is known. */
  readonly hostName: string;
  /** `SSH_CONNECTION`, where the program was started over ssh. */
  readonly connection: string | undefined;
}

/**
 * What to type on one's own machine to have this port of the loopback there. The address and the port of ssh are those by which the
 * person came in: SSH_CONNECTION has them as its third and fourth word (ssh(1), ENVIRONMENT).
 */
export function tunnelLine({ port, user, hostName, connection = '' }: Tunnel): string {
  const [, address, sshPort = '22'] = /^\S+ \d+ ([\da-f:.]+(?:%[\w.-]+)?) (\d{1,5})$/i.exec(connection) ?? [];
  const way = sshPort === '22' ? '' : ` -p ${sshPort}`;
  return `ssh -N${way} -L ${port}:127.0.0.1:${port} ${shellWord(`${user}@${address ?? hostName}`)}`;
}

import { createHash, timingSafeEqual } from 'node:crypto';
import type { ServedRequest } from '../../host/loopback-server.ts';

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

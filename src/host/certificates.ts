import * as tls from 'node:tls';

/** Part of node:tls since Node 22.15; older ones have no such function. */
export interface KnowsCertificates {
  readonly getCACertificates?: (of: 'default' | 'system') => readonly string[];
}

/** For the options of a connection. */
export interface Trust {
  readonly secureContext?: tls.SecureContext;
}

let known: Trust | undefined;

/**
 * What to trust for an encrypted connection: Node's own authorities and those of this machine, as curl and apt do it. Debian's
 * Node reads the machine's by itself; one from nodejs.org, such as mise's, would know only the ones that it brings along.
 */
export function trustOfThisMachine(): Trust {
  known ??= trustFrom(tls as KnowsCertificates);
  return known;
}

/** The same for a given Node; empty for one that cannot tell, which then decides by itself. */
export function trustFrom({ getCACertificates }: KnowsCertificates): Trust {
  if (getCACertificates === undefined) return {};
  const ca = [...new Set([...getCACertificates('default'), ...getCACertificates('system')])];
  return { secureContext: tls.createSecureContext({ ca }) };
}

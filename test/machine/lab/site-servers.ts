import { createServer as createPlainServer, type RequestListener, type Server } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { CertificateOffice } from './identity.ts';

/** One request that reached a site of the lab, as far as the front door sees it. */
export interface Visit {
  readonly host: string;
  readonly method: string;
  readonly path: string;
  status: number;
}

/** The sites of the lab by host name, on port 443 (with a certificate of the lab for the name asked for) and port 80. */
export interface SiteServers {
  /** Puts up a site, or replaces one; takes effect with the next request. */
  serve(hostname: string, listener: RequestListener): void;
  /** Takes a site down: its name is no longer known. */
  withdraw(hostname: string): void;
  has(hostname: string): boolean;
  /** Oldest first; at most the last 20,000. */
  readonly visits: readonly Visit[];
  close(): Promise<void>;
}

const REMEMBERED = 20_000;

/** Opens both ports on `address`. */
export async function openSiteServers(address: string, certificates: CertificateOffice): Promise<SiteServers> {
  const sites = new Map<string, RequestListener>();
  const visits: Visit[] = [];
  const dispatch: RequestListener = (request, response) => {
    const host = (request.headers.host ?? '').toLowerCase().replace(/:\d+$/, '');
    const visit: Visit = { host, method: request.method ?? '', path: request.url ?? '', status: 0 };
    visits.push(visit);
    if (visits.length > REMEMBERED) visits.shift();
    response.once('close', () => {
      visit.status = response.headersSent ? response.statusCode : 0;
    });
    const site = sites.get(host);
    if (site !== undefined) return site(request, response);
    response.writeHead(421).end(`the lab has no site called ${host}\n`);
  };
  const secure = createTlsServer(
    {
      SNICallback: (hostname, done) => {
        if (!sites.has(hostname)) return done(new Error(`the lab has no site called ${hostname}`));
        certificates.contextFor(hostname).then(
          (context) => done(null, context),
          (error: Error) => done(error),
        );
      },
    },
    dispatch,
  );
  const servers: Server[] = [createPlainServer(dispatch), secure];
  await listenOn(servers[0] as Server, address, 80);
  await listenOn(secure, address, 443);
  return {
    serve: (hostname, listener) => void sites.set(hostname.toLowerCase(), listener),
    withdraw: (hostname) => void sites.delete(hostname.toLowerCase()),
    has: (hostname) => sites.has(hostname),
    visits,
    close: async () => void (await Promise.all(servers.map(closeServer))),
  };
}

/** Listens on one port of one address. */
export function listenOn(server: Server, address: string, port: number): Promise<void> {
  server.requestTimeout = 0;
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, address, () => {
      server.removeListener('error', reject);
      resolve();
    });
  });
}

/** Stops listening and ends open connections. */
export function closeServer(server: Server): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve());
    server.closeAllConnections();
  });
}

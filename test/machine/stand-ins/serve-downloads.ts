import { readFileSync } from 'node:fs';
import { json } from 'node:stream/consumers';
import { openIdentity } from '../lab/identity.ts';
import { labCache } from './download-cache.ts';
import { downloads } from './downloads.ts';
import { releaseSigner } from './release-signer.ts';
import { listen } from './stand-in.ts';

/**
 * The download sites as a process of its own, for a namespace that has nothing but loopback: on port 443 with the given
 * certificate, and on 4100 taking new settings as JSON. `serve-downloads.ts CERTIFICATE KEY`; a line says that both listen.
 */
const [cert = '', key = ''] = process.argv.slice(2);
const sites = downloads(labCache(), releaseSigner(await openIdentity()));
await listen(sites, { port: 443, tls: { cert: readFileSync(cert, 'utf8'), key: readFileSync(key, 'utf8') } });
await listen(
  {
    handle: async (request, response) => {
      Object.assign(sites.settings, await json(request));
      response.end();
    },
  },
  { port: 4100 },
);
process.stdout.write('listening\n');

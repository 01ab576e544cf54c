import { readFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { openIdentity } from '../lab/identity.ts';
import { anthropic } from './anthropic.ts';
import { controlListener } from './control.ts';
import { labCache, prepareDownloads } from './download-cache.ts';
import { downloads } from './downloads.ts';
import { foundry } from './foundry.ts';
import { lmStudio } from './lm-studio.ts';
import { releaseSigner } from './release-signer.ts';
import { type Listening, listen, type StandIn, type Where } from './stand-in.ts';

/**
 * Starts the stand-ins as one process:
 *
 *     tsx main.ts [--host 127.0.0.1] [--lm-studio 1234] [--anthropic 4101] [--foundry 4102] [--control 4100]
 *                 [--downloads PORT] [--cert FILE --cert-key FILE]
 *
 * Port 0 takes a free one. The download sites are served only when asked for, and prepared first; with a certificate
 * they and the two clouds speak TLS. Keys of the clouds come from the environment (STAND_IN_ANTHROPIC_KEY,
 * STAND_IN_FOUNDRY_KEY), never from the command line. When all listen, one line of JSON on standard output says where.
 * SIGINT and SIGTERM end it.
 */
async function main(): Promise<void> {
  const options = readOptions();
  const standIns: StandIn[] = [
    lmStudio(),
    anthropic({ keys: keyFrom('STAND_IN_ANTHROPIC_KEY') }),
    foundry({ keys: keyFrom('STAND_IN_FOUNDRY_KEY') }),
  ];
  if (options.downloads !== undefined) {
    await prepareDownloads(labCache());
    standIns.push(downloads(labCache(), releaseSigner(await openIdentity())));
  }
  const listening = new Map<string, Listening>();
  for (const standIn of standIns) listening.set(standIn.name, await listen(standIn, whereOf(options, standIn.name)));
  listening.set('control', await listen({ handle: controlListener(standIns) }, whereOf(options, 'control')));
  const urls = [...listening].map(([name, { url }]) => [name, url]);
  process.stdout.write(`${JSON.stringify(Object.fromEntries(urls))}\n`);
  const stop = (): void => {
    for (const one of listening.values()) one.close().catch(() => process.exit(1));
  };
  process.once('SIGINT', stop);
  process.once('SIGTERM', stop);
}

type Options = Readonly<Record<string, string | undefined>>;

function readOptions(): Options {
  return parseArgs({
    options: {
      host: { type: 'string', default: '127.0.0.1' },
      'lm-studio': { type: 'string', default: '1234' },
      anthropic: { type: 'string', default: '4101' },
      foundry: { type: 'string', default: '4102' },
      control: { type: 'string', default: '4100' },
      downloads: { type: 'string' },
      cert: { type: 'string' },
      'cert-key': { type: 'string' },
    },
  }).values;
}

function whereOf(options: Options, name: string): Where {
  const port = Number(options[name]);
  if (!Number.isInteger(port) || port < 0 || port > 65_535) throw new Error(`--${name}: not a port: ${options[name]}`);
  const where = { host: options.host ?? '127.0.0.1', port };
  const plain = name === 'lm-studio' || name === 'control';
  if (plain || options.cert === undefined || options['cert-key'] === undefined) return where;
  return {
    ...where,
    tls: { cert: readFileSync(options.cert, 'utf8'), key: readFileSync(options['cert-key'], 'utf8') },
  };
}

function keyFrom(variable: string): Record<string, null> {
  const key = process.env[variable];
  return key === undefined || key === '' ? {} : { [key]: null };
}

await main();

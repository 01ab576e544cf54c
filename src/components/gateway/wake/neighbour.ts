import * as z from 'zod';
import { hostOf } from '../../../config/address.ts';
import type { Probe } from '../../../host/host.ts';
import { readBody } from '../../../http/reply-body.ts';

/** The machine of an address as this one sees it in the network. */
export interface Neighbour {
  /** Of its network card, small and with colons; undefined where the kernel does not know it now. */
  readonly mac: string | undefined;
  /** Where packets to it go first when it is in another network. */
  readonly router: string | undefined;
}

const routes = z.array(z.object({ gateway: z.string().optional(), via: z.object({ host: z.string() }).optional() }));
/** A row without `lladdr` is of one that did not answer. */
const neighbours = z.array(z.object({ lladdr: z.string().optional() }));

/** What the kernel knows of a machine by its address or name; undefined where this system does not say. Dials nobody. */
export async function neighbourOf(probe: Pick<Probe, 'query'>, address: string): Promise<Neighbour | undefined> {
  const host = hostOf(address);
  const [own = ''] = (await probe.query({ file: 'getent', args: ['ahosts', host] })).stdout.split(/\s/, 1);
  if (own === '') return undefined;
  const [way, known] = await Promise.all([
    probe.query({ file: 'ip', args: ['-json', 'route', 'get', own] }),
    probe.query({ file: 'ip', args: ['-json', 'neighbour', 'show', own] }),
  ]);
  return neighbourIn(way.stdout, known.stdout);
}

/** The same from what `ip -json route get` and `ip -json neighbour show` say. */
export function neighbourIn(way: string, known: string): Neighbour | undefined {
  const [route] = readBody(routes, way) ?? [];
  if (route === undefined) return undefined;
  const mac = readBody(neighbours, known)?.find(({ lladdr }) => lladdr !== undefined)?.lladdr;
  return { mac: mac?.toLowerCase(), router: route.gateway ?? route.via?.host };
}

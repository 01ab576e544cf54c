import { mkdir } from 'node:fs/promises';
import { createServer, type RequestListener, type Server } from 'node:http';
import { join } from 'node:path';
import { debianArchive } from './archive.ts';
import { withLock } from './cache.ts';
import { attempt } from './command.ts';
import { readDebianMirror } from './debian-mirror.ts';
import { DOCKER_HOST_NAME, dockerRepository, serveDirectory } from './docker-repository.ts';
import { CertificateOffice, type LabIdentity, openIdentity } from './identity.ts';
import { Machine } from './machine.ts';
import { createRoot, type MachineFacts, type MachineSettings, restoreRoot, type SudoVariant } from './machine-root.ts';
import { type NameServer, serveNames } from './name-server.ts';
import { installLabTools } from './prerequisites.ts';
import {
  type ImageDigests,
  REGISTRY_HOST_NAMES,
  type RegistryFiles,
  registryFiles,
  startRegistry,
} from './registry.ts';
import { ARCHIVE_HOST, baseRoot } from './root-image.ts';
import { closeServer, listenOn, openSiteServers, type SiteServers } from './site-servers.ts';
import { type Slot, takeSlot } from './slot.ts';
import { dropSlot, holdSlot, sweepAbandonedSlots } from './sweep.ts';
import { INSIDE, layWire, type Wire } from './wire.ts';

/** What the lab needs before a machine can be booted; slow the first time, read from the cache afterwards. */
export interface LabParts {
  readonly identity: LabIdentity;
  readonly archive: RequestListener;
  readonly base: string;
  readonly dockerSite: string;
  readonly registry: RegistryFiles;
}

/** What a lab is asked for. Everything has a default. */
export interface LabOptions {
  readonly hostname?: string;
  /** The machine's user, `claude` unless told otherwise; null for a machine that has only root. */
  readonly user?: string | null;
  readonly sudo?: SudoVariant;
  /** A saved machine to start from; `hostname`, `user` and `sudo` are then its own. */
  readonly from?: string;
  /** Sites by host name, on port 80 and, with a certificate of the lab, on 443. Those of the lab itself can be replaced. */
  readonly sites?: Readonly<Record<string, RequestListener>>;
  /** What answers at INSIDE.lmStudio, port 1234. */
  readonly lmStudio?: RequestListener;
  /** Is told what is going on, one line at a time. */
  readonly say?: (line: string) => void;
}

/** A machine and the world around it. */
export interface Lab {
  readonly machine: Machine;
  /** Milliseconds from switching the machine on to the first answer of SSH. */
  readonly bootMilliseconds: number;
  /** Faults between the machine and the world. */
  readonly faults: Pick<Wire, 'refuse' | 'drop' | 'powerOff' | 'heal'>;
  /** Sites by host name, to add to and look at. */
  readonly sites: Pick<SiteServers, 'serve' | 'withdraw' | 'visits'>;
  /** Names the machine or its containers looked up that are not in the lab. */
  readonly unknownNames: ReadonlySet<string>;
  /** Digests by `repository:tag`. */
  readonly images: ImageDigests;
  /** 40 hexadecimal digits of the key that signs the lab's Docker repository. */
  readonly packageKeyFingerprint: string;
  /** Serves plain HTTP on a port of INSIDE.gateway or INSIDE.lmStudio. */
  listen(where: 'gateway' | 'lmStudio', port: number, listener: RequestListener): Promise<Server>;
  /** Takes down the machine and everything around it. */
  close(): Promise<void>;
}

/** Collects, and where needed builds, what machines are made of. Nothing runs afterwards. */
export async function prepareLab(say: (line: string) => void = () => {}): Promise<LabParts> {
  sweepAbandonedSlots();
  say('looking for the tools of the lab');
  await withLock('apt on this host', async () => await installLabTools());
  // Where these are modules, nothing inside a machine could load them.
  await attempt('modprobe', ['--all', 'nf_tables', 'ip_tables', 'overlay', 'fuse', 'tun']);
  const mirror = await withLock('apt on this host', async () => await readDebianMirror());
  const identity = await openIdentity();
  say('preparing a bare Debian 13');
  const base = await baseRoot(mirror, identity);
  say('preparing the Docker packages');
  const dockerSite = await dockerRepository(mirror, identity);
  say('preparing the container images');
  const registry = await registryFiles(mirror, identity);
  return { identity, archive: debianArchive(mirror), base, dockerSite, registry };
}

/** Boots a machine in a world of its own. Several can run at once. */
export async function bootLab(options: LabOptions = {}): Promise<Lab> {
  const say = options.say ?? (() => {});
  const parts = await prepareLab(say);
  const slot = await takeSlot();
  holdSlot(slot);
  try {
    say('booting the machine');
    return await assemble(slot, parts, options);
  } catch (error) {
    dropSlot(slot);
    throw error;
  }
}

async function assemble(slot: Slot, parts: LabParts, options: LabOptions): Promise<Lab> {
  const wire = await layWire(slot);
  const { gateway, lmStudio } = wire.serverAddress;
  const facts = await makeRoot(slot, parts, options);
  const sites = await openSites(slot, parts, gateway, options.sites ?? {});
  const names = await serveNames(gateway, (name) => (sites.has(name) ? INSIDE.gateway : undefined));
  const servers: Server[] = [];
  const listen: Lab['listen'] = async (where, port, listener) => {
    const server = createServer(listener);
    await listenOn(server, where === 'gateway' ? gateway : lmStudio, port);
    servers.push(server);
    return server;
  };
  if (options.lmStudio !== undefined) await listen('lmStudio', 1234, options.lmStudio);
  const machine = new Machine(slot, wire, facts);
  return {
    machine,
    bootMilliseconds: await machine.boot(),
    faults: wire,
    sites,
    unknownNames: names.unknownNames,
    images: parts.registry.digests,
    packageKeyFingerprint: parts.identity.packageKeyFingerprint,
    listen,
    close: () => closeAll(slot, machine, sites, names, servers),
  };
}

async function makeRoot(slot: Slot, parts: LabParts, options: LabOptions): Promise<MachineFacts> {
  if (options.from !== undefined) return restoreRoot(options.from, slot.directory);
  const user = options.user === null ? undefined : (options.user ?? 'claude');
  const settings: MachineSettings = {
    hostname: options.hostname ?? 'claude-box',
    user,
    sudo: options.sudo ?? 'nopasswd',
  };
  return createRoot(parts.base, slot.directory, settings);
}

async function openSites(
  slot: Slot,
  parts: LabParts,
  address: string,
  wanted: Readonly<Record<string, RequestListener>>,
): Promise<SiteServers> {
  const certificates = join(slot.directory, 'certificates');
  await mkdir(certificates);
  const sites = await openSiteServers(address, new CertificateOffice(parts.identity, certificates));
  sites.serve(ARCHIVE_HOST, parts.archive);
  sites.serve(DOCKER_HOST_NAME, serveDirectory(parts.dockerSite));
  const registry = await startRegistry(parts.registry, slot, address);
  for (const hostname of REGISTRY_HOST_NAMES) sites.serve(hostname, registry);
  for (const [hostname, listener] of Object.entries(wanted)) sites.serve(hostname, listener);
  return sites;
}

async function closeAll(
  slot: Slot,
  machine: Machine,
  sites: SiteServers,
  names: NameServer,
  servers: Server[],
): Promise<void> {
  await machine.pullPlug();
  await Promise.all([sites.close(), ...servers.map(closeServer)]);
  names.close();
  dropSlot(slot);
}

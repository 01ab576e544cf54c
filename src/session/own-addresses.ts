import { networkInterfaces } from 'node:os';

/** Addresses by which others reach this machine, IPv4 first; those of containers and bridges left out. */
export function ownAddresses(): readonly string[] {
  const interfaces = Object.entries(networkInterfaces()).filter(([name]) => !/^(docker|br-|veth|virbr|lxc)/.test(name));
  const addresses = interfaces
    .flatMap(([, list]) => list ?? [])
    .filter(({ internal, address }) => !internal && !address.startsWith('fe80:'));
  return addresses
    .sort((a, b) => Number(a.family === 'IPv6') - Number(b.family === 'IPv6'))
    .map(({ address }) => address);
}

import { must } from './command.ts';
import { networkNames, type Slot } from './slot.ts';

/**
 * Addresses as a machine sees them; the same in every lab, so that a saved machine finds its world again.
 * `client` is the computer that people connect from.
 */
export const INSIDE = {
  machine: '10.77.0.2',
  gateway: '10.77.0.1',
  client: '10.77.0.10',
  lmStudio: '10.77.0.20',
} as const;

/** Which traffic of the machine a fault meets: an address inside, a TCP port, or both. */
export interface FaultTarget {
  readonly address?: string;
  readonly port?: number;
}

/** The network of one machine, and the faults that can be put on it. */
export interface Wire {
  readonly namespace: string;
  /** Where this host reaches the machine. */
  readonly machineAddress: string;
  /** Where this host's servers listen to be found at INSIDE.gateway and INSIDE.lmStudio. */
  readonly serverAddress: { readonly gateway: string; readonly lmStudio: string };
  /** The machine's connections get a reset, old ones too. */
  refuse(target: FaultTarget): Promise<void>;
  /** The machine's packets vanish, of old connections too. */
  drop(target: FaultTarget): Promise<void>;
  /** Nobody has this address any more, like a computer that is off (LM Studio's, unless told otherwise). */
  powerOff(address?: string): Promise<void>;
  /** Takes every fault away. */
  heal(): Promise<void>;
}

/**
 * Lays the wire: the machine's namespace has eth0 and nothing else; a second namespace stands between it and this
 * host, translates addresses and lets nothing through but what goes to the lab's own servers. All rules live in that
 * second namespace; this host's firewall is not touched.
 */
export async function layWire(slot: Slot): Promise<Wire> {
  const names = networkNames(slot.number);
  const outside = (last: number) => `10.77.${slot.number}.${last}`;
  const ip = (...args: string[]) => must('ip', args);
  const inWire = (...args: string[]) => must('ip', ['netns', 'exec', names.wire, ...args]);
  const nft = (rules: string) => must('ip', ['netns', 'exec', names.wire, 'nft', '-f', '-'], { input: rules });

  for (const namespace of [names.machine, names.wire]) {
    await ip('netns', 'add', namespace);
    await ip('-n', namespace, 'link', 'set', 'lo', 'up');
  }
  await ip('link', 'add', names.link, 'type', 'veth', 'peer', 'name', 'outside', 'netns', names.wire);
  await ip('-n', names.wire, 'link', 'add', 'inside', 'type', 'veth', 'peer', 'name', 'eth0', 'netns', names.machine);
  for (const last of [1, 20]) await ip('address', 'add', `${outside(last)}/24`, 'dev', names.link);
  await ip('-n', names.wire, 'address', 'add', `${outside(2)}/24`, 'dev', 'outside');
  for (const address of [INSIDE.gateway, INSIDE.client, INSIDE.lmStudio]) {
    await ip('-n', names.wire, 'address', 'add', `${address}/24`, 'dev', 'inside');
  }
  await ip('-n', names.machine, 'address', 'add', `${INSIDE.machine}/24`, 'dev', 'eth0');
  await ip('link', 'set', names.link, 'up');
  for (const device of ['outside', 'inside']) await ip('-n', names.wire, 'link', 'set', device, 'up');
  await ip('-n', names.machine, 'link', 'set', 'eth0', 'up');
  await ip('-n', names.machine, 'route', 'add', 'default', 'via', INSIDE.gateway);
  await inWire('sh', '-c', 'echo 1 > /proc/sys/net/ipv4/ip_forward');
  await nft(translation(outside));

  const absent = new Set<string>();
  return {
    namespace: names.machine,
    machineAddress: outside(2),
    serverAddress: { gateway: outside(1), lmStudio: outside(20) },
    refuse: async (target) => void (await nft(`add rule ip lab faults ${match(target, true)} reject with tcp reset`)),
    drop: async (target) => void (await nft(`add rule ip lab faults ${match(target, false)} drop`)),
    powerOff: async (address = INSIDE.lmStudio) => {
      await ip('-n', names.wire, 'address', 'delete', `${address}/24`, 'dev', 'inside');
      await ip('-n', names.machine, 'neighbour', 'flush', 'dev', 'eth0');
      absent.add(address);
    },
    heal: async () => {
      await nft('flush chain ip lab faults');
      for (const address of absent) await ip('-n', names.wire, 'address', 'add', `${address}/24`, 'dev', 'inside');
      absent.clear();
    },
  };
}

/** `ct original` looks at the connection as the machine opened it, so it finds both directions and old connections. */
function match(target: FaultTarget, tcpOnly: boolean): string {
  const address = target.address === undefined ? '' : `ct original ip daddr ${target.address} `;
  const port = target.port === undefined ? '' : `ct original proto-dst ${target.port} `;
  if (address === '' && port === '') throw new Error('a fault needs an address or a port');
  return `${address}${tcpOnly || port !== '' ? 'meta l4proto tcp ' : ''}${port}`;
}

function translation(outside: (last: number) => string): string {
  return `
    table ip lab {
      chain arriving {
        type nat hook prerouting priority dstnat; policy accept;
        iifname "inside" ip daddr ${INSIDE.gateway} dnat to ${outside(1)}
        iifname "inside" ip daddr ${INSIDE.lmStudio} dnat to ${outside(20)}
        iifname "outside" ip daddr ${outside(2)} dnat to ${INSIDE.machine}
      }
      chain leaving {
        type nat hook postrouting priority srcnat; policy accept;
        oifname "outside" masquerade
        oifname "inside" snat to ${INSIDE.client}
      }
      chain faults { }
      chain passing {
        type filter hook forward priority filter; policy drop;
        jump faults
        ct state established,related accept
        ct status dnat accept
        reject with icmp type admin-prohibited
      }
    }`;
}

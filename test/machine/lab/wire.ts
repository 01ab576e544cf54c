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

/** Names and addresses of one wire, and ways to run a program on it. */
interface Ends {
  readonly names: ReturnType<typeof networkNames>;
  /** An address of the link between this host and the wire. */
  readonly outside: (last: number) => string;
}

/**
 * Lays the wire: the machine's namespace has eth0 and nothing else; a second namespace stands between it and this
 * host, translates addresses and lets nothing through but what goes to the lab's own servers. All rules live in that
 * second namespace; this host's firewall is not touched.
 */
export async function layWire(slot: Slot): Promise<Wire> {
  const ends: Ends = { names: networkNames(slot.number), outside: (last) => `10.77.${slot.number}.${last}` };
  await makeNamespaces(ends);
  await connectHost(ends);
  await connectMachine(ends);
  await must('ip', ['netns', 'exec', ends.names.wire, 'sh', '-c', 'echo 1 > /proc/sys/net/ipv4/ip_forward']);
  await filter(ends, translation(ends.outside));
  return {
    namespace: ends.names.machine,
    machineAddress: ends.outside(2),
    serverAddress: { gateway: ends.outside(1), lmStudio: ends.outside(20) },
    ...faultsOn(ends),
  };
}

async function makeNamespaces({ names }: Ends): Promise<void> {
  for (const namespace of [names.machine, names.wire]) {
    await must('ip', ['netns', 'add', namespace]);
    await must('ip', ['-n', namespace, 'link', 'set', 'lo', 'up']);
  }
}

async function connectHost({ names, outside }: Ends): Promise<void> {
  await must('ip', ['link', 'add', names.link, 'type', 'veth', 'peer', 'name', 'outside', 'netns', names.wire]);
  for (const last of [1, 20]) await must('ip', ['address', 'add', `${outside(last)}/24`, 'dev', names.link]);
  await must('ip', ['link', 'set', names.link, 'up']);
  await must('ip', ['-n', names.wire, 'address', 'add', `${outside(2)}/24`, 'dev', 'outside']);
  await must('ip', ['-n', names.wire, 'link', 'set', 'outside', 'up']);
}

async function connectMachine({ names }: Ends): Promise<void> {
  const peer = ['peer', 'name', 'eth0', 'netns', names.machine];
  await must('ip', ['-n', names.wire, 'link', 'add', 'inside', 'type', 'veth', ...peer]);
  for (const address of [INSIDE.gateway, INSIDE.client, INSIDE.lmStudio]) {
    await must('ip', ['-n', names.wire, 'address', 'add', `${address}/24`, 'dev', 'inside']);
  }
  await must('ip', ['-n', names.wire, 'link', 'set', 'inside', 'up']);
  await must('ip', ['-n', names.machine, 'address', 'add', `${INSIDE.machine}/24`, 'dev', 'eth0']);
  await must('ip', ['-n', names.machine, 'link', 'set', 'eth0', 'up']);
  await must('ip', ['-n', names.machine, 'route', 'add', 'default', 'via', INSIDE.gateway]);
}

async function filter({ names }: Ends, rules: string): Promise<void> {
  await must('ip', ['netns', 'exec', names.wire, 'nft', '-f', '-'], { input: rules });
}

function faultsOn(ends: Ends): Pick<Wire, 'refuse' | 'drop' | 'powerOff' | 'heal'> {
  const { names } = ends;
  const absent = new Set<string>();
  return {
    refuse: (target) => filter(ends, `add rule ip lab faults ${match(target, true)} reject with tcp reset`),
    drop: (target) => filter(ends, `add rule ip lab faults ${match(target, false)} drop`),
    powerOff: async (address = INSIDE.lmStudio) => {
      await must('ip', ['-n', names.wire, 'address', 'delete', `${address}/24`, 'dev', 'inside']);
      await must('ip', ['-n', names.machine, 'neighbour', 'flush', 'dev', 'eth0']);
      absent.add(address);
    },
    heal: async () => {
      await filter(ends, 'flush chain ip lab faults');
      for (const address of absent) {
        await must('ip', ['-n', names.wire, 'address', 'add', `${address}/24`, 'dev', 'inside']);
      }
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

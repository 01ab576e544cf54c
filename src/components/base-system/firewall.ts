import type { Probe } from '../../host/host.ts';
import { success } from '../../problem.ts';
import type { Resource, ScriptFound } from '../../resources/resource.ts';

export const rulesPath = '/etc/nftables.d/claude-routing.nft';
export const mainPath = '/etc/nftables.conf';
export const includeLine = 'include "/etc/nftables.d/*.nft"';

/** Inbound from private networks only, in a table of our own: other tables are not touched. */
const rules = `# Written by claude-routing-install: inbound connections from private networks only.
table inet claude_routing
delete table inet claude_routing
table inet claude_routing {
  chain input {
    type filter hook input priority 0; policy drop;
    ct state established,related accept
    iif "lo" accept
    meta l4proto { icmp, ipv6-icmp } accept
    ip saddr { 10.0.0.0/8, 172.16.0.0/12, 192.168.0.0/16, 169.254.0.0/16, 100.64.0.0/10 } accept
    ip6 saddr { fe80::/10, fc00::/7 } accept
    udp dport { 68, 546 } accept
  }
}
`;

/** nftables, opt-in. Refused while somebody is connected from outside the networks that stay open, or another firewall is in use. */
export function firewallResources(): readonly Resource[] {
  return [
    { kind: 'apt-packages', id: 'nftables', packages: ['nftables'] },
    lockOutGuard(),
    { kind: 'file', id: 'firewall-rules', path: rulesPath, content: rules, mode: 0o644, sudo: true },
    {
      kind: 'file',
      id: 'firewall-at-boot',
      path: mainPath,
      content: (current) => success({ text: withInclude(current) }),
      mode: 0o755,
      keepMode: true,
      sudo: true,
    },
    {
      kind: 'script',
      id: 'firewall-loaded',
      title: 'firewall loaded',
      inspect: firewallLoaded,
      effects: [
        // The whole file, whatever else is in it: from now on it is loaded at each boot.
        {
          do: 'run',
          why: 'check what is loaded at boot',
          command: { file: 'nft', args: ['-c', '-f', mainPath], sudo: true },
        },
        { do: 'run', why: 'load the rules', command: { file: 'nft', args: ['-f', rulesPath], sudo: true } },
        {
          do: 'run',
          why: 'load them at boot',
          command: { file: 'systemctl', args: ['enable', 'nftables.service'], sudo: true },
        },
      ],
    },
  ];
}

function withInclude(current: string | undefined): string {
  const text = current ?? '#!/usr/sbin/nft -f\n';
  return text.split('\n').some((line) => line.trim() === includeLine)
    ? text
    : `${text.replace(/\n*$/, '\n')}${includeLine}\n`;
}

/** Only root can list the loaded tables; an enabled unit says that our rules were loaded once and will be again. */
async function firewallLoaded(probe: Probe): Promise<ScriptFound> {
  const [rulesText, unit] = await Promise.all([
    probe.readFile(rulesPath),
    probe.query({ file: 'systemctl', args: ['is-enabled', 'nftables.service'] }),
  ]);
  const enabled = rulesText === rules && unit.stdout.trim() === 'enabled';
  return enabled
    ? { status: 'ok', note: 'inbound from private networks only' }
    : { status: 'change', summary: 'load the firewall rules, now and at boot' };
}

function lockOutGuard(): Resource {
  return {
    kind: 'script',
    id: 'this-ssh-connection-stays-open',
    title: 'this SSH connection stays open',
    inspect: async (probe) => {
      // Debian's service of nftables empties the kernel's rules when it starts, those of ufw too.
      if (/^ENABLED=yes/m.test((await probe.readFile('/etc/ufw/ufw.conf')) ?? ''))
        return {
          status: 'blocked',
          code: 'firewall-foreign',
          problem: 'ufw is in use, and two firewalls undo each other',
          fix: 'keep ufw:  --set system.firewall=false  or switch it off:  sudo ufw disable',
        };
      const outside = (await connectedClients(probe)).filter((address) => !isPrivate(address));
      if (outside.length === 0) return { status: 'ok', note: 'no connection from outside' };
      return {
        status: 'blocked',
        code: 'firewall-would-lock-out',
        problem: `the firewall would lock out who is connected now: ${outside.join(', ')} is not in a private network`,
        fix: 'leave it off with  --set system.firewall=false  or connect over your local network or VPN and run this again',
      };
    },
  };
}

/** Who is connected to a port that this machine listens on: sshd may use any of them, so none is left out. */
async function connectedClients(probe: Probe): Promise<string[]> {
  const [listening, connected] = await Promise.all([
    probe.query({ file: 'ss', args: ['-Htln'] }),
    probe.query({ file: 'ss', args: ['-Htn', 'state', 'established'] }),
  ]);
  const ports = new Set(columns(listening.stdout).map(([, , , local]) => portOf(local)));
  const inbound = columns(connected.stdout).filter(([, , local]) => ports.has(portOf(local)));
  return [...new Set(inbound.map(([, , , peer = '']) => addressOf(peer)))].filter((address) => address !== '');
}

function columns(output: string): string[][] {
  return output.split('\n').map((row) => row.trim().split(/\s+/));
}

function portOf(socket = ''): string | undefined {
  return /:(\d+)$/.exec(socket)?.[1];
}

function addressOf(socket: string): string {
  return socket
    .replace(/:\d+$/, '')
    .replace(/^\[|\]$/g, '')
    .replace(/^::ffff:/, '');
}

const privateNetworks = [
  /^10\./,
  /^192\.168\./,
  /^172\.(1[6-9]|2\d|3[01])\./,
  /^169\.254\./,
  /^127\./,
  /^100\.(6[4-9]|[7-9]\d|1[01]\d|12[0-7])\./,
  /^fe80:/i,
  /^f[cd]/i,
  /^::1$/,
];

/** Whether an address belongs to one of the networks that the firewall leaves open. */
export function isPrivate(address: string): boolean {
  return privateNetworks.some((network) => network.test(address));
}

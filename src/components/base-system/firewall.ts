import type { Command, Effect, Probe } from '../../host/host.ts';
import { success } from '../../problem.ts';
import type { Resource, ScriptFound } from '../../resources/resource.ts';

export const rulesPath = '/etc/nftables.d/claude-routing.nft';
export const mainPath = '/etc/nftables.conf';
export const includeLine = 'include "/etc/nftables.d/*.nft"';
export const firewallUnit = 'nftables.service';

/** What else keeps rules in the kernel, loads them at boot, and loses them when Debian's service of nftables empties it. */
const otherFirewalls = ['firewalld', 'netfilter-persistent', 'shorewall', 'shorewall6', 'ferm'] as const;

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
    {
      kind: 'file',
      id: 'firewall-at-boot',
      path: mainPath,
      content: (current) => success({ text: withInclude(current) }),
      mode: 0o755,
      keepMode: true,
      sudo: true,
    },
    { kind: 'script', id: 'firewall-loaded', title: 'firewall loaded', inspect: firewallLoaded },
    { kind: 'file', id: 'firewall-rules', path: rulesPath, content: rules, mode: 0o644, sudo: true },
  ];
}

function withInclude(current: string | undefined): string {
  const text = current ?? '#!/usr/sbin/nft -f\n';
  return text.split('\n').some((line) => line.trim() === includeLine)
    ? text
    : `${text.replace(/\n*$/, '\n')}${includeLine}\n`;
}

/**
 * The list of loaded tables is for root alone. Their file is written after the rules were loaded, so it tells of them: the
 * unit may have been enabled for rules of somebody's own.
 */
async function firewallLoaded(probe: Probe): Promise<ScriptFound> {
  const [rulesText, unit] = await Promise.all([
    probe.readFile(rulesPath),
    probe.query({ file: 'systemctl', args: ['is-enabled', firewallUnit] }),
  ]);
  const atBoot = unit.stdout.trim() === 'enabled';
  return rulesText === rules && atBoot
    ? { status: 'ok', note: 'inbound from private networks only' }
    : { status: 'change', summary: 'load the firewall rules, now and at boot', effects: loading(atBoot) };
}

function loading(atBoot: boolean): readonly Effect[] {
  const asRoot = (why: string, command: Command): Effect => ({ do: 'run', why, command: { ...command, sudo: true } });
  const enable = { file: 'systemctl', args: ['enable', firewallUnit] };
  return [
    // All of the file, what else stands in it too: from now on it is loaded at each boot.
    asRoot('check what is loaded at boot', { file: 'nft', args: ['-c', '-f', mainPath] }),
    asRoot('load the rules', { file: 'nft', args: ['-f', '-'], input: rules }),
    ...(atBoot ? [] : [asRoot('load them at boot', enable)]),
  ];
}

function lockOutGuard(): Resource {
  return {
    kind: 'script',
    id: 'this-ssh-connection-stays-open',
    title: 'this SSH connection stays open',
    inspect: async (probe) => {
      const other = await otherFirewall(probe);
      if (other !== undefined)
        return {
          status: 'blocked',
          code: 'firewall-foreign',
          problem: `${other.name} is in use, and two firewalls undo each other`,
          fix: `keep ${other.name}:  --set system.firewall=false  or switch it off:  ${other.off}`,
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

/** That of ufw is enabled even where ufw itself is not. */
async function otherFirewall(probe: Probe): Promise<{ readonly name: string; readonly off: string } | undefined> {
  const [ufw, units] = await Promise.all([
    probe.readFile('/etc/ufw/ufw.conf'),
    probe.query({ file: 'systemctl', args: ['is-enabled', ...otherFirewalls.map((name) => `${name}.service`)] }),
  ]);
  if (/^ENABLED=yes/m.test(ufw ?? '')) return { name: 'ufw', off: 'sudo ufw disable' };
  // One line for each; older ones say nothing for a unit that does not exist, but to standard error.
  const states = units.stdout.trim().split('\n');
  const name = otherFirewalls.find((_, index) => states[index] === 'enabled');
  return name === undefined ? undefined : { name, off: `sudo systemctl disable --now ${name}` };
}

/** Who is connected to a port that this machine listens on: sshd's may be any, so none is left out. */
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

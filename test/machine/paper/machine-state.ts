/** What a paper machine remembers besides its files. Plain data, so that it can be cloned. */
export interface MachineState {
  /** How sudo treats the account: at once, with a question, or not at all. */
  sudo: 'free' | 'asks' | 'denied';
  /** Whether the account's own service manager answers. */
  userManager: boolean;
  groups: string[];
  packages: Set<string>;
  /** Names that the package lists know since the last `apt-get update`. */
  known: Set<string>;
  /** Packages that a full upgrade would renew. */
  upgrades: string[];
  timezone: string;
  units: Record<UnitScope, Record<string, Unit>>;
  /** Peers of established SSH connections, e.g. `192.168.1.7:50123`. */
  sshPeers: string[];
  /** What the gateway's container has said. */
  gatewayOutput: string;
  /** Containers that run in the engine of root. */
  rootfulContainers: number;
  /** Pulled images: reference to digest. */
  images: Record<string, string>;
  containers: Record<string, Container>;
  /** Networks that compose made. */
  networks: string[];
  claudeVersion: string;
  /** Tools that mise was told to use, e.g. `node@22`. */
  tools: string[];
  /** Kilobytes, gigabytes: what `df` answers. */
  freeGigabytes: number;
  architecture: string;
  /** Accounts besides root. */
  accounts: Record<string, { uid: number; groups: string[] }>;
}

export type UnitScope = 'system' | 'user';

export interface Unit {
  active: boolean;
  enabled: boolean;
}

export interface Container {
  image: string;
  running: boolean;
  /** ISO 8601. */
  startedAt: string;
  exitCode: number;
  labels: Record<string, string>;
  environment: Record<string, string>;
  /** Port on 127.0.0.1; undefined where nothing is published. */
  port: number | undefined;
  /** Host path of the gateway's configuration. */
  config: string;
  /** The compose service that it was made from. */
  service: string;
  /** Name of its network; that of a compose project with its own name when undefined. */
  network?: string;
  /** Restart policy; `unless-stopped` when undefined. */
  restart?: string;
}

/** A Debian 13 as the installer finds it: sudo, SSH, Node, and nothing else of note. */
export function freshState(account: { readonly user: string; readonly uid: number }): MachineState {
  return {
    sudo: 'free',
    userManager: true,
    groups: [account.user, 'sudo', 'users'],
    packages: new Set(['ca-certificates', 'nodejs', 'openssh-server', 'sudo', 'libpam-systemd', 'dbus-user-session']),
    known: new Set(),
    upgrades: [],
    timezone: 'Etc/UTC',
    units: { system: {}, user: {} },
    sshPeers: ['192.168.1.7:50123'],
    gatewayOutput: 'INFO: LiteLLM',
    rootfulContainers: 0,
    images: {},
    containers: {},
    networks: [],
    claudeVersion: '',
    tools: [],
    freeGigabytes: 81,
    architecture: 'x86_64',
    accounts: { [account.user]: { uid: account.uid, groups: [account.user, 'sudo', 'users'] } },
  };
}

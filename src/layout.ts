/** A path as the answers name it, with a leading tilde replaced by the home folder. */
export function fromHome(path: string, { home }: Pick<Layout, 'home'>): string {
  return path.replace(/^~(?=\/|$)/, home);
}

/** Where everything lives. Follows from the person's account and the chosen port alone; nothing here is read from a machine. */
export interface Layout {
  readonly user: string;
  readonly uid: number;
  readonly home: string;
  /** Our own configuration: saved answers and shell environment. */
  readonly configDir: string;
  readonly savedAnswers: string;
  /** Sourced by the marked block in ~/.bashrc. */
  readonly shellEnvironment: string;
  readonly bashrc: string;
  /** The same for zsh and fish, where the account uses them; `start` is the file in which our block stands by default. */
  readonly zsh: { readonly environment: string; readonly start: string };
  readonly fish: { readonly environment: string; readonly start: string };
  readonly secretsFile: string;
  readonly gatewayDir: string;
  readonly gatewayConfig: string;
  readonly gatewayHook: string;
  /** One file a month, `YYYY-MM.jsonl`, a line for each request; never what was said. Mounted into the gateway. */
  readonly requestLogDir: string;
  readonly composeFile: string;
  /** The files of the throw-away gateway, while there is one. */
  readonly drillDir: string;
  readonly gatewayPort: number;
  /** What launchers and proofs talk to; no trailing slash. */
  readonly gatewayUrl: string;
  readonly containerName: string;
  readonly launchers: Readonly<Record<LauncherName, string>>;
  /** Where man looks for what belongs to binDir. */
  readonly manualPages: Readonly<Record<LauncherName | 'claude-routing-install', string>>;
  /** Where completions go: where fish and the package bash-completion look, and a folder that our zsh environment adds. */
  readonly completion: Readonly<Record<ShellName, string>>;
  /** CLAUDE_CONFIG_DIR of claude-routed, claude-local and claude-offline. */
  readonly routedConfigDir: string;
  readonly routedSettings: string;
  /** What the client itself notes about those sessions and the folders that they may work in. */
  readonly routedState: string;
  /** What Claude Code runs for its status line, where that was chosen. */
  readonly statusLine: string;
  /** The compat sentinel, where it was chosen: what it runs, when, and what it found. */
  readonly sentinelScript: string;
  readonly sentinelService: string;
  readonly sentinelTimer: string;
  readonly sentinelState: string;
  /** For waking a machine: what sends the packet, what starts that, and the file that the gateway writes to ask for it. */
  readonly wakeScript: string;
  readonly wakeService: string;
  readonly wakePath: string;
  readonly wakeRequest: string;
  /** CLAUDE_CONFIG_DIR of claude-api. */
  readonly apiConfigDir: string;
  readonly binDir: string;
  readonly claudeBinary: string;
  /** Where the single file of a release usually is, if somebody copied one here. */
  readonly singleFile: string;
  readonly miseBinary: string;
  readonly stateDir: string;
  readonly journal: string;
  readonly backupsDir: string;
  readonly lockFile: string;
  /** What was answered in a wizard that was left before its end; never a key. */
  readonly answersSoFar: string;
  /** Which release of this program is the newest, and when that was asked. */
  readonly releaseNote: string;
  /** When everything was last proven, and with what. */
  readonly proofStamp: string;
  readonly runtimeDir: string;
  readonly dockerSocket: string;
  /** Environment that lets a program reach this user's systemd and rootless Docker from any kind of session. */
  readonly sessionEnv: Readonly<Record<string, string>>;
}

/** Name of the container and compose project that `drill` and `update` make for a minute. */
export const DRILL_NAME = 'litellm-drill';
/** What the throw-away gateway is made from. */
export function drillFile({ drillDir }: Pick<Layout, 'drillDir'>): string {
  return `${drillDir}/compose.yaml`;
}
/** The gateway's compose project: unlike `litellm`, a name that nobody else gives a project. */
export const GATEWAY_PROJECT = 'claude-routing';
/** The gateway image before the present one keeps this name until the next update succeeds. */
export const keptImage = 'claude-routing/previous-gateway:kept';

export const launcherNames = ['claude-routed', 'claude-local', 'claude-offline', 'claude-api'] as const;
export type LauncherName = (typeof launcherNames)[number];

/** The shells for which there is something to complete. */
export const shellNames = ['bash', 'zsh', 'fish'] as const;
export type ShellName = (typeof shellNames)[number];

export interface Account {
  readonly user: string;
  readonly uid: number;
  readonly home: string;
}

/** The layout for an account; the port is the gateway's on 127.0.0.1. */
export function layoutFor({ user, uid, home }: Account, gatewayPort = 4000): Layout {
  const configDir = `${home}/.config/claude-routing`;
  const gatewayDir = `${home}/litellm`;
  const stateDir = `${home}/.local/state/claude-routing`;
  const binDir = `${home}/.local/bin`;
  const dataDir = `${home}/.local/share`;
  const userUnits = `${home}/.config/systemd/user`;
  const routedConfigDir = `${home}/.claude-routed`;
  const runtimeDir = `/run/user/${uid}`;
  const dockerSocket = `${runtimeDir}/docker.sock`;
  return {
    user,
    uid,
    home,
    configDir,
    savedAnswers: `${configDir}/answers.yaml`,
    shellEnvironment: `${configDir}/shell.bash`,
    bashrc: `${home}/.bashrc`,
    zsh: { environment: `${configDir}/shell.zsh`, start: `${home}/.zshenv` },
    fish: { environment: `${configDir}/shell.fish`, start: `${home}/.config/fish/config.fish` },
    secretsFile: `${home}/.config/claude-secrets.env`,
    gatewayDir,
    gatewayConfig: `${gatewayDir}/config.yaml`,
    gatewayHook: `${gatewayDir}/local_compat.py`,
    requestLogDir: `${stateDir}/requests`,
    composeFile: `${gatewayDir}/compose.yaml`,
    drillDir: `${stateDir}/drill`,
    gatewayPort,
    gatewayUrl: `http://127.0.0.1:${gatewayPort}`,
    containerName: 'litellm',
    launchers: byLauncher((name) => `${binDir}/${name}`),
    manualPages: {
      'claude-routing-install': `${dataDir}/man/man1/claude-routing-install.1`,
      ...byLauncher((name) => `${dataDir}/man/man1/${name}.1`),
    },
    completion: {
      bash: `${dataDir}/bash-completion/completions/claude-routing-install`,
      zsh: `${dataDir}/zsh/site-functions/_claude-routing-install`,
      fish: `${dataDir}/fish/vendor_completions.d/claude-routing-install.fish`,
    },
    routedConfigDir,
    routedSettings: `${routedConfigDir}/settings.json`,
    routedState: `${routedConfigDir}/.claude.json`,
    statusLine: `${configDir}/status-line.bash`,
    sentinelScript: `${configDir}/sentinel.bash`,
    sentinelService: `${userUnits}/claude-routing-sentinel.service`,
    sentinelTimer: `${userUnits}/claude-routing-sentinel.timer`,
    sentinelState: `${stateDir}/sentinel`,
    wakeScript: `${configDir}/wake.py`,
    wakeService: `${userUnits}/claude-routing-wake.service`,
    wakePath: `${userUnits}/claude-routing-wake.path`,
    wakeRequest: `${stateDir}/requests/wake`,
    apiConfigDir: `${home}/.claude-api`,
    binDir,
    claudeBinary: `${binDir}/claude`,
    singleFile: `${home}/claude-routing-install.mjs`,
    miseBinary: `${binDir}/mise`,
    stateDir,
    journal: `${stateDir}/journal.jsonl`,
    backupsDir: `${stateDir}/backups`,
    lockFile: `${stateDir}/lock`,
    answersSoFar: `${stateDir}/answers-so-far.json`,
    releaseNote: `${stateDir}/newest-release`,
    proofStamp: `${stateDir}/proven`,
    runtimeDir,
    dockerSocket,
    sessionEnv: {
      XDG_RUNTIME_DIR: runtimeDir,
      DBUS_SESSION_BUS_ADDRESS: `unix:path=${runtimeDir}/bus`,
      DOCKER_HOST: `unix://${dockerSocket}`,
    },
  };
}

function byLauncher(path: (name: LauncherName) => string): Record<LauncherName, string> {
  return Object.fromEntries(launcherNames.map((name) => [name, path(name)])) as Record<LauncherName, string>;
}

import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { openSync } from 'node:fs';
import { readFile, writeFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { join } from 'node:path';
import { attempt, type CommandOptions, type CommandResult, until } from './command.ts';
import { insideControlGroups, makeControlGroups } from './control-group.ts';
import { adaptRootToHost, type MachineFacts, saveRoot } from './machine-root.ts';
import { childrenOf } from './process-identity.ts';
import { addProcess, controlGroupName, processesIn, type Slot } from './slot.ts';
import type { Wire } from './wire.ts';

const BOOT_TIMEOUT_MS = 90_000;
const SHUTDOWN_TIMEOUT_MS = 120_000;

/** Options of a command that runs in the machine. `env` reaches it without being in any argument list. */
export interface RemoteOptions extends CommandOptions {
  /** Who runs it; the machine's user unless told otherwise. */
  readonly user?: string;
}

/** A Debian machine with its own systemd, reached over SSH as any other. */
export class Machine {
  readonly hostname: string;
  /** The user it was made with; root where there is none. */
  readonly user: string;
  readonly password: string;
  /** Where this host reaches it. The machine itself has INSIDE.machine. */
  readonly address: string;
  private readonly slot: Slot;
  private readonly wire: Wire;
  private container: ChildProcess | undefined;

  constructor(slot: Slot, wire: Wire, facts: MachineFacts) {
    this.slot = slot;
    this.wire = wire;
    this.hostname = facts.hostname;
    this.user = facts.user ?? 'root';
    this.password = facts.password;
    this.address = wire.machineAddress;
  }

  /** The machine's disk as a directory of this host. Read it while the machine is off. */
  get root(): string {
    return join(this.slot.directory, 'root');
  }

  get isOn(): boolean {
    return this.container !== undefined;
  }

  /** Switches it on and waits until systemd is through with booting and people can log in. Returns the milliseconds until SSH answered. */
  async boot(): Promise<number> {
    if (this.container !== undefined) throw new Error(`${this.hostname} is on already`);
    await adaptRootToHost(this.slot.directory);
    await this.writeKnownHosts();
    const started = Date.now();
    this.container = this.startContainer();
    await until(`SSH on ${this.hostname}`, () => this.sshAnswers(), BOOT_TIMEOUT_MS).catch((error: unknown) =>
      this.explain(error),
    );
    const milliseconds = Date.now() - started;
    await this.onHost('systemctl is-system-running --wait', { timeoutMs: BOOT_TIMEOUT_MS });
    return milliseconds;
  }

  /** Shuts it down in order; the disk stays. */
  async poweroff(): Promise<void> {
    await this.end('SIGTERM');
  }

  /** Pulls the plug: nothing in the machine gets to finish anything. */
  async pullPlug(): Promise<void> {
    await this.end('SIGKILL');
  }

  /** Runs a shell command over a login session of its own. Never throws for what the command does. */
  async ssh(command: string, options: RemoteOptions = {}): Promise<CommandResult> {
    const names = Object.keys(options.env ?? {});
    const send = names.length === 0 ? [] : ['-o', `SendEnv=${names.join(' ')}`];
    return attempt('ssh', [...send, ...this.sshArgs(options.user), command], options);
  }

  /** Runs a command that has to succeed; returns what it printed. */
  async run(command: string, options: RemoteOptions = {}): Promise<string> {
    const { exitCode, stdout, stderr } = await this.ssh(command, { timeoutMs: 300_000, ...options });
    if (exitCode !== 0) throw new Error(`exit code ${exitCode} of: ${command}\n${stdout}\n${stderr}`);
    return stdout.trim();
  }

  /** Runs a shell command as root, over SSH. */
  onHost(command: string, options: CommandOptions = {}): Promise<CommandResult> {
    return this.ssh(command, { ...options, user: 'root' });
  }

  /** Arguments for `ssh` up to and including the destination: add a command, or none for an interactive session. */
  sshArgs(user: string = this.user): string[] {
    const options = [
      `UserKnownHostsFile=${join(this.slot.directory, 'known_hosts')}`,
      `HostKeyAlias=${this.hostname}`,
      'StrictHostKeyChecking=yes',
      'IdentitiesOnly=yes',
      'ConnectTimeout=10',
      'PasswordAuthentication=no',
      'LogLevel=ERROR',
    ];
    const key = join(this.slot.directory, 'id_ed25519');
    return ['-F', 'none', '-i', key, ...options.flatMap((option) => ['-o', option]), `${user}@${this.address}`];
  }

  /** Puts a file of this host into the machine. The directory has to exist there; the owner is the machine's user. */
  async copyIn(
    local: string,
    remote: string,
    how: { readonly mode?: string; readonly owner?: string } = {},
  ): Promise<void> {
    const owner = how.owner ?? this.user;
    const quoted = `'${remote.replaceAll("'", "'\\''")}'`;
    const command = `install -m ${how.mode ?? '0644'} -o ${owner} -g ${owner} /dev/stdin ${quoted}`;
    const result = await this.onHost(command, { input: await readFile(local) });
    if (result.exitCode !== 0) throw new Error(`could not copy ${local} to ${remote}: ${result.stderr}`);
  }

  /** Keeps the machine as it is on its disk now, for `bootLab({ from: name })`. It has to be off. */
  async saveAs(name: string): Promise<void> {
    if (this.isOn) throw new Error('switch the machine off before saving it');
    await saveRoot(name, this.slot.directory);
  }

  /** See machine-lab notes in README.md for why each of the unusual switches is there. */
  private startContainer(): ChildProcess {
    const log = openSync(join(this.slot.directory, 'console.log'), 'a');
    const command = [
      // Whoever dies first, this process or nspawn: the kernel then ends the whole process namespace, machine included.
      ...['unshare', '--pid', '--fork', '--kill-child=KILL', '--mount-proc'],
      ...['systemd-nspawn', '--quiet', '--boot', '--directory', this.root],
      ...[`--machine=${this.wire.namespace}`, `--hostname=${this.hostname}`, '--register=no', '--keep-unit'],
      // The first program that tells the kernel a time zone moves the clock, and the clock is this host's too.
      ...[
        '--capability=all',
        '--drop-capability=CAP_SYS_TIME',
        '--system-call-filter=add_key keyctl bpf @mount @privileged',
        '--private-users=no',
      ],
      ...['--resolv-conf=off', '--timezone=off', '--link-journal=no', '--console=pipe'],
      `--network-namespace-path=/run/netns/${this.wire.namespace}`,
      `--bind=${join(this.slot.directory, 'fuse')}:/dev/fuse`,
      `--bind=${join(this.slot.directory, 'tun')}:/dev/net/tun`,
    ];
    const env = { ...process.env, SYSTEMD_NSPAWN_API_VFS_WRITABLE: '1', SYSTEMD_NSPAWN_UNIFIED_HIERARCHY: '1' };
    const groups = makeControlGroups(controlGroupName(this.slot.number));
    const args = ['--pdeathsig', 'KILL', ...insideControlGroups(groups, command)];
    const container = spawn('setpriv', args, { stdio: ['ignore', log, log], detached: true, env });
    if (container.pid !== undefined) addProcess(this.slot, container.pid);
    container.once('exit', () => {
      if (this.container === container) this.container = undefined;
    });
    return container;
  }

  private async end(signal: 'SIGTERM' | 'SIGKILL'): Promise<void> {
    const container = this.container;
    if (container?.pid === undefined) return;
    const ended = once(container, 'exit');
    const tooLong = setTimeout(() => container.kill('SIGKILL'), SHUTDOWN_TIMEOUT_MS);
    if (signal === 'SIGKILL') container.kill(signal);
    else for (const child of await childrenOf(container.pid)) process.kill(child, signal);
    await ended;
    clearTimeout(tooLong);
    await until('the last process of the machine', async () => processesIn(this.wire.namespace).length === 0, 30_000);
  }

  /** sshd sends its banner first. */
  private sshAnswers(): Promise<boolean> {
    if (this.container === undefined) throw new Error('the machine ended while booting');
    return new Promise((resolve) => {
      const socket = connect({ host: this.address, port: 22, timeout: 1000 });
      const settle = (answers: boolean) => {
        socket.destroy();
        resolve(answers);
      };
      socket.once('data', (banner) => settle(banner.toString().startsWith('SSH-')));
      for (const event of ['error', 'timeout', 'close']) socket.once(event, () => settle(false));
    });
  }

  private async explain(error: unknown): Promise<never> {
    const log = await readFile(join(this.slot.directory, 'console.log'), 'utf8');
    throw new Error(`${String(error)}\n${log.trim().split('\n').slice(-20).join('\n')}`);
  }

  private async writeKnownHosts(): Promise<void> {
    const key = await readFile(join(this.root, 'etc/ssh/ssh_host_ed25519_key.pub'), 'utf8');
    await writeFile(join(this.slot.directory, 'known_hosts'), `${this.hostname} ${key}`);
  }
}

import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { rootOnly } from './apt-programs.ts';
import { chooseContext, endpointOf, forgetContext, keepContext } from './docker-contexts.ts';
import type { Unit, UnitScope } from './machine-state.ts';
import {
  type Action,
  type Call,
  changes,
  failed,
  looks,
  type Machine,
  type Program,
  type Reply,
  said,
} from './program.ts';

/** systemctl, for the system and for the account's own manager. */
const systemctl: Program = (call, machine) => {
  const scope: UnitScope = call.args[0] === '--user' ? 'user' : 'system';
  const words = scope === 'user' ? call.args.slice(1) : call.args;
  if (scope === 'user' && !busAnswers(call, machine))
    return looks(() => failed('Failed to connect to user scope bus via local transport: No such file or directory'));
  return systemctlVerb(words, call, machine, scope);
};

/** The manager is found by these two variables alone. */
function busAnswers({ env }: Call, { state, account }: Machine): boolean {
  const runtime = `/run/user/${account.uid}`;
  return (
    state.userManager && env.XDG_RUNTIME_DIR === runtime && env.DBUS_SESSION_BUS_ADDRESS === `unix:path=${runtime}/bus`
  );
}

function systemctlVerb(words: readonly string[], call: Call, machine: Machine, scope: UnitScope): Action | undefined {
  const { state } = machine;
  const [verb, ...rest] = words;
  const name = rest.at(-1) ?? '';
  const unit = state.units[scope][name] ?? unitOnDisk(machine, scope, name);
  switch (verb) {
    case 'show-environment':
      return looks(() => said(`HOME=${call.env.HOME ?? ''}`));
    case 'show':
      return rest[0] === '-p' && rest[1] === 'LoadState,ActiveState,SubState,UnitFileState,NeedDaemonReload'
        ? looks(() => said(properties(unit)))
        : undefined;
    case 'status':
      return looks(() =>
        said(
          `${rest[0]}.service\n     Active: ${state.units[scope][`${rest[0]}.service`]?.active === true ? 'active (running)' : 'inactive (dead)'}`,
        ),
      );
    case 'is-active':
      return looks(() => (unit?.active === true ? said('active') : failed('', 3, 'inactive')));
    case 'is-enabled':
      return looks(() => {
        const words = rest.map((one) => enabledWord(state.units[scope][one] ?? unitOnDisk(machine, scope, one)));
        return words.includes('enabled') ? said(words.join('\n')) : failed('', 1, words.join('\n'));
      });
    case 'enable':
    case 'disable':
      return changes(() =>
        switchUnit(call, { scope, name, unit, on: verb === 'enable', boot: true, now: rest.includes('--now') }),
      );
    case 'start':
    case 'stop':
      return changes(() => switchUnit(call, { scope, name, unit, on: verb === 'start', boot: false, now: true }));
    default:
      return undefined;
  }
}

/** A unit that somebody wrote into the account's own folder, as the manager finds it there. */
function unitOnDisk({ state, account, onDisk }: Machine, scope: UnitScope, name: string): Unit | undefined {
  if (scope !== 'user' || name === '' || !existsSync(onDisk(`${account.home}/.config/systemd/user/${name}`)))
    return undefined;
  state.units.user[name] = { active: false, enabled: false };
  return state.units.user[name];
}

function enabledWord(unit: Unit | undefined): string {
  if (unit === undefined) return 'not-found';
  return unit.enabled ? 'enabled' : 'disabled';
}

function properties(unit: Unit | undefined): string {
  if (unit === undefined) return 'LoadState=not-found\nActiveState=inactive\nUnitFileState=\nNeedDaemonReload=no';
  return `LoadState=loaded\nActiveState=${unit.active ? 'active' : 'inactive'}\nUnitFileState=${unit.enabled ? 'enabled' : 'disabled'}\nNeedDaemonReload=no`;
}

interface Switch {
  readonly scope: UnitScope;
  readonly name: string;
  readonly unit: Unit | undefined;
  readonly on: boolean;
  readonly boot: boolean;
  readonly now: boolean;
}

function switchUnit(call: Call, { scope, name, unit, on, boot, now }: Switch): Reply {
  const work = (): Reply => {
    if (unit === undefined) return failed(`Failed to enable unit: Unit ${name} does not exist`);
    if (boot) unit.enabled = on;
    if (now) unit.active = on;
    return said();
  };
  return scope === 'user' ? work() : rootOnly(call, work);
}

const loginctl: Program = (call, { onDisk }) => {
  const [verb, user = ''] = call.args;
  if (verb === 'disable-linger')
    return changes(() =>
      rootOnly(call, () => {
        rmSync(onDisk(`/var/lib/systemd/linger/${user}`), { force: true });
        return said();
      }),
    );
  if (verb !== 'enable-linger') return undefined;
  return changes(() =>
    rootOnly(call, () => {
      mkdirSync(onDisk('/var/lib/systemd/linger'), { recursive: true });
      writeFileSync(onDisk(`/var/lib/systemd/linger/${user}`), '');
      return said();
    }),
  );
};

/** Docker's rootless setup tool, with its habit of ending well although it found no service manager. */
const setupTool: Program = (call, machine) => {
  const verb = call.args.at(-1);
  const isForced = call.args.includes('--force');
  if (machine.state.groups.includes('docker') && !isForced)
    return looks(() =>
      failed('[ERROR] Aborting because rootful Docker (/var/run/docker.sock) is running and accessible.'),
    );
  if (verb === 'check') return looks(() => requirements(machine));
  if (verb === 'uninstall') return changes(() => takeRootlessOff(machine));
  return verb === 'install' ? changes(() => setUpRootless(call, machine)) : undefined;
};

/** What it suggests is the same range for every account. */
function requirements({ account, onDisk, state }: Machine): Reply {
  const has = (kind: string) => readFileSync(onDisk(`/etc/${kind}`), 'utf8').includes(`${account.user}:`);
  if (!state.packages.has('uidmap'))
    return failed('[ERROR] Missing system requirements. Run the following commands to');
  if (has('subuid') && has('subgid')) return said('[INFO] Requirements are satisfied');
  return failed('[ERROR] Missing system requirements. Run the following commands to install the requirements');
}

/** Service and context go; images and containers stay. */
function takeRootlessOff(machine: Machine): Reply {
  const { state, account, onDisk } = machine;
  delete state.units.user['docker.service'];
  forgetContext(machine, 'rootless');
  chooseContext(machine, 'default');
  rmSync(onDisk(`${account.home}/.config/systemd/user/docker.service`), { force: true });
  return said('[INFO] Uninstalled docker.service');
}

function setUpRootless(call: Call, machine: Machine): Reply {
  const { state, account, onDisk } = machine;
  const systemd = busAnswers(call, machine);
  const runtime = systemd ? `/run/user/${account.uid}` : `${account.home}/.docker/run`;
  if (endpointOf(machine, 'rootless') === undefined) keepContext(machine, 'rootless', `unix://${runtime}/docker.sock`);
  chooseContext(machine, 'rootless');
  if (!systemd) return said('[INFO] systemd not detected, dockerd-rootless.sh needs to be started manually:');
  const folder = onDisk(`${account.home}/.config/systemd/user`);
  mkdirSync(folder, { recursive: true });
  writeFileSync(`${folder}/docker.service`, '[Unit]\nDescription=Docker Application Container Engine (Rootless)\n');
  mkdirSync(onDisk(`${account.home}/.local/share/docker`), { recursive: true });
  state.units.user['docker.service'] = { active: true, enabled: true };
  return said('[INFO] Installed docker.service successfully.');
}

/** Root of the engine's own user namespace: the one that may remove the engine's files. */
const rootlesskit: Program = ({ args }, { state, onDisk }) => {
  const [rm, rf, path = ''] = args;
  if (rm !== 'rm' || rf !== '-rf' || !path.endsWith('/.local/share/docker')) return undefined;
  return changes(() => {
    rmSync(onDisk(path), { recursive: true, force: true });
    Object.assign(state, { images: {}, containers: {}, networks: [] });
    return said();
  });
};

/** Nothing on paper has ever failed to start. */
const journalctl: Program = ({ args }) =>
  args.join(' ').startsWith('--user --unit ') ? looks(() => said()) : undefined;

export const servicePrograms = {
  rootlesskit,
  journalctl,
  systemctl,
  loginctl,
  'dockerd-rootless-setuptool.sh': setupTool,
} as const satisfies Record<string, Program>;

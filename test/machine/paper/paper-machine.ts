import { randomBytes } from 'node:crypto';
import { chmodSync, mkdirSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import type { Server } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname } from 'node:path';
import type { Account } from '../../../src/layout.ts';
import { type Layout, layoutFor } from '../../../src/layout.ts';
import type { LmStudioOptions } from '../stand-ins/lm-studio.ts';
import { type CallLog, makeCallLog } from './call-log.ts';
import { makeGateways } from './gateway.ts';
import { holdFreePort } from './gateway-port.ts';
import { debianBashrc, layBus, layOutFolder, type SystemName } from './machine-folder.ts';
import { freshState, type MachineState } from './machine-state.ts';
import { type OutsideWorld, openOutsideWorld, paperLmStudio } from './outside-world.ts';
import type { Machine } from './program.ts';
import { firstPrograms } from './programs.ts';
import { redirectedMachine } from './redirected-machine.ts';
import { openSwitchboard, stubScript } from './switchboard.ts';

export interface PaperOptions {
  /** Default claude, 1000. */
  readonly user?: string;
  readonly uid?: number;
  readonly system?: SystemName;
  /** Name of the first process; default systemd. */
  readonly init?: string;
  /** Whether the socket of the account's bus exists; default true. */
  readonly bus?: boolean;
  readonly bashrc?: string;
  readonly lmStudio?: LmStudioOptions;
  /** Changes what the machine is like at the start. */
  readonly state?: (state: MachineState) => void;
}

/** A folder that stands for a machine, with everything that it can call and dial. It lives as long as this process. */
export interface PaperMachine {
  readonly folder: string;
  readonly account: Account;
  readonly layout: Layout;
  readonly state: MachineState;
  readonly log: CallLog;
  readonly world: OutsideWorld;
  /** Free until the gateway starts; to be given as `gateway.port`. */
  readonly gatewayPort: number;
  /** Where a path of the machine is on the disk. */
  readonly onDisk: (path: string) => string;
  /** What stands for the machine in the table of programs; for hosts that call them without a process between. */
  readonly machine: Machine;
  /** Changes where an address leads, for the runs that start from now on. */
  readonly redirect: (beginning: string, to: string) => void;
  /** Leaves the folder in its place when the machine goes. */
  keep(): void;
  /** Ends every server and, unless kept, removes the folder. */
  destroy(): Promise<void>;
}

/** Builds the folder, starts the outside world and the switchboard behind the stand-in programs. */
export async function makePaperMachine(options: PaperOptions = {}): Promise<PaperMachine> {
  const { user = 'claude', uid = 1000 } = options;
  const folder = newFolder();
  const account: Account = { user, uid, home: uid === 0 ? `${folder}/root` : `${folder}/home/${user}` };
  const state = freshState({ user, uid });
  options.state?.(state);
  const held = await holdFreePort();
  const world = await openOutsideWorld({
    ...(options.lmStudio === undefined ? {} : { lmStudio: options.lmStudio }),
    surprise: (what) => log.surprises.push(what),
  });
  const addresses: Record<string, string> = { ...world.addresses };
  const gateways = makeGateways();
  const ground = () => redirectedMachine(folder).ground;
  const onDisk = (path: string): string => (path.startsWith(`${folder}/`) ? path : `${folder}${path}`);
  const placeProgram = (path: string): void => placeStub(onDisk(path), stubScript(switchboard.port));
  const machine: Machine = { folder, account, state, gateways, onDisk, placeProgram, url: (url) => ground().url(url) };
  const log = makeCallLog(machine);
  const switchboard = await openSwitchboard(log.perform);
  layOutFolder({
    folder,
    account,
    system: options.system ?? 'debian-13',
    init: options.init ?? 'systemd',
    bashrc: options.bashrc ?? debianBashrc,
    programs: firstPrograms,
    placeProgram,
  });
  const writeMachine = (): void =>
    writeFileSync(`${folder}/machine.json`, `${JSON.stringify({ account, addresses }, undefined, 2)}\n`);
  writeMachine();
  const bus = options.bus === false ? undefined : await layBus(folder, uid);
  let kept = false;
  return {
    folder,
    account,
    layout: layoutFor(account, held.port),
    state,
    log,
    world,
    gatewayPort: held.port,
    onDisk,
    machine,
    redirect: (beginning, to) => {
      const others = Object.entries(addresses).filter(([known]) => known !== beginning);
      for (const known of Object.keys(addresses)) delete addresses[known];
      Object.assign(addresses, { [beginning]: to }, Object.fromEntries(others));
      writeMachine();
    },
    keep: () => {
      kept = true;
    },
    destroy: async () => {
      await Promise.all([gateways.closeAll(), world.close(), switchboard.close(), closeBus(bus), held.release()]);
      if (!kept) rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** Short, because the path of a socket may have 107 bytes only. */
function newFolder(): string {
  const folder = `${realpathSync(tmpdir())}/paper-${randomBytes(5).toString('hex')}`;
  mkdirSync(folder, { mode: 0o755 });
  chmodSync(folder, 0o755);
  return folder;
}

function placeStub(path: string, script: string): void {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, script);
  chmodSync(path, 0o755);
}

async function closeBus(bus: Server | undefined): Promise<void> {
  if (bus !== undefined) await new Promise((resolve) => bus.close(resolve));
}

/** Answers that fit this machine: Claude API behind LM Studio, failover allowed. The key is named, not given. */
export function paperAnswers({ gatewayPort }: Pick<PaperMachine, 'gatewayPort'>): string {
  return `version: 1
localModel:
  address: ${paperLmStudio.replace(/^http:\/\/|:1234$/g, '')}
  model: qwen/qwen3.6-35b-a3b
cloud:
  anthropic:
    key: env:ANTHROPIC_DIRECT_KEY
failover:
  allowed: true
gateway:
  port: ${gatewayPort}
`;
}

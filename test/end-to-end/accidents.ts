import { existsSync, lstatSync, mkdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { paperKey, paperLmStudio } from '../machine/paper/outside-world.ts';
import type { PaperMachine } from '../machine/paper/paper-machine.ts';
import { type LmStudioOptions, lmStudio } from '../machine/stand-ins/lm-studio.ts';
import { listen } from '../machine/stand-ins/stand-in.ts';

/** Each of these puts something in the way and gives back how to take it out again. */
export type Undo = () => Promise<void> | void;

/** A file with this text, whatever stood there. */
export function put(path: string, text: string): Undo {
  const previous = isFile(path) ? readFileSync(path) : undefined;
  const first = firstMissing(path);
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, text);
  return () => {
    if (previous === undefined) rmSync(first, { recursive: true, force: true });
    else writeFileSync(path, previous);
  };
}

export function link(path: string, target: string): Undo {
  const first = firstMissing(path);
  mkdirSync(dirname(path), { recursive: true });
  symlinkSync(target, path);
  return () => rmSync(first, { recursive: true, force: true });
}

function isFile(path: string): boolean {
  return existsSync(path) && lstatSync(path).isFile();
}

/** The path itself, or the outermost directory that has to be made for it. */
function firstMissing(path: string): string {
  const above = dirname(path);
  return existsSync(above) ? path : firstMissing(above);
}

export function freeSpace({ state }: PaperMachine, gigabytes: number): Undo {
  const { freeGigabytes } = state;
  state.freeGigabytes = gigabytes;
  return () => {
    state.freeGigabytes = freeGigabytes;
  };
}

/** An engine of root with two containers in it. */
export function rootfulEngine({ state, machine }: PaperMachine): Undo {
  const { system } = state.units;
  state.rootfulContainers = 2;
  system['docker.service'] = { active: true, enabled: true };
  machine.placeProgram('/usr/bin/docker');
  return () => {
    state.rootfulContainers = 0;
    delete system['docker.service'];
    rmSync(machine.onDisk('/usr/bin/docker'));
  };
}

export function sshPeer({ state }: PaperMachine, peer: string): Undo {
  state.sshPeers.push(peer);
  return () => void state.sshPeers.pop();
}

/** Another address answers for this one. */
export function inPlaceOf(machine: PaperMachine, address: string, other: string): Undo {
  const before = machine.machine.url(address);
  machine.redirect(address, other);
  return () => machine.redirect(address, before);
}

/** An LM Studio that is set up in another way. */
export async function lmStudioInPlace(machine: PaperMachine, options: LmStudioOptions): Promise<Undo> {
  const other = await listen(lmStudio(options));
  return closing(inPlaceOf(machine, paperLmStudio, other.url), other.close);
}

function closing(undo: Undo, close: () => Promise<void>): Undo {
  return async () => {
    await undo();
    await close();
  };
}

/** The repository's key is somebody else's; gnupg is there to notice it. */
export function foreignDockerKey(machine: PaperMachine): Undo {
  const page = 'download.docker.com/linux/debian/gpg';
  const right = machine.world.pages.get(page) ?? '';
  machine.world.pages.set(page, paperKey('0'.repeat(40)));
  const gpg = machine.onDisk('/usr/bin/gpg');
  machine.machine.placeProgram('/usr/bin/gpg');
  return () => {
    machine.world.pages.set(page, right);
    rmSync(gpg);
  };
}

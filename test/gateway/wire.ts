import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { createServer } from 'node:net';
import { promisify } from 'node:util';

const run = promisify(execFile);
const ip = (...args: string[]) => run('ip', args);

/** A network of two ends: this machine, and a namespace that reaches nothing else. Needs root. */
export interface Wire {
  /** Of the namespace. */
  readonly name: string;
  /** This machine's end, where stand-ins listen. */
  readonly outside: string;
  /** Another address of this machine's end, which can be switched off by itself. */
  readonly separate: string;
  /** From now on nothing that is sent to the separate address arrives, and nobody says so. */
  switchOff(): Promise<void>;
  switchOn(): Promise<void>;
  /**
   * From now on nothing arrives that is sent over connections to this port of the outside which exist now, and nobody says so;
   * with `reset` the sender is told that they are gone. New ones work.
   */
  severConnections(port: number, how?: 'silently' | 'reset'): Promise<void>;
  /** The namespace's end, where its programs are reached. */
  readonly inside: string;
  /** An address that the namespace has a route to and where nobody answers, not even with a refusal. */
  readonly silent: string;
  /** The same command, to be run inside. */
  command(file: string, args: readonly string[]): readonly [string, readonly string[]];
  close(): Promise<void>;
}

let made = 0;
let network: Promise<number> | undefined;

/**
 * The number of a network that nobody else uses: the kernel lets go of the lock with the process that holds it, but not of
 * the wires that it laid. Two links with one address are one that works and one where nothing ever arrives.
 */
async function ownNetwork(): Promise<number> {
  await takeUpAbandonedWires();
  const { stdout: routes } = await ip('-4', 'route', 'show');
  for (let tried = 0; tried < 250; tried += 1) {
    const number = (process.pid + tried) % 250;
    if (routes.includes(`10.78.${number}.`)) continue;
    const lock = createServer().unref();
    const taken = await new Promise<boolean>((resolve) => {
      lock.once('error', () => resolve(false));
      lock.listen(`\0claude-routing-wires:${number}`, () => resolve(true));
    });
    if (taken) return number;
  }
  throw new Error('every network for wires is taken');
}

/** Takes down the wires of processes that are gone. */
async function takeUpAbandonedWires(): Promise<void> {
  const { stdout } = await ip('netns', 'list');
  // Somebody else may have been faster.
  for (const [name, pid] of stdout.matchAll(/^gw(\d+)x\d+/gm))
    if (!existsSync(`/proc/${pid}`)) await ip('netns', 'del', name).catch(() => undefined);
}

/** Lays a wire. Every process may lay 60 of them. */
export async function layWire(): Promise<Wire> {
  network ??= ownNetwork();
  const number = await network;
  const block = made++ * 4;
  const name = `gw${process.pid}x${block}`;
  const net = `10.78.${number}`;
  const separate = `10.79.${number}.${block + 1}`;
  const [outside, inside] = [`${net}.${block + 1}`, `${net}.${block + 2}`];
  await ip('netns', 'add', name);
  await ip('link', 'add', `o${name}`.slice(0, 15), 'type', 'veth', 'peer', 'name', 'eth0', 'netns', name);
  await ip('addr', 'add', `${outside}/30`, 'dev', `o${name}`.slice(0, 15));
  await ip('link', 'set', `o${name}`.slice(0, 15), 'up');
  const within = (...args: string[]) => ip('netns', 'exec', name, 'ip', ...args);
  await within('link', 'set', 'lo', 'up');
  await within('addr', 'add', `${inside}/30`, 'dev', 'eth0');
  await within('link', 'set', 'eth0', 'up');
  const silent = '198.51.100.9';
  for (const address of [separate, silent]) await within('route', 'add', address, 'dev', 'eth0');
  // A neighbour that was never there: packets leave and nobody picks them up.
  const silence = (address: string) =>
    within('neigh', 'replace', address, 'lladdr', '02:00:00:00:00:01', 'dev', 'eth0', 'nud', 'permanent');
  await ip('addr', 'add', `${separate}/32`, 'dev', `o${name}`.slice(0, 15));
  await silence(silent);
  return {
    name,
    outside,
    separate,
    switchOff: async () => void (await silence(separate)),
    switchOn: async () => void (await within('neigh', 'del', separate, 'dev', 'eth0')),
    severConnections: (port, how = 'silently') => sever(name, port, how),
    inside,
    silent,
    command: (file, args) => ['ip', ['netns', 'exec', name, file, ...args]],
    close: async () => {
      await ip('netns', 'del', name);
    },
  };
}

/** The namespace's own filter, which is gone with it. */
async function sever(name: string, port: number, how: 'silently' | 'reset'): Promise<void> {
  const inside = (...args: string[]) => run('ip', ['netns', 'exec', name, ...args]);
  const { stdout } = await inside('ss', '-Htn', 'state', 'established', 'dport', `= :${port}`);
  const own = stdout.split('\n').flatMap((line) => /:(\d+)\s+\S+:\d+\s*$/.exec(line)?.[1] ?? []);
  const end = how === 'reset' ? 'reject with tcp reset' : 'drop';
  await inside(
    'nft',
    'add table ip cut; add chain ip cut out { type filter hook output priority 0; }; flush chain ip cut out',
  );
  if (own.length > 0)
    await inside('nft', `add rule ip cut out tcp dport ${port} tcp sport { ${own.join(', ')} } ${end}`);
}

import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { cached } from './lab/cache.ts';
import { attempt, type CommandResult, must } from './lab/command.ts';
import type { Machine } from './lab/machine.ts';

/** Needs Python 3.11 or newer, which Debian 12 has. */
const ANSIBLE = 'ansible-core==2.19.14';
const EXAMPLE = fileURLToPath(new URL('../../examples/ansible/', import.meta.url));

/** A fleet: machines of the lab by their names in the inventory, each with its own variables. */
export interface Fleet {
  readonly machines: Readonly<Record<string, { readonly machine: Machine; readonly variables: object }>>;
  /** Variables of all of them. */
  readonly variables: object;
}

/** How a host came through a playbook, as Ansible's recap has it. */
export interface Recap {
  readonly ok: number;
  readonly changed: number;
  readonly unreachable: number;
  readonly failed: number;
}

/** A playbook that was run. */
export interface Played extends CommandResult {
  /** Standard output and standard error. */
  readonly output: string;
  /** By host. */
  readonly recap: Readonly<Record<string, Recap>>;
}

/** Runs a playbook, the example's unless told otherwise, with a real ansible-core, as root over SSH, on all machines at once. */
export async function play(
  fleet: Fleet,
  words: readonly string[] = [],
  file = join(EXAMPLE, 'playbook.yml'),
): Promise<Played> {
  const environment = await cached('ansible', { ANSIBLE }, async (directory) => {
    // It names its own path, which is another once the directory is complete; so it is used by way of its Python.
    await must('python3', ['-m', 'venv', directory]);
    await must(join(directory, 'bin/pip'), ['install', '--quiet', '--disable-pip-version-check', ANSIBLE]);
  });
  const own = await mkdtemp('/tmp/fleet-');
  try {
    const inventory = join(own, 'inventory.json');
    await writeFile(inventory, JSON.stringify(inventoryOf(fleet)), { mode: 0o600 });
    const playbook = ['-m', 'ansible', 'playbook', '-i', inventory, ...words, file];
    const env = {
      HOME: own,
      LC_ALL: 'C.UTF-8',
      NO_COLOR: '1',
      ANSIBLE_PIPELINING: '1',
      ANSIBLE_SSH_ARGS: '-C -o ControlMaster=auto -o ControlPersist=15s',
    };
    const done = await attempt(join(environment, 'bin/python'), playbook, { env, cwd: own, timeoutMs: 1_500_000 });
    return { ...done, output: done.stdout + done.stderr, recap: recapIn(done.stdout) };
  } finally {
    await rm(own, { recursive: true, force: true });
  }
}

function inventoryOf({ machines, variables }: Fleet): object {
  const hosts = Object.entries(machines).map(([name, { machine, variables: its }]) => {
    const options = machine.sshArgs('root').slice(0, -1);
    const reached = { ansible_host: machine.address, ansible_ssh_common_args: options.join(' ') };
    return [name, { ...reached, ...its }];
  });
  return { claude_boxes: { vars: { ansible_user: 'root', ...variables }, hosts: Object.fromEntries(hosts) } };
}

function recapIn(stdout: string): Played['recap'] {
  const [, recap = ''] = stdout.split('PLAY RECAP');
  const rows = [...recap.matchAll(/^(\S+) +: +(ok=.*)$/gm)];
  return Object.fromEntries(rows.map(([, host = '', counts = '']) => [host, countsIn(counts)]));
}

function countsIn(text: string): Recap {
  const count = (name: string) => Number(new RegExp(`\\b${name}=(\\d+)`).exec(text)?.[1]);
  return { ok: count('ok'), changed: count('changed'), unreachable: count('unreachable'), failed: count('failed') };
}

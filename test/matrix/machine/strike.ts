import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as pause } from 'node:timers/promises';
import type { Machine } from '../../machine/lab/machine.ts';
import { PROGRAM } from '../../machine/world.ts';
import type { MachineCell, MachineFault } from './cells.ts';
import { awaitLine } from './late-part.ts';

/** How a run ended that a fault came over. */
export interface StruckRun {
  readonly reached: boolean;
  /** Undefined where the connection went with the fault. */
  readonly exitCode: number | undefined;
  readonly output: string;
  /** State of the gateway's container, and the last line of the journal, when the fault was over. */
  readonly left: string;
}

const longestRunMs = 15 * 60_000;

/** What is done in the machine, as root; `$program` is the process of the run, `$started` what it started. */
const inMachine: Readonly<Partial<Record<MachineFault, string>>> = {
  killed: 'kill -KILL $program',
  'killed with all that it started': 'kill -KILL $program $started',
  'its command killed': '[ -z "$started" ] || kill -KILL $started',
  SIGTERM: 'kill -TERM $program',
  SIGINT: 'kill -INT $program $started',
};

/** Starts an installation, waits for the event of the cell, and lets the fault come. The machine is on afterwards. */
export async function strike(machine: Machine, { effect, fault, after, ms }: MachineCell): Promise<StruckRun> {
  const before = Number((await machine.onHost(`grep -c '' ${journal}`)).stdout);
  const run = startRun(machine);
  const struck = await machine.onHost('bash -s', {
    timeoutMs: longestRunMs,
    input: `
${awaitLine(effect.line, before)} || exit 1
${after === 'begun' ? '' : containerMade}
sleep ${ms / 1000}
program=$(pgrep -u claude -x node)
descendants() { for child in $(pgrep -P "$1"); do echo $child; descendants $child; done; }
started=$(for one in $program; do descendants $one; done)
${inMachine[fault] ?? ''}
`,
  });
  if (fault === 'plug pulled') await machine.pullPlug();
  if (inMachine[fault] === undefined) run.cut();
  const { exitCode, output } = await run.ended;
  if (!machine.isOn) await machine.boot();
  else await programGone(machine);
  return {
    reached: struck.exitCode === 0,
    exitCode: inMachine[fault] === undefined ? undefined : exitCode,
    output,
    left: await whatIsLeft(machine),
  };
}

const journal = '/home/claude/.local/state/claude-routing/journal.jsonl';

/** Bash that waits until the engine has made a folder for a container. */
const containerMade = `for i in $(seq 1 20000); do [ -n "$(ls /home/claude/.local/share/docker/containers)" ] && break; sleep 0.003; done`;

/** A run over a connection that can be cut. */
function startRun(machine: Machine) {
  const child = spawn('ssh', [...machine.sshArgs(), `exec ${PROGRAM} --yes`], { stdio: ['ignore', 'pipe', 'pipe'] });
  let output = '';
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding('utf8').on('data', (text: string) => {
      output += text;
    });
  const tooLong = setTimeout(() => child.kill('SIGKILL'), longestRunMs);
  const ended = once(child, 'close').then(([code]) => {
    clearTimeout(tooLong);
    return { exitCode: (code as number | null) ?? 255, output };
  });
  return { ended, cut: () => void child.kill('SIGKILL') };
}

/** A run that lost its connection finishes what it has in hand. */
async function programGone(machine: Machine): Promise<void> {
  const end = Date.now() + longestRunMs;
  while (Date.now() < end) {
    if ((await machine.onHost('pgrep -u claude -x node')).exitCode === 1) return;
    await pause(500);
  }
}

async function whatIsLeft(machine: Machine): Promise<string> {
  const { stdout } = await machine.onHost('bash -s', {
    input: `
runuser -u claude -- docker -H unix:///run/user/1000/docker.sock ps -a --format '{{.Names}} {{.State}}' 2>&1
tail -n 1 ${journal} | cut -c 1-400
`,
  });
  return stdout.trim().replaceAll('\n', ' · ');
}

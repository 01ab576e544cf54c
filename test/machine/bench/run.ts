/**
 * How long an installation takes beside a shell script of the same commands, and a run with nothing to do beside a playbook for
 * ansible-core that checks the same things. `npm run bench:machine [ROUNDS]`: medians, in turns, on real machines. Needs root
 * and half an hour. Prints tables in Markdown.
 */
import { cpus } from 'node:os';
import { median } from '../../gateway/bench/median.ts';
import { play } from '../ansible.ts';
import { openInstalledWorld } from '../installed-world.ts';
import type { Machine } from '../lab/machine.ts';
import { openWorld, PROGRAM, type World } from '../world.ts';
import { playbookFor } from './playbook.ts';
import { CONTENTS, straightLine } from './straight-line.ts';

const rounds = Number(process.argv[2] ?? 3);
const say = (line: string): void => void process.stderr.write(`${line}\n`);

/** Seconds that something took which has to succeed. */
async function seconds(
  what: () => Promise<{ readonly exitCode: number; readonly stdout: string; readonly stderr: string }>,
): Promise<number> {
  const began = performance.now();
  const { exitCode, stdout, stderr } = await what();
  if (exitCode !== 0) throw new Error(`it ended with ${exitCode}:\n${stdout.slice(-2000)}\n${stderr.slice(-2000)}`);
  return (performance.now() - began) / 1000;
}

function table(name: string, rows: Readonly<Record<string, readonly number[]>>): void {
  const [first = []] = Object.values(rows);
  console.log(`\n| ${name} | s | of the first |\n|---|---|---|`);
  for (const [row, taken] of Object.entries(rows))
    console.log(`| ${row} | ${median(taken).toFixed(2)} | ${(median(taken) / median(first)).toFixed(3)} |`);
}

/** Seconds that a run of the program took by the machine's own clock: a person is logged in already. */
async function inMachine(machine: Machine, words: string): Promise<number> {
  const timed = `s=$(date +%s%N); ${PROGRAM} ${words} >&2 && echo $(($(date +%s%N) - s))`;
  const { exitCode, stdout, stderr } = await machine.ssh(timed, { timeoutMs: 120_000 });
  if (exitCode !== 0) throw new Error(`${words} ended with ${exitCode}:\n${stderr.slice(-2000)}`);
  return Number(stdout) / 1e9;
}

async function nothingToDo(world: World): Promise<void> {
  const { machine } = world;
  // What every image of Debian for servers and clouds has, and the lab's has not.
  await seconds(() => machine.onHost('apt-get -q update && apt-get -qy install python3-apt', { timeoutMs: 300_000 }));
  const fleet = { variables: {}, machines: { box: { machine, variables: {} } } };
  const playbook = await playbookFor(machine);
  const ways: Readonly<Record<string, () => Promise<number>>> = {
    'ansible-playbook, nothing to change': async () =>
      await seconds(async () => {
        const played = await play(fleet, [], playbook);
        if (played.recap['box']?.changed !== 0) throw new Error(played.output);
        return played;
      }),
    'install --yes, nothing to do': async () => await inMachine(machine, 'install --yes'),
    status: async () => await inMachine(machine, 'status'),
    doctor: async () => await inMachine(machine, 'doctor'),
    '--version': async () => await inMachine(machine, '--version'),
  };
  const rows: Record<string, number[]> = Object.fromEntries(Object.keys(ways).map((name) => [name, []]));
  for (const way of Object.values(ways)) await way();
  for (let round = 0; round < 2 * rounds; round += 1)
    for (const [name, way] of Object.entries(ways)) rows[name]?.push(await way());
  table('nothing to do', rows);
}

async function install(script: string, contents: Buffer): Promise<number> {
  const world = await openWorld({ say });
  try {
    await world.machine.onHost(`mkdir -p ${CONTENTS} && tar -xz -C ${CONTENTS} && chmod -R a+rX /root`, {
      input: contents,
    });
    return await seconds(() => world.machine.ssh('bash -s', { input: script, timeoutMs: 900_000 }));
  } finally {
    await world.close();
  }
}

async function installByProgram(): Promise<number> {
  const world = await openWorld({ say });
  try {
    await world.writeAnswers();
    return await seconds(() => world.install('--yes --answers answers.yaml'));
  } finally {
    await world.close();
  }
}

const installed = await openInstalledWorld(say);
const home = `${installed.machine.root}/home/claude`;
const { script, written } = await straightLine(`${home}/.local/state/claude-routing/journal.jsonl`);
const packed = await installed.machine.onHost(`tar -cz -C / ${written.map((path) => `.${path}`).join(' ')} | base64`);
const contents = Buffer.from(packed.stdout, 'base64');
console.log(`${cpus().length} cores, ${cpus()[0]?.model}, ${new Date().toISOString().slice(0, 10)}, ${rounds} rounds`);
try {
  await nothingToDo(installed);
} finally {
  await installed.close();
}
const rows = { 'a shell script of the same commands': [] as number[], 'install --yes': [] as number[] };
for (let round = 0; round < rounds; round += 1) {
  rows['a shell script of the same commands'].push(await install(script, contents));
  rows['install --yes'].push(await installByProgram());
}
table('a whole installation', rows);

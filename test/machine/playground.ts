import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { missingForLab } from './lab/prerequisites.ts';
import { paperProgram } from './paper/installer.ts';
import { paperLmStudio } from './paper/outside-world.ts';
import { makePaperMachine, paperAnswers } from './paper/paper-machine.ts';
import { paperFolderVariable } from './paper/paper-variable.ts';
import { openWorld, PROGRAM, type World } from './world.ts';

const options = {
  yes: { type: 'boolean', default: false },
  paper: { type: 'boolean', default: false },
  help: { type: 'boolean', default: false },
} as const;

const help = `npm run playground [-- --yes] [-- --paper]

Boots a throw-away Debian 13 machine with stand-ins for LM Studio, the Claude
API and the download sites around it, and runs the real installer in it.

  (nothing)  the wizard, in your terminal; afterwards a shell on the machine
  --yes      runs through without questions and shows the proof
  --paper    without a machine: a folder stands for one

It needs root on Debian 12 or 13. Where that is not so, it says what is missing
and plays on paper.
`;

const started = Date.now();

function say(line: string): void {
  console.log(`[${((Date.now() - started) / 1000).toFixed(0).padStart(3)} s] ${line}`);
}

process.exitCode = await main();

async function main(): Promise<number> {
  const values = chosen();
  if (values === undefined) return 64;
  if (values.help) {
    console.log(help);
    return 0;
  }
  const missing = values.paper ? ['nothing, but --paper was given'] : await missingForLab();
  if (missing.length === 0) return await onMachine(values.yes);
  say(`No real machine can be booted here. Missing: ${missing.join('; ')}.`);
  say('Playing on the PAPER MACHINE instead: a folder stands for the machine, stand-ins for its programs.');
  return await onPaper(values.yes);
}

/** The options; undefined, with what is wrong told, when they cannot be understood. */
function chosen() {
  try {
    return parseArgs({ options }).values;
  } catch (error) {
    console.error(`${error instanceof Error ? error.message : String(error)}\n\n${help}`);
    return undefined;
  }
}

async function onMachine(yes: boolean): Promise<number> {
  const world = await openWorld({ say });
  try {
    say(`A bare Debian 13 answers at ${world.machine.address}.`);
    await world.writeAnswers();
    return yes ? await runThrough(world) : await letPlay(world);
  } finally {
    await world.close();
    say('The machine is gone.');
  }
}

async function runThrough(world: World): Promise<number> {
  const installed = await foreground('ssh', [...world.machine.sshArgs(), `${PROGRAM} --yes --answers answers.yaml`]);
  if (installed !== 0) return installed;
  for (const launcher of ['claude-routed', 'claude-local']) {
    const { stdout } = await world.machine.ssh(`${launcher} -p 'say hi'`, { timeoutMs: 120_000 });
    say(`ssh ${world.machine.hostname} ${launcher} -p 'say hi'  →  ${stdout.trim()}`);
  }
  say(
    `The Claude API stand-in served ${served(world.anthropic)} messages, the LM Studio stand-in ${served(world.lmStudio)}.`,
  );
  say('Once more, to see that nothing is left to do:');
  return await foreground('ssh', [...world.machine.sshArgs(), `${PROGRAM} --yes --answers answers.yaml`]);
}

function served({ requests }: World['anthropic'] | World['lmStudio']): number {
  return requests.filter(({ path, answer }) => path.startsWith('/v1/messages') && answer.status === 200).length;
}

async function letPlay(world: World): Promise<number> {
  say('LM Studio is at 10.77.0.20. A key that the Claude API takes here:');
  console.log(`\n    ${world.keys.anthropic}\n`);
  const keys = ['DOCKER_REPOSITORY', 'CLAUDE_CODE', 'TOOLCHAIN'];
  const fingerprint = keys
    .map((name) => `CLAUDE_ROUTING_${name}_FINGERPRINT=${world.lab.packageKeyFingerprint}`)
    .join(' ');
  // Also in the shell: whoever left the wizard with Ctrl-C starts the same program again there.
  await foreground('ssh', ['-t', ...world.machine.sshArgs(), `${fingerprint} ${PROGRAM}`]);
  say(`Your shell on the machine. The program is ${PROGRAM}; exit ends the machine.`);
  return await foreground('ssh', ['-t', ...world.machine.sshArgs(), `${fingerprint} exec bash -l`]);
}

async function onPaper(yes: boolean): Promise<number> {
  const paper = await makePaperMachine();
  try {
    console.log(
      `\nLM Studio is at ${paperLmStudio}. A key that the Claude API takes here:  ${paper.world.keys.anthropic}\n`,
    );
    const answers = `${paper.account.home}/answers.yaml`;
    writeFileSync(answers, paperAnswers(paper));
    const words = yes ? ['--yes', '--answers', answers] : ['--set', `gateway.port=${paper.gatewayPort}`];
    const key = yes ? { ANTHROPIC_DIRECT_KEY: paper.world.keys.anthropic } : {};
    const env = { [paperFolderVariable]: paper.folder, HOME: paper.account.home, ...key };
    return await foreground(process.execPath, [await paperProgram(), ...words], env);
  } finally {
    await paper.destroy();
  }
}

/** Runs a program in this terminal and gives back its exit code. */
async function foreground(file: string, args: readonly string[], env: NodeJS.ProcessEnv = {}): Promise<number> {
  const child = spawn(file, [...args], { stdio: 'inherit', env: { ...process.env, ...env } });
  // Ctrl-C is for the program in front; this one has to stay and take the machine down.
  const stay = () => undefined;
  process.on('SIGINT', stay);
  const [code] = (await once(child, 'exit')) as [number | null];
  process.off('SIGINT', stay);
  return code ?? 1;
}

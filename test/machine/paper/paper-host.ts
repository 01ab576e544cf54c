import { existsSync } from 'node:fs';
import {
  type Command,
  type CommandResult,
  type Effect,
  EffectFailed,
  type Host,
  type RunCommand,
} from '../../../src/host/host.ts';
import { RealHost } from '../../../src/host/real-host.ts';
import { createMasking, revealed } from '../../../src/host/secret.ts';
import type { PaperMachine } from './paper-machine.ts';
import type { Call } from './program.ts';
import { programs } from './programs.ts';
import { redirectedMachine } from './redirected-machine.ts';

/**
 * A host on a paper machine that asks its programs without a process between, for tests that look hundreds of times.
 * Files, links and requests are the real host's; a program that is not in the table (a launcher) is really started.
 */
export function paperHost(machine: PaperMachine): Host & { readonly performed: readonly Effect[] } {
  const { ground, searchPath } = redirectedMachine(machine.folder);
  const env = {
    HOME: machine.account.home,
    USER: machine.account.user,
    PATH: searchPath,
    ...machine.layout.sessionEnv,
  };
  const real = new RealHost({
    uid: 0,
    env,
    backupFolder: `${machine.layout.backupsDir}/in-process`,
    masking: createMasking(),
    ground,
  });
  const performed: Effect[] = [];
  const ask = async (command: Command): Promise<CommandResult> => {
    const call = callFor(command, machine, env);
    return call === undefined
      ? await real.query({ ...command, sudo: false })
      : trimmed(await machine.log.perform(call));
  };
  return {
    performed,
    readFile: (path) => real.readFile(path),
    readLines: (path, each, from) => real.readLines(path, each, from),
    stat: (path) => real.stat(path),
    list: (path) => real.list(path),
    http: (request) => real.http(request),
    query: ask,
    perform: async (effect) => {
      performed.push(effect);
      return effect.do === 'run' ? await runEffect(effect, ask) : await real.perform(effect);
    },
  };
}

async function runEffect(effect: RunCommand, ask: (command: Command) => Promise<CommandResult>) {
  const { exitCode, stdout, stderr } = await ask(effect.command);
  if (exitCode === 0) return {};
  const output = `${stdout}\n${stderr}`.split('\n').filter((line) => line.trim() !== '');
  throw new EffectFailed(effect, `${effect.command.file} ended with exit code ${exitCode}`, exitCode, output);
}

/** undefined: the program is no stand-in. A program that is not installed is asked for as a process, and is not there. */
function callFor(command: Command, machine: PaperMachine, env: Readonly<Record<string, string>>): Call | undefined {
  const program = command.file.slice(command.file.lastIndexOf('/') + 1);
  const own = Object.fromEntries(Object.entries(command.env ?? {}).map(([name, value]) => [name, revealed(value)]));
  const about = { asRoot: command.sudo === true, env: { ...env, ...own }, cwd: command.cwd ?? '/' };
  const known = Object.hasOwn(programs, program) && exists(machine, command.file);
  return known
    ? { ...about, program, args: command.args, input: command.input === undefined ? '' : revealed(command.input) }
    : undefined;
}

function exists({ onDisk }: PaperMachine, file: string): boolean {
  return file.startsWith('/')
    ? existsSync(onDisk(file))
    : ['/usr/bin', '/usr/sbin'].some((folder) => existsSync(onDisk(`${folder}/${file}`)));
}

/** As the real host does it. */
function trimmed({ exitCode, stdout, stderr }: CommandResult): CommandResult {
  return { exitCode, stdout: stdout.replace(/\n$/, ''), stderr: stderr.replace(/\n$/, '') };
}

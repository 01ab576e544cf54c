import type { Secrets } from '../answers/secrets.ts';
import { lookAtMachine } from '../checks/machine.ts';
import type { Context } from '../context.ts';
import type { Probe } from '../host/host.ts';
import { profileOf, profileWords } from '../render/profiles.ts';
import { readiness } from '../services/gateway-client.ts';
import { identifyServer } from '../services/local-server.ts';
import { steps } from '../steps/index.ts';
import { type ExitCode, exitCodes } from './exit-codes.ts';
import { gather } from './gather.ts';
import { overview, pending } from './overview.ts';
import { type Program, requireInstallation } from './program.ts';

type Row = readonly [name: string, value: string];

/** What is installed, what runs, and what has drifted: one screen. Asks and changes nothing. */
export async function status(program: Program): Promise<ExitCode> {
  const { host, ui, flags } = program;
  await requireInstallation(program);
  const context = await gather(program, await lookAtMachine(host, program.account.home, program.platform));
  const [rows, overviews] = await Promise.all([lookAround(host, context), overview(steps, context, host)]);
  const drift = pending(overviews).map(({ name }) => name.title);
  const state: Row = ['state', drift.length === 0 ? 'everything is as wanted' : `changed: ${drift.join(', ')}`];
  if (flags.json) program.print(`${JSON.stringify(Object.fromEntries([...rows, state]), undefined, 2)}\n`);
  else for (const [name, value] of [...rows, state]) ui.say(`  ${name.padEnd(14)}${value}`);
  if (drift.length > 0 && !flags.json)
    ui.say('Mend it:  claude-routing-install   Look closer:  claude-routing-install plan');
  return drift.length === 0 ? exitCodes.done : exitCodes.changesPending;
}

async function lookAround(probe: Probe, context: Context): Promise<readonly Row[]> {
  const { layout, answers, secrets } = context;
  const version = async (file: string, args: readonly string[]) => {
    const { exitCode, stdout } = await probe.query({ file, args, env: layout.sessionEnv });
    return exitCode === 0 ? (stdout.trim().split('\n')[0] ?? '') : 'not there, or not answering';
  };
  const [docker, image, claude, mise, gateway, local, proven] = await Promise.all([
    version('docker', ['version', '-f', '{{.Server.Version}} (rootless)']),
    version('docker', ['container', 'inspect', '-f', '{{.Config.Image}}', layout.containerName]),
    version(layout.claudeBinary, ['--version']),
    version(layout.miseBinary, ['--version']),
    readiness(probe, layout.gatewayUrl),
    localWords(probe, context),
    probe.readFile(`${layout.stateDir}/proven`),
  ]);
  const profile = profileWords[profileOf(answers)];
  return [
    ['Docker', docker],
    ['gateway', gateway.ready ? `${layout.gatewayUrl}, ready` : gateway.problem],
    ['image', image],
    ['Claude Code', claude],
    ['mise', answers.toolchain.mise ? mise : 'not chosen'],
    ['local model', local],
    ['profile', `${profile.label}: ${profile.goes}`],
    ['failover', failoverWords[String(answers.failover.allowed)] ?? ''],
    ['keys', keyWords(secrets)],
    ['last proven', proven?.split(' ')[1]?.trim() ?? 'never'],
  ];
}

const failoverWords: Readonly<Record<string, string>> = {
  true: 'allowed, whole conversations too',
  background: 'allowed for background work only',
  false: 'not allowed',
};

async function localWords(probe: Probe, { answers, secrets }: Context): Promise<string> {
  const { address, model } = answers.localModel;
  const found = await identifyServer(probe, address, secrets.localModelToken);
  if ('problem' in found) return found.problem;
  const wanted = found.models.find(({ id, key }) => id === model || key === model);
  const window = wanted?.contextWindow === undefined ? '' : `, ${wanted.contextWindow.toLocaleString('en-US')} tokens`;
  return `${model ?? 'none'} at ${address}${wanted === undefined ? ', not listed' : wanted.loaded ? `, loaded${window}` : ', not loaded'}`;
}

/** Fingerprints tell whether a key is the one you think of, without showing it. */
function keyWords(secrets: Secrets): string {
  return Object.entries(secrets)
    .map(([name, secret]) => `${name} ${secret?.fingerprint()}`)
    .join(', ');
}

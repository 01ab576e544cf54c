import { setTimeout as pause } from 'node:timers/promises';
import stagerText from '../../templates/gateway/drill_faults.py?raw';
import { boundMet } from '../components/gateway/compose.ts';
import { readiness } from '../components/gateway/requests/client.ts';
import { containerLog } from '../docker-client/container.ts';
import {
  ask,
  composeUp,
  containerInspect,
  dockerRun,
  madeFrom,
  networkName,
  networkOf,
} from '../docker-client/docker.ts';
import { type Command, type Effect, EffectFailed, type Probe } from '../host/host.ts';
import { DRILL_NAME, drillFile, type Layout } from '../layout.ts';
import type { Problem } from '../problem.ts';
import type { DrillCase } from './drill-case.ts';
import { STAGER_PATH, type ThrowAway } from './throw-away.ts';

/** What making and removing the throw-away gateway takes. */
export interface ThrowAwayEnvironment {
  readonly probe: Probe;
  /** Recorded in the journal. */
  readonly perform: (effect: Effect) => Promise<void>;
  readonly layout: Layout;
  readonly throwIfStopped: () => void;
  /** The image that is tried in it, if it is not the running gateway's; failures then mention it. */
  readonly candidate?: string;
}

/** Starting takes some forty seconds on one processor; three minutes are plenty. */
const patienceMs = 180_000;
const portsTried = 50;

/** A port of 127.0.0.1 on which nothing listens; undefined if there is none near the gateway's own. */
export async function freePort(probe: Pick<Probe, 'http'>, { gatewayPort }: Layout): Promise<number | undefined> {
  for (let port = gatewayPort + 1; port <= Math.min(gatewayPort + portsTried, 65_535); port += 1) {
    const reply = await probe.http({ url: `http://127.0.0.1:${port}`, timeoutMs: 1000 });
    if (!reply.reached && reply.failure === 'refused') return port;
  }
  return undefined;
}

/** Makes and starts it, with the stager. Throws EffectFailed; returns why if it starts and does not become ready. */
export async function startThrowAway(
  files: ThrowAway,
  url: string,
  ground: ThrowAwayEnvironment,
): Promise<Problem | undefined> {
  const { probe, perform, layout } = ground;
  const { drillDir: directory } = layout;
  await perform({ do: 'make-directory', path: directory, mode: 0o700 });
  const write = async (name: string, content: string) =>
    await perform({ do: 'write', path: `${directory}/${name}`, content, mode: 0o600, disposable: true });
  await write('config.yaml', files.config);
  await write('compose.yaml', files.compose);
  await write('drill_faults.py', stagerText);
  await write('wake.py', (await probe.readFile(layout.wakeScript)) ?? '');
  const compose = { project: DRILL_NAME, file: drillFile(layout) };
  await perform(composeUp(layout, compose, [], 'start a throw-away gateway', brief));
  const stager = ['exec', '--detach', DRILL_NAME, 'python3', STAGER_PATH, 'serve'];
  try {
    await perform(dockerRun(layout, stager, 'start the stager', brief));
  } catch (error) {
    // A container that ends at once is gone before anything can be started in it.
    if (error instanceof EffectFailed && !(await isUp(ground))) return await diedOf(ground);
    throw error;
  }
  return await becomeReady(url, ground);
}

async function becomeReady(url: string, ground: ThrowAwayEnvironment): Promise<Problem | undefined> {
  const { probe, throwIfStopped } = ground;
  for (const until = Date.now() + patienceMs; Date.now() < until; await pause(250)) {
    throwIfStopped();
    if ((await readiness(probe, url)).ready) return undefined;
    if (!(await isUp(ground))) return await diedOf(ground);
  }
  return {
    code: 'trial-gateway-failed',
    problem: `${nameOf(ground)} with this machine’s own files is not ready after three minutes`,
    fix: seeLog(ground),
  };
}

async function isUp({ probe, layout }: ThrowAwayEnvironment): Promise<boolean> {
  const { said } = await ask(probe, containerInspect(layout, DRILL_NAME, '{{.State.Status}}'));
  return /^(created|running)/.test(said);
}

async function diedOf(ground: ThrowAwayEnvironment): Promise<Problem> {
  const { probe, layout, candidate } = ground;
  const log = await containerLog(probe, layout, DRILL_NAME, 80);
  const template = '{{.State.ExitCode}} {{.State.OOMKilled}}';
  const [code, outOfMemory] = (await ask(probe, containerInspect(layout, DRILL_NAME, template))).said.split(' ');
  const met = boundMet(log, { exitCode: Number(code), outOfMemory: outOfMemory === 'true' });
  const bound = met === undefined ? '' : `; it ${met}`;
  const means = candidate === undefined ? ', so after its next restart there will be none' : '';
  return {
    code: 'trial-gateway-failed',
    problem: `${nameOf(ground)} with this machine’s own files does not start${means}: ${reasonIn(log)}${bound}`,
    fix: seeLog(ground),
  };
}

function nameOf({ candidate }: ThrowAwayEnvironment): string {
  return candidate === undefined ? 'a gateway' : `a gateway of ${candidate}`;
}

/** The error that Python ends with; LiteLLM's own last lines only ask for feedback. */
function reasonIn(log: string): string {
  const lines = log.split('\n').map((line) => line.trim());
  const error = lines.findLast((line) => /^[\w.]*(Error|Exception)\b/.test(line));
  return (error ?? lines.findLast((line) => line !== '') ?? 'it says nothing').slice(0, 300);
}

function seeLog({ layout: { gatewayDir }, candidate }: ThrowAwayEnvironment): string {
  if (candidate !== undefined) return 'wait for the next release of LiteLLM, or name another one with  --image';
  return `see what was changed in ${gatewayDir}:  claude-routing-install plan --verbose   Correct it:  claude-routing-install`;
}

/** Makes the local model or the cloud behave so; returns when it does. */
export async function stageFault(
  stage: NonNullable<DrillCase['stage']>,
  { perform, layout }: ThrowAwayEnvironment,
): Promise<void> {
  const args = ['exec', DRILL_NAME, 'python3', STAGER_PATH, 'stage', stage];
  await perform(dockerRun(layout, args, `stage: ${stage}`, { timeoutMs: 60_000 }));
}

/** Removes whatever is left of it, also by a run that was killed; never what only has its name. */
export async function removeThrowAway({
  probe,
  perform,
  layout,
}: Pick<ThrowAwayEnvironment, 'probe' | 'perform' | 'layout'>): Promise<void> {
  const { drillDir: directory } = layout;
  const there = async (command: Command) => (await ask(probe, command)).said !== '';
  if (await there(madeFrom(layout, DRILL_NAME, drillFile(layout)))) {
    await perform(
      dockerRun(layout, ['rm', '--force', '--volumes', DRILL_NAME], 'remove the throw-away gateway', brief),
    );
  }
  if (await there(networkOf(layout, DRILL_NAME))) {
    await perform(dockerRun(layout, ['network', 'rm', networkName(DRILL_NAME)], 'remove its network', brief));
  }
  if ((await probe.stat(directory)) === undefined) return;
  const command = { file: 'rm', args: ['-r', '--', directory] };
  await perform({ do: 'run', why: 'remove its directory', command });
}

/** What the client needs for it at the most. */
const brief = { timeoutMs: 120_000 };

import { setTimeout as pause } from 'node:timers/promises';
import { systemName } from '../checks/machine.ts';
import { lookAtSpending } from '../components/gateway/spending.ts';
import { askMise } from '../components/toolchain/step.ts';
import type { Answers } from '../config/schema.ts';
import type { Context, InstallerStep } from '../context.ts';
import { asksEngine } from '../docker-client/docker.ts';
import { type ActionLog, readActionLog } from '../engine/action-log.ts';
import { whoIsAtWork } from '../engine/at-work.ts';
import { compareAll } from '../engine/drift.ts';
import type { Probe } from '../host/host.ts';
import { memoized, withCircuitBreaker, withTimeout } from '../host/wrapped-probe.ts';
import type { Layout } from '../layout.ts';
import type { Result } from '../problem.ts';
import {
  lookAtClaude,
  lookAtLaunchers,
  lookAtLocal,
  lookAtMoreLocal,
  routingFacts,
  versionOf,
} from './client-facts.ts';
import {
  askEngine,
  dockerFacts,
  isSilent,
  lookAtContainer,
  lookAtGateway,
  lookAtUnit,
  lookAtWake,
  patience,
} from './engine-facts.ts';
import { lastRun, lookAtProven, lookAtSentinel, programFacts } from './past-facts.ts';
import { isUnknown, type StatusReport, type SystemFacts } from './report.ts';

/** What is known of an installation before looking at it. */
export interface InstallationState {
  readonly layout: Layout;
  readonly answers: Result<Answers>;
  /** Answers and keys together; a problem when either cannot be read. */
  readonly context: Result<Context>;
  /** Of the keys in the secrets file. */
  readonly keys: StatusReport['keys'];
  readonly searchPath: string | undefined;
  readonly underWay: number | undefined;
  readonly steps: readonly InstallerStep[];
}

/** Milliseconds that engine and network have for themselves: beside twenty programs that start, their times would tell of this machine. */
const headStart = 150;

/** Looks at everything at once. What may stay silent for ever is given a second, and then reported as silent. */
export async function lookAround(probe: Probe, installation: InstallationState): Promise<StatusReport> {
  const { layout, steps } = installation;
  const patient = withTimeout(probe, patience.programMs, patience.ms);
  const engine = askEngine(patient, layout);
  const network = networkPart(patient, installation);
  await Promise.race([Promise.all([engine, network]), pause(headStart)]);
  const answers = engine.then((answer) => !isSilent(answer));
  const rest = memoized(withCircuitBreaker(patient, asksEngine, answers));
  const history = readActionLog(await probe.readFile(layout.journal).catch(() => undefined));
  const [system, container, client, past, drift] = await Promise.all([
    lookAtSystem(rest, layout),
    lookAtContainer(rest, layout),
    clientPart(rest, installation),
    pastPart(rest, installation, history),
    driftPart(rest, installation.context, steps, history),
  ]);
  const asWanted = !isUnknown(drift) && drift.asWanted === drift.objects.length;
  const found = { docker: dockerFacts(await engine), container, ...(await network), ...client };
  return { version: 1, asWanted, ...past, system, ...found, keys: installation.keys, drift };
}

async function networkPart(
  probe: Probe,
  { answers, context, layout }: InstallationState,
): Promise<Pick<StatusReport, 'gateway' | 'localModel' | 'moreLocalServers'>> {
  const secrets = context.ok ? context.value.secrets : undefined;
  const token = secrets?.localModelToken;
  const [gateway, localModel, moreLocalServers] = await Promise.all([
    lookAtGateway(probe, layout, secrets?.gatewayKey),
    answers.ok ? lookAtLocal(probe, answers.value, token) : answers.problem,
    answers.ok ? lookAtMoreLocal(probe, answers.value, token) : [],
  ]);
  return { gateway, localModel, moreLocalServers };
}

async function lookAtSystem(probe: Probe, layout: Layout): Promise<SystemFacts> {
  const [release, free, linger, engineUnit] = await Promise.all([
    probe.readFile('/etc/os-release'),
    probe.query({ file: 'df', args: ['--output=avail', '-BG', layout.home] }),
    probe.stat(`/var/lib/systemd/linger/${layout.user}`),
    lookAtUnit(probe, 'docker.service'),
  ]);
  const gigabytes = /(\d+)G/.exec(free.stdout)?.[1];
  return {
    name: systemName(release, 'linux'),
    freeGigabytes: gigabytes === undefined ? null : Number(gigabytes),
    linger: linger !== undefined,
    engineUnit,
  };
}

async function clientPart(
  probe: Probe,
  { answers: known, layout, searchPath }: InstallationState,
): Promise<Pick<StatusReport, 'claudeCode' | 'mise' | 'routing' | 'spending' | 'launchers'>> {
  if (!known.ok) {
    const { problem } = known;
    return { claudeCode: problem, mise: problem, routing: problem, spending: problem, launchers: problem };
  }
  const answers = known.value;
  const [claudeCode, mise, launchers, spending] = await Promise.all([
    lookAtClaude(probe, answers, layout),
    answers.toolchain.mise ? versionOf(probe, 'mise', askMise(layout, '--version')) : null,
    lookAtLaunchers(probe, { answers, layout }, searchPath),
    lookAtSpending(probe, layout, answers.spending, new Date()),
  ]);
  return { claudeCode, mise, routing: routingFacts(answers), spending, launchers };
}

async function pastPart(
  probe: Probe,
  { context, answers, layout, underWay }: InstallationState,
  history: ActionLog,
): Promise<Pick<StatusReport, 'program' | 'proven' | 'sentinel' | 'wake' | 'lastRun' | 'underWay' | 'atWork'>> {
  const chosen = answers.ok ? answers.value.launchers.sentinel : undefined;
  const [proven, sentinel, wake, atWork] = await Promise.all([
    lookAtProven(probe, layout, context.ok ? context.value : undefined),
    lookAtSentinel(probe, layout, chosen),
    lookAtWake(probe, layout, answers.ok ? answers.value.localModel.wake : undefined),
    whoIsAtWork(probe, layout, ''),
  ]);
  return {
    program: programFacts(history, PROGRAM_VERSION),
    proven,
    sentinel,
    wake,
    lastRun: lastRun(history),
    underWay: underWay ?? null,
    atWork: atWork ?? null,
  };
}

async function driftPart(
  probe: Probe,
  known: InstallationState['context'],
  steps: readonly InstallerStep[],
  history: ActionLog,
): Promise<StatusReport['drift']> {
  if (!known.ok) return known.problem;
  const objects = await compareAll(steps, { probe, context: known.value, history });
  return { asWanted: objects.filter(({ state }) => state === 'as-wanted').length, objects };
}

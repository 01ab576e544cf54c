import type { Answers } from '../answers/schema.ts';
import { systemName } from '../checks/machine.ts';
import type { Context, InstallerStep } from '../context.ts';
import type { Problem } from '../engine/finding.ts';
import { type History, readHistory } from '../engine/history.ts';
import type { Probe } from '../host/host.ts';
import type { Layout } from '../layout.ts';
import { lookAtClaude, lookAtLaunchers, lookAtLocal, routingFacts, versionOf } from './client-facts.ts';
import { lookAtContainer, lookAtDocker, lookAtGateway, lookAtUnit } from './engine-facts.ts';
import { compareAll } from './objects.ts';
import { lastRun, lookAtProven, lookAtSentinel, programFacts } from './past-facts.ts';
import type { Looked, StatusReport, SystemFacts } from './report.ts';

/** What is known of an installation before looking at it. */
export interface Standing {
  readonly layout: Layout;
  readonly answers: Looked<{ readonly answers: Answers }>;
  /** Answers and keys together; a problem when either cannot be read. */
  readonly context: Looked<{ readonly context: Context }>;
  /** Of the keys in the secrets file. */
  readonly keys: StatusReport['keys'];
  readonly searchPath: string | undefined;
  readonly underWay: number | undefined;
  readonly steps: readonly InstallerStep[];
}

/** Looks at everything at once. Takes no longer than the probe's patience; what did not answer is told as that. */
export async function lookAround(probe: Probe, standing: Standing): Promise<StatusReport> {
  const { layout, steps } = standing;
  const history = readHistory(await probe.readFile(layout.journal).catch(() => undefined));
  const [system, client, running, past, drift] = await Promise.all([
    lookAtSystem(probe, layout),
    clientPart(probe, standing),
    runningPart(probe, standing),
    pastPart(probe, standing, history),
    driftPart(probe, standing.context, steps, history),
  ]);
  const asWanted = 'objects' in drift && drift.asWanted === drift.objects.length;
  return { version: 1, asWanted, ...past, system, ...running, ...client, keys: standing.keys, drift };
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
  { answers: known, context, layout, searchPath }: Standing,
): Promise<Pick<StatusReport, 'claudeCode' | 'mise' | 'localModel' | 'routing' | 'launchers'>> {
  if ('problem' in known) {
    return { claudeCode: known, mise: known, localModel: known, routing: known, launchers: known };
  }
  const { answers } = known;
  const token = 'problem' in context ? undefined : context.context.secrets.localModelToken;
  const [claudeCode, mise, localModel, launchers] = await Promise.all([
    lookAtClaude(probe, answers, layout),
    answers.toolchain.mise ? versionOf(probe, 'mise', layout.miseBinary) : null,
    lookAtLocal(probe, answers, token),
    lookAtLaunchers(probe, { answers, layout }, searchPath),
  ]);
  return { claudeCode, mise, localModel, routing: routingFacts(answers), launchers };
}

async function runningPart(
  probe: Probe,
  { context, layout }: Standing,
): Promise<Pick<StatusReport, 'docker' | 'container' | 'gateway'>> {
  const key = 'problem' in context ? undefined : context.context.secrets.gatewayKey;
  const [docker, container, gateway] = await Promise.all([
    lookAtDocker(probe, layout),
    lookAtContainer(probe, layout),
    lookAtGateway(probe, layout, key),
  ]);
  return { docker, container, gateway };
}

async function pastPart(
  probe: Probe,
  { context, answers, layout, underWay }: Standing,
  history: History,
): Promise<Pick<StatusReport, 'program' | 'proven' | 'sentinel' | 'lastRun' | 'underWay'>> {
  const chosen = 'problem' in answers ? undefined : answers.answers.launchers.sentinel;
  const [proven, sentinel] = await Promise.all([
    lookAtProven(probe, layout, 'problem' in context ? undefined : context.context),
    lookAtSentinel(probe, layout, chosen),
  ]);
  return {
    program: programFacts(history, PROGRAM_VERSION),
    proven,
    sentinel,
    lastRun: lastRun(history),
    underWay: underWay ?? null,
  };
}

async function driftPart(
  probe: Probe,
  known: Standing['context'],
  steps: readonly InstallerStep[],
  history: History,
): Promise<StatusReport['drift']> {
  if ('problem' in known) return known satisfies Problem;
  const objects = await compareAll(steps, { probe, context: known.context, history });
  return { asWanted: objects.filter(({ state }) => state === 'as-wanted').length, objects };
}

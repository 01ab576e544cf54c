import { LOCAL, LOCAL_ONLY } from '../components/gateway/models.ts';
import { readiness } from '../components/gateway/requests/client.ts';
import { gateway } from '../components/gateway/step.ts';
import { imageWords } from '../components/gateway/upgrade/candidate.ts';
import { serversOf } from '../components/lm-studio/checks.ts';
import type { Context } from '../context.ts';
import type { Journal } from '../engine/journal.ts';
import { explainFailure } from '../engine/known-problems.ts';
import { Cancelled, performRecorded, planStep } from '../engine/run-step.ts';
import type { CaseResult, DrillCase, TriedCase } from '../failover-test/drill-case.ts';
import { copiedCloud } from '../failover-test/fault.ts';
import { entryOf, linesOf, type PartTitle, partTitles } from '../failover-test/report.ts';
import { fallbacksIn, throwAway } from '../failover-test/throw-away.ts';
import {
  freePort,
  removeThrowAway,
  stageFault,
  startThrowAway,
  type ThrowAwayEnvironment,
} from '../failover-test/throw-away-gateway.ts';
import { type CaseRun, tryCases } from '../failover-test/try-cases.ts';
import type { Hints } from '../failover-test/verdict.ts';
import { EffectFailed } from '../host/host.ts';
import { DRILL_NAME } from '../layout.ts';
import { failure, type Problem, problemOf, type Result, success } from '../problem.ts';
import { titleOf } from '../resources/resource.ts';
import { counted } from '../text/counted.ts';
import { sayLines } from '../ui/wording.ts';
import { exitCodes } from './exit-codes.ts';
import { type Program, Refused } from './program.ts';

/** What both parts of a drill need. */
export interface Drilling {
  readonly program: Program;
  readonly context: Context;
  readonly clues: Hints;
  readonly reporter: DrillReporter;
  readonly journal: Journal;
}

/** How the throw-away gateway differs from the usual one, which runs the running gateway's image and staged faults. */
export interface Trial {
  readonly title: PartTitle;
  /** The image to be tried. */
  readonly image?: string;
  /** With the real local model: then nothing can be staged, because nothing is redirected to the stager. */
  readonly realLocalModel?: boolean;
}

/** Tries what has to work, through the running gateway. Changes nothing. */
export async function tryRunning(drilling: Drilling, cases: readonly DrillCase[]): Promise<readonly CaseResult[]> {
  const { program, context, reporter } = drilling;
  const { gatewayUrl } = context.layout;
  reporter.begin('gateway');
  const state = await readiness(program.host, gatewayUrl);
  if (state.ready) return await tryCases(cases, tryingAt(gatewayUrl, drilling));
  return cannotBegin({ id: 'gateway', title: 'gateway', part: 'gateway' }, state, cases, reporter);
}

/** Makes the local model fail in a throw-away gateway. Whatever happens, nothing of it stays. Throws Cancelled when the person wants to stop. */
export async function tryThrownAway(
  drilling: Drilling,
  cases: readonly DrillCase[],
  trial: Trial = { title: 'throw-away' },
): Promise<readonly CaseResult[]> {
  const { program, reporter } = drilling;
  const ground = environmentOf(drilling, trial);
  reporter.begin(trial.title);
  try {
    await removeThrowAway(ground);
    return await tryStaged(drilling, ground, cases, trial);
  } catch (error) {
    if (!(error instanceof EffectFailed)) throw error;
    return cannotBegin(thrownAway, failureOf(error), cases, reporter);
  } finally {
    await program.ui.busy('removing the throw-away gateway', removeThrowAway(ground).catch(refuseToLeave));
  }
}

const thrownAway: TriedCase = { id: 'throw-away', title: 'throw-away gateway', part: 'throw-away' };

async function tryStaged(
  drilling: Drilling,
  ground: ThrowAwayEnvironment,
  cases: readonly DrillCase[],
  trial: Trial,
): Promise<readonly CaseResult[]> {
  const { program, context, reporter } = drilling;
  const started = performance.now();
  const made = await program.ui.busy('starting a throw-away gateway', makeThrowAway(context, ground, trial));
  if (!made.ok) return cannotBegin(thrownAway, made.problem, cases, reporter);
  const happened = `ready after ${Math.round((performance.now() - started) / 1000)} s`;
  const ready: CaseResult = { drilled: thrownAway, outcome: 'held', happened };
  reporter.tell(ready);
  const stage: CaseRun['stage'] = async (wanted) => await stageFault(wanted, ground);
  return [ready, ...(await tryCases(cases, { ...tryingAt(made.value, drilling), stage }))];
}

function tryingAt(url: string, { program, context, clues, reporter }: Drilling): CaseRun {
  return {
    probe: program.host,
    url,
    key: context.secrets.gatewayKey,
    clues,
    busy: async ({ title }, work) => await program.ui.busy(title.trim(), work),
    tell: reporter.tell,
    throwIfStopped: () => throwIfStopped(program),
  };
}

function environmentOf({ program, context, journal }: Drilling, { image }: Trial): ThrowAwayEnvironment {
  return {
    probe: program.host,
    perform: async (effect) => {
      const about = { step: 'drill', resource: 'throw-away gateway', id: 'throw-away-gateway' as const, effect };
      await performRecorded({ host: program.host, record: journal.effect }, about);
    },
    layout: context.layout,
    throwIfStopped: () => throwIfStopped(program),
    ...(image === undefined ? {} : { candidate: imageWords(image) }),
  };
}

function refuseToLeave(error: unknown): never {
  if (!(error instanceof EffectFailed)) throw error;
  throw new Refused(exitCodes.stopped, {
    code: 'trial-gateway-stays',
    problem: `the throw-away gateway could not be removed: ${error.message}: ${error.output.at(-1) ?? 'no reason given'}`,
    fix: `remove it yourself:  docker rm -f ${DRILL_NAME}   or run the drill again, which removes it first`,
  });
}

function throwIfStopped({ signals }: Program): void {
  if (signals.received() !== undefined) throw new Cancelled();
}

/** A part whose gateway is missing: one broken promise, and the cases that could not be tried. */
function cannotBegin(
  drilled: TriedCase,
  problem: Problem,
  cases: readonly DrillCase[],
  reporter: DrillReporter,
): readonly CaseResult[] {
  const broken: CaseResult = { drilled, outcome: 'broken', happened: 'does not answer', problem: problemOf(problem) };
  const happened = `not tried: see ${drilled.title}`;
  const skipped = cases.map((one): CaseResult => ({ drilled: one, outcome: 'skipped', happened }));
  reporter.tell(broken);
  reporter.tellSkipped(skipped);
  return [broken, ...skipped];
}

function failureOf(error: EffectFailed): Problem {
  const known = explainFailure(error);
  if (known !== undefined) return known;
  return {
    code: 'trial-gateway-failed',
    problem: `a throw-away gateway could not be made: ${error.message}: ${error.output.at(-1) ?? 'no reason given'}`,
    fix: 'is the engine there, and the gateway’s image?  docker info; claude-routing-install plan',
  };
}

/** Its address when it is ready, else why it is not. */
async function makeThrowAway(
  { layout, answers }: Context,
  ground: ThrowAwayEnvironment,
  trial: Trial,
): Promise<Result<string>> {
  const { probe } = ground;
  const [config, compose, port] = await Promise.all([
    probe.readFile(layout.gatewayConfig),
    probe.readFile(layout.composeFile),
    freePort(probe, layout),
  ]);
  if (config === undefined || compose === undefined) {
    const path = config === undefined ? layout.gatewayConfig : layout.composeFile;
    return failure({
      code: 'file-missing',
      problem: `${path} does not exist`,
      fix: 'write it again:  claude-routing-install',
    });
  }
  if (port === undefined)
    return failure({
      code: 'port-taken',
      problem: 'no port of 127.0.0.1 is free',
      fix: 'see what holds them:  ss -ltnp',
    });
  const { gatewayConfig: configPath, composeFile: composePath, containerName } = layout;
  const { drillDir: directory } = layout;
  const cloud = copiedCloud(answers);
  const copied = cloud === undefined ? {} : { cloud };
  const files = throwAway({
    ...{ config, compose, configPath, composePath, containerName, directory, port },
    ...copied,
    ...trial,
  });
  if (!files.ok) return files;
  const url = `http://127.0.0.1:${port}`;
  const problem = await startThrowAway(files.value, url, ground);
  return problem === undefined ? success(url) : failure(problem);
}

/** Reports each result as soon as it is known: a line on the screen, or an object per line for programs. */
interface DrillReporter {
  readonly begin: (part: PartTitle) => void;
  readonly tell: (tried: CaseResult) => void;
  /** The rest of a part that could not begin. */
  readonly tellSkipped: (skipped: readonly CaseResult[]) => void;
}

export function drillReporter({ ui }: Program): DrillReporter {
  let fixBefore: string | undefined;
  const show = (tried: CaseResult) => {
    sayLines(ui, linesOf(tried, fixBefore));
    fixBefore = tried.problem?.fix ?? fixBefore;
  };
  const tell = (tried: CaseResult) => ui.result('case', entryOf(tried), () => show(tried));
  return {
    begin: (part) => {
      if (ui.forPrograms) return;
      ui.say('');
      ui.say(partTitles[part], 'strong');
    },
    tell,
    tellSkipped: (skipped) => {
      const [first] = skipped;
      if (ui.forPrograms) skipped.forEach(tell);
      else if (first !== undefined)
        ui.say(` · ${counted(skipped.length, 'case').padEnd(21)}  ${first.happened}`, 'dim');
    },
  };
}

/** Looks for what can explain a promise that does not hold. */
export async function hintsOn({ host }: Program, context: Context): Promise<Hints> {
  const { layout, answers, secrets } = context;
  const [planned, servers, config] = await Promise.all([
    planStep(gateway, context, host),
    serversOf(host, { answers, secrets }),
    host.readFile(layout.gatewayConfig),
  ]);
  const silent = servers.map(({ found }) => (found.ok ? undefined : found.problem));
  return {
    drift: planned.filter(({ plan }) => plan.status !== 'ok').map(({ resource }) => titleOf(resource)),
    fallbacks: { local: fallbacksIn(config ?? '', LOCAL), strict: fallbacksIn(config ?? '', LOCAL_ONLY) },
    configPath: layout.gatewayConfig,
    containerName: layout.containerName,
    local: silent.includes(undefined) ? undefined : silent[0],
  };
}

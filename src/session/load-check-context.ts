import type { CheckContext } from '../checks/check.ts';
import type { Context } from '../context.ts';
import { askEngine, asksEngine } from '../docker-client/docker.ts';
import { readActionLog } from '../engine/action-log.ts';
import { findVariablePlaces } from '../env-trace/find-variable-sources.ts';
import { type Host, type Probe, ranOutOfTime } from '../host/host.ts';
import { memoized, withCircuitBreaker, withTimeout } from '../host/wrapped-probe.ts';
import type { Problem, Result } from '../problem.ts';
import { loadConfig, orProblems, unasked } from './load-installation.ts';
import { ownAddresses, type Program } from './program.ts';

/** Milliseconds for each look: a machine with one thing that hangs is still examined within a few seconds. */
const patienceMs = 2500;
/** A cloud on the other side of the world is not broken because it is slow. */
const cloudPatienceMs = 8000;

/** What the doctor's looks need: the machine as it is at this moment, and the installation as far as it can be read. */
export async function examine(program: Program): Promise<CheckContext> {
  const { environment, cwd } = program;
  const probe = memoized(sparingTheEngine(patientWithClouds(program.host), program));
  const found = await installation({ ...program, host: { ...probe, perform: refuseToChange } });
  const installed = found?.ok === true ? found.value : undefined;
  const layout = installed?.layout ?? program.layout;
  let places: ReturnType<CheckContext['places']> | undefined;
  let history: ReturnType<CheckContext['history']> | undefined;
  return {
    probe,
    layout,
    environment,
    cwd,
    addresses: ownAddresses(),
    now: Date.now(),
    installed,
    answersProblems: found?.ok === false ? found.problem : [],
    history: async () => {
      history ??= probe.readFile(layout.journal).then(readActionLog, () => readActionLog(undefined));
      return await history;
    },
    places: async () => {
      places ??= findVariablePlaces(probe, { layout, environment, cwd });
      return await places;
    },
  };
}

function patientWithClouds(host: Host): Probe {
  const [quick, slow] = [withTimeout(host, patienceMs), withTimeout(host, cloudPatienceMs)];
  return { ...quick, http: async (request) => await (request.url.startsWith('https:') ? slow : quick).http(request) };
}

/** An engine that hangs is waited for once; whatever else would be asked of it is as silent. */
function sparingTheEngine(probe: Probe, { layout }: Program): Probe {
  const answer = askEngine({ probe, layout });
  const answers = answer.then((reply) => !ranOutOfTime(reply));
  return withCircuitBreaker(probe, asksEngine, answers);
}

async function refuseToChange(): Promise<never> {
  throw new Error('the doctor changes nothing while it looks');
}

/** Never asks: what cannot be read is what the doctor has to tell. Undefined where nothing is installed. */
async function installation(program: Program): Promise<Result<Context, readonly Problem[]> | undefined> {
  const { host, layout } = program;
  if ((await host.stat(layout.savedAnswers)) === undefined) return undefined;
  return await orProblems(loadConfig(unasked(program)));
}

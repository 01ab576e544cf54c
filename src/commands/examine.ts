import { lookAtMachine } from '../checks/machine.ts';
import type { Context } from '../context.ts';
import { askEngine } from '../doctor/engine.ts';
import type { Examination } from '../doctor/examination.ts';
import { findVariablePlaces } from '../doctor/find-variable-places.ts';
import { readHistory } from '../engine/history.ts';
import { type Host, type Probe, ranOutOfTime } from '../host/host.ts';
import { hurried, sparing } from '../host/hurried.ts';
import { remembered } from '../host/remembered.ts';
import type { Problem } from '../problem.ts';
import { asksEngine } from '../status/engine-facts.ts';
import { gather, ownAddresses } from './gather.ts';
import { unasked } from './installed.ts';
import { type Program, Refused } from './program.ts';

/** Milliseconds for each look: a machine with one thing that hangs is still examined within a few seconds. */
const patienceMs = 2500;
/** A cloud on the other side of the world is not broken because it is slow. */
const cloudPatienceMs = 8000;

/** What the doctor's looks need: the machine as it is at this moment, and the installation as far as it can be read. */
export async function examine(program: Program): Promise<Examination> {
  const { environment, cwd } = program;
  const probe = remembered(sparingTheEngine(patientWithClouds(program.host), program));
  const { context, problems } = await installation({ ...program, host: { ...probe, perform: refuseToChange } });
  const layout = context?.layout ?? program.layout;
  let places: ReturnType<Examination['places']> | undefined;
  let history: ReturnType<Examination['history']> | undefined;
  return {
    probe,
    layout,
    environment,
    cwd,
    addresses: ownAddresses(),
    now: Date.now(),
    installed: context,
    answersProblems: problems,
    history: async () => {
      history ??= probe.readFile(layout.journal).then(readHistory, () => readHistory(undefined));
      return await history;
    },
    places: async () => {
      places ??= findVariablePlaces(probe, { layout, environment, cwd });
      return await places;
    },
  };
}

function patientWithClouds(host: Host): Probe {
  const [quick, slow] = [hurried(host, patienceMs), hurried(host, cloudPatienceMs)];
  return { ...quick, http: async (request) => await (request.url.startsWith('https:') ? slow : quick).http(request) };
}

/** An engine that hangs is waited for once; whatever else would be asked of it is as silent. */
function sparingTheEngine(probe: Probe, { layout }: Program): Probe {
  const answer = askEngine({ probe, layout });
  const answers = answer.then((reply) => !ranOutOfTime(reply));
  return sparing(probe, asksEngine, answers);
}

async function refuseToChange(): Promise<never> {
  throw new Error('the doctor changes nothing while it looks');
}

interface Installation {
  readonly context: Context | undefined;
  readonly problems: readonly Problem[];
}

/** Never asks: what cannot be read is what the doctor has to tell. */
async function installation(program: Program): Promise<Installation> {
  const { host, layout, account, platform } = program;
  if ((await host.stat(layout.savedAnswers)) === undefined) return { context: undefined, problems: [] };
  try {
    const context = await gather(unasked(program), await lookAtMachine(host, account.home, platform));
    return { context, problems: [] };
  } catch (error) {
    if (!(error instanceof Refused)) throw error;
    return { context: undefined, problems: error.problems };
  }
}

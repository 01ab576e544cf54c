import { parseImageReference, withDigest } from '../components/gateway/image.ts';
import { gateway } from '../components/gateway/step.ts';
import {
  answeredImage,
  answersAfterReturn,
  type Candidate,
  imageWords,
  testedImage,
} from '../components/gateway/upgrade/candidate.ts';
import { candidateImage, keptImages, withoutImage } from '../components/gateway/upgrade/images.ts';
import { proof } from '../components/proof/step.ts';
import type { InstallerStep } from '../context.ts';
import { Cancelled, planStep } from '../engine/run-step.ts';
import type { CaseResult, DrillCase } from '../failover-test/drill-case.ts';
import { drillPlan } from '../failover-test/drill-plan.ts';
import type { Hints } from '../failover-test/verdict.ts';
import { type Problem, problemOf } from '../problem.ts';
import { drillReporter, hintsOn, tryThrownAway } from '../session/drill-run.ts';
import { giveStamp, type RunResult } from '../session/walk-steps.ts';
import { clearVerification } from '../status/verification.ts';
import { messageOf } from '../text/said.ts';
import { keptAnswers, type PartEnd, type UpdateWork, walk, withImage } from './update-work.ts';

/** Moves the gateway to another image: pulled, inspected, tried alongside the running one, and only then put in its place. */
export async function updateGateway(work: UpdateWork, candidate: Candidate, running: string): Promise<PartEnd> {
  const { program, present } = work;
  const serves = imageWords(running);
  const clues = await program.ui.busy('looking at this machine', hintsOn(program, present));
  if (clues.local !== undefined) return { status: 'failed', serves, ...withoutLocalModel(clues.local) };
  const step = candidateImage(candidate);
  const wasHere = (await planStep(step, present, program.host)).every(({ plan }) => plan.status === 'ok');
  const fetched = await walk(work, [step], present);
  if (fetched.status === 'cancelled') return { status: 'cancelled', serves };
  if (fetched.status === 'stopped') {
    if (!wasHere) await drop(work, candidate.reference, running);
    return { ...fetched, status: 'failed', serves };
  }
  const image = withDigest(candidate.reference, candidate.digest);
  const tried = await tryOut(work, image, clues);
  if (tried === 'cancelled') return { status: 'cancelled', serves };
  if (tried === undefined) return await changeOver(work, running, image);
  await drop(work, image, running);
  return { status: 'failed', serves, ...tried };
}

/** With the real models first, then with a local model that is made to fail. The first promise that does not hold ends it. */
async function tryOut(work: UpdateWork, image: string, clues: Hints): Promise<Problem | 'cancelled' | undefined> {
  const { program, present: context, journal } = work;
  const tried = { ...clues, candidate: parseImageReference(image)?.tag ?? image };
  const drilling = { program, context, clues: tried, reporter: drillReporter(program), journal };
  const inPart = (part: DrillCase['part']) => drillPlan(context.answers).filter((drilled) => drilled.part === part);
  try {
    const real = { title: 'candidate', image, realLocalModel: true } as const;
    const broken = brokenIn(await tryThrownAway(drilling, inPart('gateway'), real), image);
    if (broken !== undefined) return broken;
    const staged = { title: 'candidate-faults', image } as const;
    return brokenIn(await tryThrownAway(drilling, inPart('throw-away'), staged), image);
  } catch (error) {
    if (error instanceof Cancelled) return 'cancelled';
    throw error;
  }
}

function withoutLocalModel(found: Problem): Problem {
  return { ...problemOf(found), problem: `a new gateway cannot be tried without the local model: ${found.problem}` };
}

function brokenIn(tried: readonly CaseResult[], image: string): Problem | undefined {
  const broken = tried.filter(({ outcome }) => outcome === 'broken');
  const [first] = broken;
  if (first?.problem === undefined) return undefined;
  const more = broken.length === 1 ? '' : ` (and ${broken.length - 1} more, above)`;
  return {
    ...first.problem,
    problem: `${imageWords(image)} does not keep its promises: ${first.drilled.title.trim()}: ${first.problem.problem}${more}`,
  };
}

/**
 * Puts the image in its place and proves it; whatever goes wrong, the one before comes back. Meanwhile the answers name
 * the one before, so that a run that is killed leaves a machine which the next one brings back.
 */
async function changeOver(work: UpdateWork, running: string, image: string): Promise<PartEnd> {
  const { program, present } = work;
  await program.host.perform(clearVerification(present));
  const noted = await walk(work, [keptAnswers('the answers')], withImage(present, running));
  const changed =
    noted.status === 'done' ? await walk(work, [gateway, proof], withImage(present, image)).catch(faultIn) : noted;
  if (changed.status !== 'done') return await goBack(work, running, image, changed);
  const wanted = withImage(present, answeredImage(image, testedImage));
  const kept = await walk(work, [keptAnswers('what stood for a while'), keptImages(running, image)], wanted, true);
  if (kept.status === 'stopped') return { ...kept, status: 'failed', serves: imageWords(image) };
  if (!changed.doubtful) await giveStamp(program, wanted);
  return { status: 'updated', now: imageWords(image) };
}

/** Not even a bug in this program may leave the machine with something unproven. */
function faultIn(error: unknown): RunResult {
  const said = messageOf(error);
  const fix = 'run it again with  --verbose  and send what it says with your report';
  return { status: 'stopped', code: 'program-fault', problem: `a fault in this program: ${said}`, fix };
}

async function goBack(
  work: UpdateWork,
  running: string,
  image: string,
  why: Exclude<RunResult, { status: 'done' }>,
): Promise<PartEnd> {
  const { program, present, saved } = work;
  const serves = imageWords(running);
  program.ui.say(`Going back to ${serves}.`, 'warning');
  const back = await walk(work, [returning, proof], withImage(present, running), true);
  if (back.status !== 'done') return { status: 'failed', serves: 'nothing that was proven', ...bothFailed(why, back) };
  const wanted = withImage(present, answersAfterReturn(saved.answers.gateway.image, running, testedImage));
  await walk(work, [keptAnswers('what stood for a while'), withoutImage(image, running)], wanted, true);
  if (!back.doubtful) await giveStamp(program, wanted);
  return why.status === 'cancelled'
    ? { status: 'cancelled', serves }
    : { status: 'failed', serves, ...failedThen(image, why) };
}

/** What ran a minute ago may come back, even if it would not be installed today. */
const returning: InstallerStep = { ...gateway, requires: [] };

function failedThen(image: string, { code, problem }: Problem): Problem {
  return {
    code,
    problem: `${imageWords(image)} passed its trial but failed in live use: ${problem}`,
    fix: 'nothing needs fixing here: the previous one is back. Wait for the next release of LiteLLM, or name another one with  --image',
  };
}

function bothFailed(why: RunResult, back: RunResult): Problem {
  const first = why.status === 'stopped' ? `${why.problem}. ` : '';
  const stopped = back.status === 'stopped' ? back : undefined;
  return {
    code: stopped?.code ?? 'gateway-not-running',
    problem: `${first}Going back failed, too: ${stopped?.problem ?? 'it was interrupted'}`,
    fix: 'your answers name the previous one; start it:  claude-routing-install',
  };
}

async function drop(work: UpdateWork, reference: string, running: string): Promise<void> {
  await walk(work, [withoutImage(reference, running)], work.present, true);
}

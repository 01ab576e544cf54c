import { backward, claudeCodeAt, forward, lookAtClaudeCode } from '../components/claude-code/upgrade.ts';
import { lookAtGateway } from '../components/gateway/upgrade/candidate.ts';
import { gatewayUse, useWords } from '../components/gateway/use.ts';
import { lookAtMise, miseAt } from '../components/toolchain/upgrade.ts';
import type { Context } from '../context.ts';
import { readActionLog } from '../engine/action-log.ts';
import type { Decision, PartLook, PartName } from '../engine/part-decision.ts';
import type { PlannedResource } from '../engine/run-step.ts';
import { cloudRequests, drillPlan, otherRequests } from '../failover-test/drill-plan.ts';
import { problemOf } from '../problem.ts';
import { steps } from '../registry/steps.ts';
import { titleOf } from '../resources/resource.ts';
import { blockers, needsRoot, preview, type StepPreview } from '../session/preview.ts';
import type { Program } from '../session/program.ts';
import type { RunResult } from '../session/walk-steps.ts';
import { updateGateway } from './update-gateway.ts';
import { type PartEnd, type UpdateWork, walk } from './update-work.ts';

/** What there is to look at. */
export interface Surroundings {
  readonly program: Program;
  readonly present: Context;
  /** The image of the running gateway. */
  readonly running: string | undefined;
  /** The image to move to, where one was named. */
  readonly image: string | undefined;
}

/** What was found, and how to bring it about. */
export interface FoundPart {
  readonly look: PartLook;
  /** What it costs in time and money, to be read before agreeing. */
  readonly costs: readonly string[];
  readonly needsSudo: boolean;
  /** Undefined unless something is pending. */
  readonly bring: ((work: UpdateWork) => Promise<PartEnd>) | undefined;
}

/** How each part is looked at. Nothing is changed before `bring` is called. */
export const parts: Readonly<Record<PartName, (around: Surroundings) => Promise<FoundPart>>> = {
  launchers: findLaunchers,
  gateway: findGateway,
  'claude-code': findClaudeCode,
  mise: findMise,
};

function whenPending<Target>(
  decision: Decision<Target>,
  bring: (work: UpdateWork, target: Target) => Promise<PartEnd>,
): FoundPart['bring'] {
  return decision.status === 'pending' ? async (work) => await bring(work, decision.target) : undefined;
}

function endOf(walked: RunResult, now: string, serves: string): PartEnd {
  if (walked.status === 'done') return { status: 'updated', now };
  return walked.status === 'cancelled' ? { status: 'cancelled', serves } : { ...walked, status: 'failed', serves };
}

/** Everything that this program writes, as this version of it writes it; the image apart, which has a part of its own. */
async function findLaunchers({ program, present }: Surroundings): Promise<FoundPart> {
  const [overviews, runs] = await Promise.all([preview(steps, present, program.host), writtenBy(program)]);
  const decision = ownFiles(overviews);
  const effects = changing(overviews).flatMap(({ plan }) => (plan.status === 'change' ? plan.effects : []));
  return {
    look: { part: 'launchers', runs, newest: PROGRAM_VERSION, decision },
    costs: ['launchers: replaced files are kept as backups; then everything is proven again.'],
    needsSudo: effects.some(needsRoot),
    bring: whenPending(decision, async (work) => {
      const walked = await walk(work, steps, work.present);
      return endOf(walked, PROGRAM_VERSION, 'what was changed so far stays');
    }),
  };
}

/** The version of this program that last changed something here. */
async function writtenBy({ host, layout }: Program): Promise<string> {
  const { runs } = readActionLog(await host.readFile(layout.journal));
  const last = runs.findLast(({ actions, version }) => actions.length > 0 && version !== undefined);
  return last?.version === undefined ? 'not known' : `written by ${last.version}`;
}

function ownFiles(overviews: readonly StepPreview[]): Decision<readonly string[]> {
  const [stop] = blockers(overviews);
  if (stop !== undefined) return { status: 'stuck', ...problemOf(stop) };
  const titles = changing(overviews).map(({ resource }) => titleOf(resource));
  if (titles.length === 0) return { status: 'current', note: 'nothing to do' };
  return { status: 'pending', target: titles, does: `renew ${titles.join(', ')}` };
}

/** The answers are left out: for this look they name the image that runs, which is a part of its own. */
function changing(overviews: readonly StepPreview[]): readonly PlannedResource[] {
  return overviews
    .flatMap(({ planned }) => planned)
    .filter(({ resource, plan }) => plan.status !== 'ok' && resource.id !== 'your-answers');
}

async function findGateway({ program, present, running = '', image }: Surroundings): Promise<FoundPart> {
  const look = await lookAtGateway(program.host, running === '' ? undefined : running, image);
  return {
    look,
    costs: [...gatewayCosts(present), ...(await whoWouldNotice(program))],
    needsSudo: false,
    bring: whenPending(look.decision, async (work, target) => await updateGateway(work, target, running)),
  };
}

/** Said before the person agrees to the change-over. */
async function whoWouldNotice({ host, layout }: Program): Promise<readonly string[]> {
  const words = useWords(await gatewayUse(host, layout, Date.now()));
  return words === undefined ? [] : [`gateway: ${words}.`];
}

function gatewayCosts({ answers }: Context): readonly string[] {
  const plan = drillPlan(answers);
  const cloud = cloudRequests(plan, answers);
  const paid = cloud === 0 ? 'nothing goes to a cloud' : `${cloud} small requests to your cloud, about a cent at most`;
  return [
    'gateway: the image is fetched, and for about a minute it runs on a free port of 127.0.0.1 alongside the running one, with this machine’s own files.',
    `It is sent ${otherRequests(plan, answers)} small requests that stay here or are refused; ${paid}.`,
    'If every promise holds, it replaces the running one: for ten to thirty seconds nothing answers. If anything fails then, the old one comes back.',
  ];
}

async function findClaudeCode({ program, present }: Surroundings): Promise<FoundPart> {
  const look = await lookAtClaudeCode(program.host, present);
  return {
    look,
    costs: ['claude-code: a download of some 400 MB, then one small request through each of two launchers.'],
    needsSudo: present.answers.claudeCode.source === 'apt',
    bring: whenPending(look.decision, async (work, target) => await moveClaudeCode(work, target, look.runs)),
  };
}

async function moveClaudeCode(work: UpdateWork, version: string, former: string): Promise<PartEnd> {
  const moved = await walk(work, [claudeCodeAt(version, forward)], work.present);
  if (moved.status === 'done') return endOf(moved, version, former);
  work.program.ui.say(`Going back to Claude Code ${former}.`, 'warning');
  const back = await walk(work, [claudeCodeAt(former, backward)], work.present, true);
  return endOf(moved, version, back.status === 'done' ? former : 'nothing that was proven');
}

async function findMise({ program, present }: Surroundings): Promise<FoundPart> {
  const look = await lookAtMise(program.host, present);
  return {
    look,
    costs: ['mise: downloads from mise.jdx.dev and from the sites of its tools.'],
    needsSudo: false,
    bring: whenPending(look.decision, async (work, target) =>
      endOf(await walk(work, [miseAt(target)], work.present), look.newest, look.runs),
    ),
  };
}

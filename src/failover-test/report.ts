import { failoverTarget } from '../components/gateway/models.ts';
import type { Answers } from '../config/schema.ts';
import { problemOf } from '../problem.ts';
import { given } from '../text/json.ts';
import { duration, type Line } from '../ui/wording.ts';
import type { CaseResult, DrillCase } from './drill-case.ts';
import { cloudRequests, otherRequests } from './drill-plan.ts';
import { scaledTimeoutSeconds } from './fault.ts';
import { leavesRulesOut } from './running-cases.ts';

/** What will be done and what it costs, before it is done. */
export function announcement(answers: Answers, plan: readonly DrillCase[]): readonly string[] {
  const cloud = cloudRequests(plan, answers);
  const paid = cloud === 0 ? 'nothing goes to a cloud' : `${cloud} small requests to your cloud, about a cent at most`;
  const elsewhere = otherRequests(plan, answers);
  return [
    `This sends ${elsewhere} small requests that stay here or are refused; ${paid}.`,
    'For about a minute a second gateway runs on a free port of 127.0.0.1, with this machine’s own configuration; there the local model and a copy of your cloud’s are made to fail. Nothing else is touched.',
  ];
}

export const partTitles = {
  gateway: 'Through the running gateway',
  candidate: 'The new gateway, beside the one that runs, with your own models',
  'candidate-faults': `Faults, in the new gateway (its timeouts: ${scaledTimeoutSeconds} s instead of minutes)`,
  'throw-away': `Faults, in a throw-away gateway (its timeouts: ${scaledTimeoutSeconds} s instead of minutes)`,
} as const;

/** What cases are told under. */
export type PartTitle = keyof typeof partTitles;

const marks = { held: '✓', broken: '✗', noted: '·', skipped: '·' } as const;
const tones = { held: 'good', broken: 'bad', noted: 'plain', skipped: 'dim' } as const;

/** A case's line, and under one that did not hold what is wrong and what to type, unless that was said just before. */
export function linesOf(tried: CaseResult, fixBefore?: string): readonly Line[] {
  const { drilled, outcome, problem } = tried;
  const text = ` ${marks[outcome]} ${drilled.title.padEnd(21)}  ${happening(tried)}`;
  const line: Line = { text, tone: tones[outcome] };
  if (problem === undefined) return [line];
  const told: Line = { text: `     Problem: ${indented(problem.problem)}`, tone: 'bad' };
  if (problem.fix === fixBefore) return [line, told];
  return [line, told, { text: `     Fix: ${indented(problem.fix)}`, tone: 'plain' }];
}

function indented(text: string): string {
  return text.replaceAll('\n', '\n       ');
}

function happening({ outcome, happened, exchange, addedMs, cost, drilled: { promised } }: CaseResult): string {
  if (exchange === undefined) return happened;
  const took = finely(exchange.ms);
  if (outcome === 'broken') return `not as promised, ${took}`;
  if (promised?.kind === 'failover') return `${happened}, +${finely(addedMs ?? 0)} of ${finely(promised.added)}`;
  return cost === undefined || cost === 0 ? `${happened}, ${took}` : `${happened}, ${took}, ${dollars(cost)}`;
}

/** Much here takes a few milliseconds. */
function finely(ms: number): string {
  return ms < 1000 ? `${Math.round(ms)} ms` : duration(ms);
}

/** For programs: one object per case. */
export function entryOf({ drilled, outcome, happened, exchange, addedMs, cost, problem }: CaseResult): object {
  const { promised } = drilled;
  return {
    type: 'case',
    part: drilled.part,
    case: drilled.id,
    outcome,
    happened,
    ...given({ promised }),
    ...(exchange === undefined
      ? {}
      : {
          status: exchange.status ?? null,
          modelId: exchange.modelId ?? null,
          attemptedFallbacks: exchange.attemptedFallbacks,
          ms: Math.round(exchange.ms),
          cost: cost ?? null,
        }),
    ...(addedMs === undefined ? {} : { addedMs: Math.round(addedMs) }),
    ...(problem === undefined ? {} : problemOf(problem)),
  };
}

/** The overall result. */
export interface Summary {
  readonly holds: boolean;
  readonly held: number;
  readonly broken: number;
  readonly skipped: number;
  readonly ms: number;
  /** US dollars, as far as prices are known. */
  readonly cost: number;
  /** Answers of a cloud whose price the gateway does not know. */
  readonly unpriced: number;
}

export function summaryOf(tried: readonly CaseResult[], ms: number): Summary {
  const count = (outcome: CaseResult['outcome']) => tried.filter((one) => one.outcome === outcome).length;
  return {
    holds: count('broken') === 0,
    held: count('held'),
    broken: count('broken'),
    skipped: count('skipped'),
    ms: Math.round(ms),
    cost: tried.reduce((sum, { cost = 0 }) => sum + cost, 0),
    unpriced: tried.filter(({ exchange, cost }) => exchange !== undefined && cost === undefined).length,
  };
}

/** What a drill says nothing about. */
export function notCovered(answers: Answers): readonly string[] {
  return [
    'nothing takes over an answer that breaks off midway: an error says so, and you send it again',
    ...(failoverTarget(answers) === undefined
      ? []
      : ['an outage of the cloud that takes over, and how slow it may be']),
    'long prompts: how fast the model reads them, and conversations near the end of its window',
    `a real silence of many minutes: it was tried with ${scaledTimeoutSeconds} s`,
    ...(answers.localModel.wake === undefined
      ? []
      : [
          'whether the wake-up packet gets through your network and wakes your machine, since none leaves a drill’s container:  claude-routing-install doctor --only wake',
        ]),
    ...(leavesRulesOut(answers)
      ? ['rules for large prompts, images and web searches, and rules after one that fits the same requests']
      : []),
    ...(answers.routing.sealed.length === 0
      ? []
      : ['text of sealed folders, which is not sent for a drill:  claude-routing-install doctor --only sealed']),
    'images, and how good a model’s answers are',
    'Claude Code itself and its launchers:  claude-routing-install  proves those after each change',
  ];
}

/** The last line. */
export function verdictLine({ holds, held, broken, skipped, ms, cost, unpriced }: Summary): Line {
  const untried = skipped === 0 ? '' : `, ${skipped} not tried`;
  const unknown = unpriced === 0 ? '' : ` and ${unpriced} answers of unknown price`;
  const spent = `${duration(ms)}, ${dollars(cost)}${unknown}`;
  if (holds && skipped === 0) return { text: `All ${held} promises hold. ${spent}`, tone: 'good' };
  if (holds) return { text: `${held} promises hold${untried}. ${spent}`, tone: 'warning' };
  return { text: `${broken} of ${held + broken} promises do not hold${untried}. ${spent}`, tone: 'bad' };
}

function dollars(amount: number): string {
  if (amount === 0) return '$0';
  return amount < 0.0001 ? 'under $0.0001' : `$${amount.toFixed(4)}`;
}

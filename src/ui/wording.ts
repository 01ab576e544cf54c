import { describeEffect, type Event, type Kept, type StepName } from '../engine/event.ts';
import type { PlannedResource } from '../engine/run-step.ts';
import type { Outcome } from '../engine/step.ts';
import { revealed } from '../host/secret.ts';
import { type Problem, problemOf } from '../problem.ts';
import type { ProblemCode } from '../problem-codes/index.ts';
import { type Plan, titleOf } from '../resources/resource.ts';
import { counted } from '../text/counted.ts';
import type { Tone, Ui } from './ui.ts';

/** A line and how it should look; colour never says anything that the words do not. */
export interface Line {
  readonly text: string;
  readonly tone: Tone;
}

export const plain = (text: string): Line => ({ text, tone: 'plain' });
export const strong = (text: string): Line => ({ text, tone: 'strong' });
export const dim = (text: string): Line => ({ text, tone: 'dim' });

/** Says them in order, each in its tone. */
export function sayLines({ say }: Pick<Ui, 'say'>, lines: readonly Line[]): void {
  for (const { text, tone } of lines) say(text, tone);
}

/** Texts in which commands to be copied are set off by four blanks. */
export function adviceLines(texts: readonly string[]): readonly Line[] {
  return texts.map((text) => ({ text, tone: text.startsWith('    ') ? 'command' : 'plain' }));
}

interface WordingOptions {
  /** Also tell what is in place and each command. */
  readonly verbose: boolean;
}

/** Which step it is, and how many there are. */
export function placeWords({ number, of, title }: StepName): string {
  return `${number} of ${of}  ${title}`;
}

/** The lines for an event; most events have none, because the step's last line tells it. */
export function linesFor(event: Event, { verbose }: WordingOptions): readonly Line[] {
  switch (event.type) {
    case 'step-began':
    case 'waiting':
      return [];
    case 'planned':
      return verbose ? [{ text: `     ${event.resource}: ${planWords(event.plan)}`, tone: 'dim' }] : [];
    case 'effect-began':
      return verbose ? [{ text: `     $ ${describeEffect(event.effect)}`, tone: 'dim' }] : [];
    case 'effect-ended':
      return event.backup === undefined ? [] : [{ text: `     the old one is kept as ${event.backup}`, tone: 'dim' }];
    case 'effect-failed':
      return event.output.map((line) => ({ text: `     | ${line}`, tone: 'dim' }));
    case 'check-warned':
      return problemLines(event.finding, 'warning');
    case 'proven':
      return [{ text: `     ${event.proof}: ${event.result}`, tone: 'dim' }];
    case 'proof-warned':
      return problemLines(event.finding, 'warning');
    case 'kept':
      return keptLines(event.kept);
    case 'step-ended':
      return outcomeLines(event.step.number, event.step.title, event.outcome, event.ms);
  }
}

/** What is wrong, and under it what to type. */
export function problemLines({ problem, fix }: Problem, tone: 'warning' | 'bad'): readonly Line[] {
  return [
    { text: indented(`${tone === 'bad' ? 'Problem' : 'Note'}: ${problem}`), tone },
    { text: indented(`Fix: ${fix}`), tone: 'plain' },
  ];
}

/** Where more is told of the causes of what ended a command. */
export function moreLine(codes: readonly ProblemCode[]): Line {
  return { text: indented(`More: claude-routing-install explain ${[...new Set(codes)].join(' ')}`), tone: 'dim' };
}

/** Something that stays, why, and what would remove it. */
function keptLines({ what, why, command }: Kept): readonly Line[] {
  const lines: readonly Line[] = [{ text: `     ${what}: ${why}`, tone: 'plain' }];
  return command === undefined ? lines : [...lines, { text: `         ${command}`, tone: 'command' }];
}

/** Some problems quote a few lines of a program, and some fixes are a few lines to type. */
function indented(text: string): string {
  return text
    .split('\n')
    .map((line, index) => `${index === 0 ? '     ' : '       '}${line}`)
    .join('\n');
}

function outcomeLines(number: number, title: string, outcome: Outcome, ms: number): readonly Line[] {
  const head = `${String(number).padStart(2)}  ${title.padEnd(18)}`;
  switch (outcome.status) {
    case 'in-place':
      return [{ text: ` ✓ ${head} already in place`, tone: 'good' }];
    case 'proven':
      return [{ text: ` ✓ ${head} ${timed('holds', ms)}`, tone: 'good' }];
    case 'done':
      return [{ text: ` ✓ ${head} ${timed(changes(outcome.changes), ms)}`, tone: 'good' }];
    case 'not-needed':
      return [{ text: ` · ${head} not needed: ${outcome.reason}`, tone: 'dim' }];
    case 'declined':
      return [{ text: ` · ${head} skipped, as you chose`, tone: 'warning' }];
    case 'cancelled':
      return [{ text: ` · ${head} stopped on the way`, tone: 'warning' }];
    case 'planned':
      return [{ text: ` · ${head} ${changes(outcome.changes)}`, tone: 'plain' }];
    case 'stopped':
      return [{ text: ` ✗ ${head} stopped`, tone: 'bad' }, ...problemLines(outcome, 'bad'), moreLine([outcome.code])];
  }
}

function timed(what: string, ms: number): string {
  return `${what.padEnd(18)}${duration(ms).padStart(9)}`;
}

function changes(count: number): string {
  return counted(count, 'change');
}

/** Seconds with one decimal under ten, whole seconds under two minutes, then minutes. */
export function duration(ms: number): string {
  const seconds = ms / 1000;
  if (seconds < 10) return `${seconds.toFixed(1)} s`;
  return seconds < 120 ? `${Math.round(seconds)} s` : `${Math.floor(seconds / 60)} min ${Math.round(seconds % 60)} s`;
}

export function planWords(plan: Plan): string {
  switch (plan.status) {
    case 'ok':
      return `in place (${plan.note})`;
    case 'change':
      return plan.summary;
    case 'blocked':
      return `blocked: ${plan.problem}`;
    case 'later':
      return `not known yet: waits for ${plan.waitsFor}`;
  }
}

/** More files of a kind than this are told in one line. */
const mostOfAKind = 10;

/** What a step would do, one line per resource that is not in place, or one for many files of a kind. */
export function planLines(planned: readonly PlannedResource[]): readonly Line[] {
  const kinds = planned.map(kindOfFile);
  return planned.flatMap((one, index) => {
    const kind = kinds[index];
    const count = kinds.filter((other) => other === kind).length;
    if (kind === undefined || count <= mostOfAKind) return resourceLines(one);
    return kinds.indexOf(kind) === index
      ? [{ text: `     ${kind.replace('*', `${count} files`)}`, tone: 'plain' }]
      : [];
  });
}

/** What is said of a change of a file, with a star for its name; undefined where there is more to say, or no file is named. */
function kindOfFile({ resource, plan }: PlannedResource): string | undefined {
  const [, whose, name, suffix] = /^(.* )([^ /]+)(\.\w+)$/.exec(titleOf(resource)) ?? [];
  if (plan.status !== 'change' || plan.notes !== undefined || name === undefined) return undefined;
  const [before, after, more] = plan.summary.split(`/${name}${suffix}`);
  return after === undefined || more !== undefined ? undefined : `${whose}*: ${before}/*${suffix}${after}`;
}

/** The lines for what a step wants of one thing. */
export function resourceLines({ resource, plan }: PlannedResource): readonly Line[] {
  const title = titleOf(resource);
  switch (plan.status) {
    case 'ok':
      return [];
    case 'change':
      return [
        { text: `     ${title}: ${plan.summary}`, tone: 'plain' },
        ...(plan.notes ?? []).map((note): Line => ({ text: `       ${note}`, tone: 'dim' })),
      ];
    case 'later':
      return [{ text: `     ${title}: waits for ${plan.waitsFor}`, tone: 'dim' }];
    case 'blocked':
      return problemLines(plan, 'bad');
  }
}

/** Characters of a line of 80 columns that are left beside a step's title. */
const besideTitle = 54;

/** What a step is about, in one line of 80 columns. */
export function briefLine({ number, title }: StepName, planned: readonly PlannedResource[]): string {
  const pending = planned.filter(({ plan }) => plan.status === 'change' || plan.status === 'later');
  return `  ${String(number).padStart(2)}  ${title.padEnd(18)} ${listed(pending.map(({ resource }) => titleOf(resource)))}`;
}

/** As many names as fit, and how many more there are. */
function listed(names: readonly string[]): string {
  const whole = names.join(', ');
  if (whole.length <= besideTitle) return whole;
  const room = besideTitle - ', 00 more'.length;
  const shown = names.filter((_, index) => names.slice(0, index + 1).join(', ').length <= room);
  return [...shown, `${names.length - shown.length} more`].join(', ');
}

/** Whether something that already exists would be changed or removed. */
export function touchesExisting(plan: Plan): boolean {
  if (plan.status !== 'change') return false;
  const replaces = plan.edit !== undefined && revealed(plan.edit.before) !== '';
  return (
    replaces ||
    plan.destructive === true ||
    (plan.notes ?? []).length > 0 ||
    plan.effects.some(({ do: kind }) => kind === 'remove')
  );
}

/** Tells a problem: to programs as one object with its code, to people in lines. */
export function tellProblem(ui: Pick<Ui, 'say' | 'result'>, problem: Problem, tone: 'warning' | 'bad'): void {
  ui.result('problem', { tone, ...problemOf(problem) }, () => sayLines(ui, problemLines(problem, tone)));
}

/** The lines of a help, of which those that are to be copied stay as they are. */
export function linesOfHelp(text: string): readonly Line[] {
  const toCopy = '    claude-routing-install ';
  return text.split('\n').map((line) => ({ text: line, tone: line.startsWith(toCopy) ? 'command' : 'plain' }));
}

import type { StepName } from '../engine/event.ts';
import type { Journal } from '../engine/journal.ts';
import { explainFailure } from '../engine/known-problems.ts';
import { Cancelled, type PlannedResource, type Runner, runStep } from '../engine/run-step.ts';
import type { Outcome, Step } from '../engine/step.ts';
import { detailLines, planLines } from '../ui/wording.ts';
import type { Program } from './program.ts';

/** How steps are run. */
export interface RunnerOptions {
  readonly askEach: boolean;
  /** Goes on although the person asked to stop: to bring back what works. */
  readonly toTheEnd?: boolean;
}

/** Runs one step and reports its beginning and its end. */
export async function runOne<Seen>(step: Step<Seen>, name: StepName, context: Seen, runner: Runner): Promise<Outcome> {
  const began = performance.now();
  runner.report({ type: 'step-began', step: name });
  const end = (outcome: Outcome) =>
    runner.report({ type: 'step-ended', step: name, outcome, ms: performance.now() - began });
  try {
    const outcome = await runStep(step, name, context, runner);
    end(outcome);
    return outcome;
  } catch (error) {
    if (error instanceof Cancelled) end({ status: 'cancelled' });
    throw error;
  }
}

/** What a step needs to run under this command: its events told, its effects in the journal. */
export function makeRunner(
  program: Program,
  journal: Journal,
  { askEach, toTheEnd = false }: RunnerOptions,
  proofDue: () => boolean = () => false,
  onDoubt: () => void = () => undefined,
): Runner {
  const { ui, host } = program;
  return {
    host,
    proofDue,
    report: (event) => {
      if (event.type === 'proof-warned') onDoubt();
      ui.report(event);
    },
    record: async (record) => await journal.effect(record),
    cancelled: () => !toTheEnd && program.signals.received() !== undefined,
    explain: explainFailure,
    confirm: async (name, plans) => (askEach ? await confirmStep(program, name, plans) : 'apply'),
  };
}

async function confirmStep(
  { ui }: Program,
  name: StepName,
  plans: readonly PlannedResource[],
): Promise<'apply' | 'skip' | 'stop'> {
  ui.say(`  ${name.number}/${name.of}  ${name.title}`, 'strong');
  for (const line of planLines(plans)) ui.say(line.text, line.tone);
  for (;;) {
    const answer = await ui.choose({
      message: name.title,
      choices: [
        { value: 'apply', label: 'apply' },
        { value: 'details', label: 'details: every command and difference' },
        { value: 'skip', label: 'skip this step' },
        { value: 'stop', label: 'stop here' },
      ] as const,
    });
    if (answer !== 'details') return answer;
    for (const line of detailLines(plans)) ui.say(line.text, line.tone);
  }
}

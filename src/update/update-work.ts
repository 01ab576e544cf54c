import { savedAnswers } from '../components/secrets-file/step.ts';
import type { Context, InstallerStep } from '../context.ts';
import type { Journal } from '../engine/journal.ts';
import type { Problem } from '../problem.ts';
import type { Program } from '../session/program.ts';
import { type RunResult, walkSteps } from '../session/walk-steps.ts';

/** What bringing a part up to date needs. */
export interface UpdateWork {
  readonly program: Program;
  readonly journal: Journal;
  /** As the answers are saved. */
  readonly saved: Context;
  /** The same with the image that runs now. */
  readonly present: Context;
}

/** How a part ended. */
export type PartEnd =
  | { readonly status: 'updated'; readonly now: string }
  /** `serves`: what is in use after all. */
  | ({ readonly status: 'failed'; readonly serves: string } & Problem)
  | { readonly status: 'cancelled'; readonly serves: string };

/** Walks through steps within an update; each change and each proof counts as due. */
export async function walk(
  { program, journal }: UpdateWork,
  steps: readonly InstallerStep[],
  context: Context,
  toTheEnd = false,
): Promise<RunResult> {
  const walked = await walkSteps(program, steps, context, journal, { proofDue: true, toTheEnd });
  // Ctrl-C reaches a proof's program, too, and then the proof fails for no other reason.
  const asked = !toTheEnd && program.signals.received() !== undefined;
  return walked.status === 'stopped' && asked ? { status: 'cancelled' } : walked;
}

/** The same context with this image among the answers; undefined stands for the tested one. */
export function withImage(context: Context, image: string | undefined): Context {
  const { image: _image, ...gateway } = context.answers.gateway;
  const chosen = image === undefined ? gateway : { ...gateway, image };
  return { ...context, answers: { ...context.answers, gateway: chosen } };
}

/** Puts the answers down for the next run. What stood there for the time of a change only is not worth a backup. */
export function keptAnswers(over: 'the answers' | 'what stood for a while'): InstallerStep {
  return {
    id: 'answers',
    title: 'your answers',
    guidePhase: 'phase 8',
    why: 'The next run has to match what runs now.',
    resources: (context) => [{ ...savedAnswers(context), disposable: over === 'what stood for a while' }],
  };
}

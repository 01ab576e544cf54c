import type { AnswersSoFar } from '../config/answers-so-far.ts';
import type { Context } from '../context.ts';
import { refusalIn } from '../engine/errno.ts';
import { looksLikeKey } from '../host/secret.ts';
import { messageOf } from '../text/said.ts';
import { notingUi } from '../ui/noting-ui.ts';
import type { ExitCode } from './exit-codes.ts';
import type { Program } from './program.ts';

/** The wizard's memory of a run that was left: by Ctrl-C, or because the connection was lost. */
export interface Memory {
  /** The same program, whose questions offer what was answered before. */
  readonly asking: Program;
  /** The work is over: what was answered is forgotten where it is saved as answers by now, and kept where not. */
  settled(context: Context, exitCode: ExitCode): Promise<ExitCode>;
}

/**
 * From now on what is answered outlives the person's leaving: it is kept in a file for this account alone, and offered by
 * the next run. Keys are never in it.
 */
export async function rememberAnswers(program: Program): Promise<Memory> {
  if (!program.ui.interactive) return { asking: program, settled: async (_context, exitCode) => exitCode };
  const before = await rememberedAnswers(program);
  const given: AnswersSoFar = {};
  const keep = async () => await keepAnswers(program, before, given);
  program.signals.whenLeft(keep);
  return {
    asking: { ...program, ui: notingUi(program.ui, before, given, () => tellOffer(program)) },
    settled: async ({ answers }, exitCode) => {
      const { saysTheSame } = await import('../config/saved.ts');
      const saved = await program.host.readFile(program.layout.savedAnswers).catch(() => undefined);
      await (saysTheSame(saved, answers) ? forgetAnswers(program) : keep());
      return exitCode;
    },
  };
}

async function rememberedAnswers({ host, layout, ui, given }: Program): Promise<AnswersSoFar> {
  // Where all is asked again, what this run was given is offered, and not what an earlier one was told.
  if (given.ask && (given.settings.length > 0 || given.file !== undefined)) return {};
  const path = layout.answersSoFar;
  const text = await host.readFile(path).catch((error: Error) => error);
  if (text === undefined) return {};
  const { readAnswersSoFar } = await import('../config/answers-so-far.ts');
  const answers = typeof text === 'string' ? readAnswersSoFar(text) : undefined;
  if (answers === undefined) {
    ui.say(`     Note: ${path} holds no readable answers of an earlier run. It is ignored.`, 'warning');
    return {};
  }
  return answers;
}

function tellOffer({ ui, layout }: Program): void {
  ui.say(`     Your earlier answers are offered again (${layout.answersSoFar}).`, 'dim');
}

async function keepAnswers({ host, layout, masking, ui }: Program, before: AnswersSoFar, given: AnswersSoFar) {
  const isKey = (text: string) => looksLikeKey(text) || masking.mask(text) !== text;
  const kept = Object.entries({ ...before, ...given }).filter(([, answer]) => ![answer].flat().some(isKey));
  if (Object.keys(given).length === 0 || kept.length === 0) return;
  try {
    await host.perform({ do: 'make-directory', path: layout.stateDir, mode: 0o700 });
    const content = `${JSON.stringify({ version: 1, answers: Object.fromEntries(kept) }, undefined, 2)}\n`;
    await host.perform({ do: 'write', path: layout.answersSoFar, content, mode: 0o600, disposable: true });
    ui.say(`Your answers so far are saved, without keys, and the next run offers them: ${layout.answersSoFar}`, 'dim');
  } catch (error) {
    const why = refusalIn(error)?.message ?? messageOf(error);
    ui.say(`Your answers so far could not be saved: ${why}`, 'warning');
  }
}

async function forgetAnswers({ host, layout }: Program): Promise<void> {
  if ((await host.stat(layout.answersSoFar).catch(() => undefined)) === undefined) return;
  await host.perform({ do: 'remove', path: layout.answersSoFar, disposable: true });
}

import type { Selection } from '../command-line/usage-problems.ts';
import type { ExitCode } from '../session/exit-codes.ts';
import { rememberAnswers } from '../session/offered-answers.ts';
import { ownAddresses, type Program } from '../session/program.ts';
import { type Begun, beginInterview } from '../wizard/questions.ts';

/**
 * The whole story: look, ask, show, confirm, do, prove. The first question stands on the screen before the rest of the program is
 * loaded and before anything is known of the machine; the looks go on beside it, and where they find that it will not do, the
 * question is left.
 */
export async function install(program: Program, selection: Selection): Promise<ExitCode> {
  const started = performance.now();
  const { ui } = program;
  // An unknown step is reported before anything is asked.
  if (selection.only.length + selection.skip.length > 0)
    (await import('../command-line/usage-problems.ts')).selected(
      'step',
      (await import('../registry/steps.ts')).steps,
      selection,
    );
  ui.say(`claude-routing-install ${PROGRAM_VERSION}   ${program.account.user}`, 'strong');
  ui.say('Nothing changes until you have seen it. Ctrl-C stops after the current action.', 'dim');
  const memory = await rememberAnswers(program);
  const looks = async () => await import('./install-looks.ts');
  const begun = await begin(memory.asking, async () => await (await looks()).refuseUnfit(program));
  const note = await (await looks()).lookBefore(program);
  const { installAll } = await import('./install-all.ts');
  return await installAll(program, selection, { memory, begun, note, started });
}

/** What is already known, or cannot be asked for, has to be read first. */
async function begin(
  { ui, given, environment, host, layout }: Program,
  meanwhile: () => Promise<void>,
): Promise<Begun | undefined> {
  const named = given.file !== undefined || given.settings.length > 0;
  const set = Object.keys(environment).some((name) => name.startsWith('CLAUDE_ROUTING_'));
  if (!ui.interactive || named || set) return undefined;
  const there = await Promise.all([layout.savedAnswers, layout.secretsFile].map(async (path) => await host.stat(path)));
  return there.every((one) => one === undefined) ? await beginInterview(ui, ownAddresses(), meanwhile) : undefined;
}

import { findUserBus } from '../checks/login-session.ts';
import { accountFinding, lookAtMachine, spaceFinding } from '../checks/machine.ts';
import { type Selection, selected } from '../command-line/selection.ts';
import { type ExitCode, exitCodes } from '../session/exit-codes.ts';
import { requireKnownFormats } from '../session/known-formats.ts';
import { rememberAnswers } from '../session/offered-answers.ts';
import { ownAddresses } from '../session/own-addresses.ts';
import { type Program, Refused, refuseOn } from '../session/program.ts';
import { noteBefore } from '../uninstall/baseline.ts';
import { type Begun, beginInterview } from '../wizard/first-question.ts';

/** The whole story: look, ask, show, confirm, do, prove. The first question is asked before the rest of the program is loaded. */
export async function install(program: Program, selection: Selection): Promise<ExitCode> {
  const started = performance.now();
  // A step that there is none of is told before anybody is asked.
  if (selection.only.length + selection.skip.length > 0)
    selected('step', (await import('../registry/steps.ts')).steps, selection);
  await requireFitMachine(program);
  await requireKnownFormats(program);
  // Before anything that leaves a trace: the first sudo makes a file, the lock and the journal make folders.
  const before = await noteBefore(program.host, program.layout);
  if (!before.ok) throw new Refused(exitCodes.preconditionNotMet, before.problem);
  const memory = await rememberAnswers(program);
  const begun = await begin(memory.asking);
  const { installAll } = await import('./install-all.ts');
  return await installAll(program, selection, { memory, begun, note: before.value, started });
}

/** Where something is known, or cannot be asked, it has to be read first. */
async function begin({ ui, given, environment, host, layout }: Program): Promise<Begun | undefined> {
  const named = given.file !== undefined || given.settings.length > 0;
  const set = Object.keys(environment).some((name) => name.startsWith('CLAUDE_ROUTING_'));
  if (!ui.interactive || named || set) return undefined;
  const there = await Promise.all([layout.savedAnswers, layout.secretsFile].map(async (path) => await host.stat(path)));
  return there.every((one) => one === undefined) ? await beginInterview(ui, ownAddresses()) : undefined;
}

/** What the machine must be comes before the first question, so that nobody answers six of them in vain. */
async function requireFitMachine(program: Program): Promise<void> {
  const { ui, account, host, layout, environment, platform } = program;
  ui.say(`claude-routing-install ${PROGRAM_VERSION}   ${account.user}`, 'strong');
  ui.say('Nothing changes until you have seen it. Ctrl-C stops after the current action.', 'dim');
  const found = await lookAtMachine(host, account.home, platform);
  const returning = (await host.stat(layout.savedAnswers)) !== undefined;
  refuseOn(found.supported);
  refuseOn(accountFinding(account.uid, environment['SUDO_USER']), spaceFinding(found, returning));
  refuseOn(await findUserBus(host, layout, ownAddresses()[0] ?? 'THIS-HOST'));
  ui.say(
    `${found.system}, ${found.freeGigabytes ?? '?'} GB free, ${found.memoryGigabytes ?? '?'} GB memory, user bus available`,
    'dim',
  );
}

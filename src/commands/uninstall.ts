import { findUserBus } from '../checks/machine.ts';
import { openNewShell } from '../components/launchers/start-up-files/shell-environment.ts';
import { readActionLog } from '../engine/action-log.ts';
import { refusalIn, refusalProblem } from '../engine/errno.ts';
import type { Kept } from '../engine/event.ts';
import type { Journal } from '../engine/journal.ts';
import type { Host } from '../host/host.ts';
import { removalSteps } from '../registry/removals.ts';
import { changeRun } from '../session/change-run.ts';
import { type ExitCode, exitCodes } from '../session/exit-codes.ts';
import { requireKnownFormats } from '../session/known-formats.ts';
import {
  blockers,
  pending,
  preview,
  printPreview,
  reportPlans,
  type StepPreview,
  takesRoot,
} from '../session/preview.ts';
import { ownAddresses, type Program, refuseOn } from '../session/program.ts';
import { exitCodeOf, walkSteps } from '../session/walk-steps.ts';
import { shellWord } from '../shell/word.ts';
import { counted } from '../text/counted.ts';
import { duration } from '../ui/wording.ts';
import { originalsOf } from '../uninstall/backups.ts';
import { readBefore } from '../uninstall/baseline.ts';
import type { Removal } from '../uninstall/removal.ts';

interface UninstallOptions {
  /** Also packages, images, keys and everything else that is kept otherwise. */
  readonly purge?: boolean;
  readonly dryRun?: boolean;
}

/** A program that passes over files that it may not read. */
interface Removing extends Program {
  readonly closed: () => readonly Kept[];
}

/** Takes everything off that was put on, and puts back what was there before. Works without journal, answers and keys, too. */
export async function uninstall(given: Program, { purge = false, dryRun }: UninstallOptions): Promise<ExitCode> {
  const { ui } = given;
  await requireKnownFormats(given);
  const removal = await lookAround(given, purge);
  const { host, closed } = pastClosedFiles(given.host);
  const program = { ...given, host, closed };
  const looking = async () => [await preview(removalSteps, removal, host), await keptBy(program, removal)] as const;
  const [overviews, kept] = await ui.busy('looking at this machine', looking());
  if (pending(overviews).length === 0) return nothingToDo(program, kept);
  tellPlan(program, overviews, kept);
  return await changeRun(program, {
    name: 'uninstall',
    needsRoot: takesRoot(overviews),
    blockers: blockers(overviews),
    show: () => ui.say(''),
    dryRun,
    require: async () => await requireBus(program, overviews),
    consent: 'confirm the removal',
    work: async (journal) => await takeOff(program, removal, journal),
  });
}

async function lookAround({ host, layout }: Program, purge: boolean): Promise<Removal> {
  const history = readActionLog(await host.readFile(layout.journal));
  const [before, originals] = await Promise.all([readBefore(host, layout), originalsOf(host, layout, history)]);
  return { layout, history, before, originals, purge };
}

/** What is left, and what nobody could look at. Backups are told as a whole. */
async function keptBy({ host, layout, closed }: Removing, removal: Removal): Promise<readonly Kept[]> {
  const all = await Promise.all(removalSteps.map(async ({ kept }) => (await kept?.(removal, host)) ?? []));
  const told = new Set(all.flat().map(({ what }) => what));
  const others = closed().filter(({ what }) => !told.has(what) && !what.startsWith(`${layout.backupsDir}/`));
  return [...all.flat(), ...others];
}

function nothingToDo(program: Program, kept: readonly Kept[]): ExitCode {
  program.ui.say('Nothing to remove.', 'good');
  tellKept(program, kept);
  return exitCodes.done;
}

function tellPlan(program: Program, overviews: readonly StepPreview<Removal>[], kept: readonly Kept[]): void {
  const { ui } = program;
  reportPlans(ui, overviews);
  printPreview(ui, overviews, true);
  ui.say('  Folders that are empty then go, too, if they were not there before.');
  tellKept(program, kept);
}

/** Commands are short enough for a narrow terminal when they say ~, as a person would. */
function tellKept({ ui, account }: Program, kept: readonly Kept[]): void {
  if (kept.length === 0) return;
  ui.say('');
  ui.say('What stays, and what would remove it', 'strong');
  for (const { command, ...one } of kept) {
    const typed = command === undefined ? {} : { command: command.replaceAll(` ${account.home}/`, ' ~/') };
    ui.report({ type: 'kept', kept: { ...one, ...typed } });
  }
}

/** Services of the account are stopped through its own service manager. */
async function requireBus({ host, layout }: Program, overviews: readonly StepPreview<Removal>[]): Promise<void> {
  const withServices = ['sentinel', 'rootless-docker'];
  if (!pending(overviews).some(({ step }) => withServices.includes(step.id))) return;
  refuseOn(await findUserBus(host, layout, ownAddresses()[0] ?? 'THIS-HOST'));
}

async function takeOff(program: Removing, removal: Removal, journal: Journal): Promise<ExitCode> {
  const started = performance.now();
  const walked = await walkSteps(program, removalSteps, removal, journal);
  const tell = async (changed: number) => await tellEnd(program, removal, changed, performance.now() - started);
  return await exitCodeOf(program, walked, tell);
}

async function tellEnd(program: Removing, removal: Removal, changed: number, ms: number): Promise<void> {
  const { ui } = program;
  tellKept(program, await keptBy(program, removal));
  ui.say('');
  ui.say(`Removed: ${counted(changed, 'change')} in ${duration(ms)}.`, 'strong');
  ui.say(`A shell that is open still has the functions and variables. ${openNewShell}`);
}

/** Stands for what is in a folder that may not be read; nothing is ever found at its path. */
const unseen = 'what nobody may see';

/**
 * The same host, on which a file that cannot be read reads as none, and a folder as one that holds something: whatever is ours
 * in it stays, and everything else still has its turn. `closed` lists those that were met.
 */
export function pastClosedFiles(host: Host): { readonly host: Host; readonly closed: () => readonly Kept[] } {
  const met = new Map<string, Kept>();
  const unless = async <Found, None>(path: string, look: Promise<Found>, none: None): Promise<Found | None> => {
    try {
      return await look;
    } catch (error) {
      const refusal = refusalIn(error);
      if (refusal === undefined) throw error;
      const why = `what may be ours in it stays: ${refusalProblem({ ...refusal, path }).problem}`;
      met.set(path, { what: path, why, command: `ls -ld ${shellWord(path)}` });
      return none;
    }
  };
  return {
    closed: () => [...met.values()],
    host: {
      readFile: async (path) => await unless(path, host.readFile(path), undefined),
      readLines: async (path, each, from) => await host.readLines(path, each, from),
      stat: async (path) => (path.endsWith(`/${unseen}`) ? undefined : await host.stat(path)),
      list: async (path) => await unless(path, host.list(path), [unseen]),
      query: async (command) => await host.query(command),
      http: async (request) => await host.http(request),
      perform: async (effect) => await host.perform(effect),
    },
  };
}

import { unknownWord, wrongUse } from '../command-line/usage-problems.ts';
import { readSecrets } from '../components/secrets-file/secrets-env.ts';
import { readActionLog } from '../engine/action-log.ts';
import type { Journal } from '../engine/journal.ts';
import type { Step } from '../engine/step.ts';
import type { Probe } from '../host/host.ts';
import { Secret } from '../host/secret.ts';
import { fromHome, type Layout } from '../layout.ts';
import type { Resource } from '../resources/resource.ts';
import { changeRun } from '../session/change-run.ts';
import { type ExitCode, exitCodes } from '../session/exit-codes.ts';
import { blockers, pending, preview, reportPlans, type StepPreview, takesRoot } from '../session/preview.ts';
import { type Program, Refused } from '../session/program.ts';
import { exitCodeOf, walkSteps } from '../session/walk-steps.ts';
import { shellWord } from '../shell/word.ts';
import { moment } from '../text/local-time.ts';
import { nearestOf } from '../text/nearest.ts';
import { detailLines } from '../ui/detail-lines.ts';
import { sayLines } from '../ui/wording.ts';
import { type BackupFile, type BackupRun, backupRuns, type Original, readBackup } from '../uninstall/backups.ts';
import { copyBack } from '../uninstall/former-file.ts';

/** Lists the runs that kept what they replaced, or puts back what one of them kept. What stands there now is kept in turn. */
export async function restore(
  program: Program,
  wanted: string | undefined,
  files: readonly string[],
  { dryRun = false }: { readonly dryRun?: boolean },
): Promise<ExitCode> {
  const runs = await backupRuns(program.host, program.layout);
  if (wanted === undefined) return await list(program, runs);
  const run = runOf(program, runs, wanted);
  return await putBackFrom(program, run, filesOf(program, run, files), dryRun);
}

async function list(program: Program, runs: readonly BackupRun[]): Promise<ExitCode> {
  const { ui, host, layout } = program;
  const past = readActionLog(await host.readFile(layout.journal)).runs;
  const rows = [...runs].reverse().map(({ id, files }) => {
    const found = past.find((run) => run.id === id);
    return { run: id, began: found?.began, command: found?.command, files: files.map(({ path }) => path) };
  });
  ui.result('runs', rows, () => tellRuns(program, rows));
  return exitCodes.done;
}

interface BackupRow {
  readonly run: string;
  readonly began: string | undefined;
  readonly command: string | undefined;
  readonly files: readonly string[];
}

function tellRuns({ ui, layout }: Program, rows: readonly BackupRow[]): void {
  if (rows.length === 0) ui.say(`No run has kept a backup: there is nothing in ${layout.backupsDir}.`);
  for (const { run, began, command, files } of rows) {
    const when = began === undefined ? '' : `   ${moment(began)}`;
    ui.say(`  ${run}${when}   ${command ?? 'not in the journal'}`, 'strong');
    for (const path of files) ui.say(`     ${path}`);
  }
  if (rows.length > 0) ui.say('Put back:  claude-routing-install restore RUN [FILE…]   The newest run:  restore last');
}

function runOf({ layout }: Program, runs: readonly BackupRun[], wanted: string): BackupRun {
  if (runs.length === 0)
    throw new Refused(exitCodes.preconditionNotMet, {
      code: 'backup-missing',
      problem: `no run has kept a backup: there is nothing in ${layout.backupsDir}`,
      fix: 'there is nothing to put back',
    });
  const begun = runs.filter(({ id }) => id.startsWith(wanted));
  const found = wanted === 'last' ? runs.at(-1) : (runs.find(({ id }) => id === wanted) ?? only(begun));
  const known = [...runs.map(({ id }) => id)].reverse();
  if (found === undefined) throw wrongUse(unknownWord('run', wanted, ['last', ...known]));
  return found;
}

function filesOf(program: Program, { files }: BackupRun, words: readonly string[]): readonly BackupFile[] {
  if (words.length === 0) return files;
  return words.map((word) => {
    const whole = fromHome(word, program.account);
    const found =
      files.find(({ path }) => path === whole) ?? only(files.filter(({ path }) => path.endsWith(`/${word}`)));
    if (found !== undefined) return found;
    const known = files.map(({ path }) => path);
    const unknown = unknownWord('file', whole, known);
    const namesake = known.find((path) => path.endsWith(`/${word.split('/').at(-1)}`));
    // If a similar name exists, it has been suggested already.
    const hint = nearestOf(whole, known) !== undefined || namesake === undefined ? '' : `; did you mean ${namesake}?`;
    throw wrongUse({ ...unknown, problem: `${unknown.problem}${hint}` });
  });
}

function only<Thing>(things: readonly Thing[]): Thing | undefined {
  return things.length === 1 ? things[0] : undefined;
}

async function putBackFrom(
  program: Program,
  { id }: BackupRun,
  files: readonly BackupFile[],
  dryRun: boolean,
): Promise<ExitCode> {
  const { ui, host, layout } = program;
  await maskKeys(program, files);
  const step = putBack(await readBackups(host, files), layout);
  const overviews = await ui.busy('comparing', preview([step], undefined, host));
  if (pending(overviews).length === 0) {
    ui.say(`Nothing to put back: ${files.length === 1 ? 'the file is' : 'all files are'} as ${id} kept them.`, 'good');
    return exitCodes.done;
  }
  return await changeRun(program, {
    name: 'restore',
    needsRoot: takesRoot(overviews),
    blockers: blockers(overviews),
    show: () => showDifferences(program, overviews),
    dryRun,
    consent: 'agree to putting these files back',
    work: async (journal) => await perform(program, step, journal),
  });
}

function showDifferences({ ui }: Program, overviews: readonly StepPreview<undefined>[]): void {
  reportPlans(ui, overviews);
  if (ui.forPrograms) return;
  for (const { planned } of overviews) sayLines(ui, detailLines(planned.filter(({ plan }) => plan.status !== 'ok')));
}

/** Keys stand in other files, too: a configuration that was written by hand, a shell's start-up file. */
async function maskKeys({ host, layout, masking }: Program, files: readonly BackupFile[]): Promise<void> {
  const places = [
    layout.secretsFile,
    ...files.flatMap(({ path, backup }) => (path === layout.secretsFile ? backup : [])),
  ];
  for (const place of places)
    for (const secret of Object.values(readSecrets((await host.readFile(place).catch(() => undefined)) ?? '')))
      masking.add(secret);
}

async function perform(program: Program, step: Step<undefined>, journal: Journal): Promise<ExitCode> {
  return await exitCodeOf(program, await walkSteps(program, [step], undefined, journal), () =>
    program.ui.say('What differs from your answers now:  claude-routing-install plan'),
  );
}

/** A backup that was looked at. */
type ReadBackup = BackupFile & Pick<Original, 'text' | 'mode' | 'lost'>;

/** Texts and modes of backups. */
async function readBackups(probe: Probe, files: readonly BackupFile[]): Promise<readonly ReadBackup[]> {
  const read = files.map(async (file) => ({ text: '', mode: 0o600, ...(await readBackup(probe, file)), ...file }));
  return await Promise.all(read);
}

/** Puts files back as they were kept, text and mode; what stands there now is kept in turn, so that this can be undone. */
function putBack(files: readonly ReadBackup[], layout: Layout): Step<undefined> {
  return {
    id: 'restore',
    title: 'put back',
    guidePhase: 'phase 8',
    why: 'Files as an earlier run found them.',
    resources: () => files.map((file) => resourceFor(file, layout)),
  };
}

function resourceFor(file: ReadBackup, layout: Layout): Resource {
  const { path, text, mode } = file;
  if (text === undefined) return byHand(file, layout);
  return {
    kind: 'file',
    id: `put-back:${path}`,
    title: path,
    path,
    mode,
    content: path === layout.secretsFile ? new Secret(text) : text,
    ...(isRoots(path, layout) ? { sudo: true } : {}),
  };
}

/** This program compares and writes text; anything else, and what it may not read, is better copied by hand. */
function byHand({ path, backup, mode, lost }: ReadBackup, layout: Layout): Resource {
  const { command = `ls -ld ${shellWord(backup)}` } = copyBack(
    path,
    { backup, mode, text: undefined, ...(lost === undefined ? {} : { lost }) },
    isRoots(path, layout),
  );
  const damaged = lost?.copiedBy === 'cp -p';
  return {
    kind: 'script',
    id: `put-back:${path}`,
    title: path,
    inspect: async () => ({
      status: 'blocked',
      code: damaged ? 'not-utf8' : 'file-unreadable',
      problem: damaged ? `${backup} is not UTF-8 text and cannot be shown or compared` : `${path}: ${lost?.why}`,
      fix: lost?.copiedBy === undefined ? `see what it is:  ${command}` : `copy it back:  ${command}`,
    }),
  };
}

function isRoots(path: string, { home }: Layout): boolean {
  return !path.startsWith(`${home}/`);
}

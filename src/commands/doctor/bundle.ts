import type { Journal } from '../../engine/journal.ts';
import type { Step } from '../../engine/step.ts';
import { carryOut } from '../../session/change-run.ts';
import { type ExitCode, exitCodes } from '../../session/exit-codes.ts';
import { examine } from '../../session/load-check-context.ts';
import { type Program, Refused } from '../../session/program.ts';
import { exitCodeOf, walkSteps } from '../../session/walk-steps.ts';
import { gatherSections, privateFacts } from '../../support-bundle/bundle-sections.ts';
import { type Redacted, redact } from '../../support-bundle/redaction.ts';
import { joined, replacedLines, reportText } from '../../support-bundle/report-sections.ts';
import { localDay } from '../../text/local-time.ts';

/** `doctor bundle [FILE]`: everything that a helper needs to know, in one text without keys, names or addresses. */
export async function bundle(
  program: Program,
  file: string | undefined,
  { dryRun }: { readonly dryRun?: boolean },
): Promise<ExitCode> {
  const { ui } = program;
  const path = await freePath(program, file);
  const examination = await examine(program);
  const sections = await ui.busy('looking at this machine', gatherSections(program, examination));
  const redacted = redact(joined(sections), await privateFacts(program, examination));
  const text = reportText(redacted, new Date().toISOString());
  if (dryRun === true) {
    ui.document(text);
    return exitCodes.changesPending;
  }
  return await write(program, path, text, () => tell(program, path, text, redacted));
}

/** The file that was named, or one with the date in its name; never an existing one. */
async function freePath({ host, layout, cwd }: Program, word: string | undefined): Promise<string> {
  const usual = `${layout.home}/claude-routing-report-${localDay(new Date())}.txt`;
  const path = word === undefined ? usual : word.startsWith('/') ? word : `${cwd}/${word}`;
  if ((await host.stat(path)) === undefined) return path;
  throw new Refused(exitCodes.preconditionNotMet, {
    code: 'file-exists',
    problem: `${path} already exists, and a report never overwrites another file`,
    fix: 'name another one:  claude-routing-install doctor bundle report-2.txt',
  });
}

/** Through the one door, so that the journal knows of the file. */
async function write(program: Program, path: string, text: string, tellEnd: () => void): Promise<ExitCode> {
  const step: Step<undefined> = {
    id: 'report',
    title: 'report',
    guidePhase: 'none',
    why: 'Shows someone who helps you what is installed here, without keys.',
    resources: () => [{ kind: 'file', id: 'report', path, content: text, mode: 0o600 }],
  };
  const work = async (journal: Journal) =>
    await exitCodeOf(program, await walkSteps(program, [step], undefined, journal), tellEnd);
  return await carryOut(program, { name: 'doctor bundle', needsRoot: false, work });
}

function tell({ ui }: Program, path: string, text: string, { replaced }: Redacted): void {
  const kilobytes = Math.ceil(Buffer.byteLength(text) / 1024);
  ui.result('report', { path, kilobytes, replaced }, () => {
    ui.say(`${path}, ${kilobytes} KB, readable only by you`, 'good');
    ui.say('Replaced in it:');
    for (const line of replacedLines(replaced)) ui.say(line);
    ui.say('Read it before you send it. It contains no conversation.');
  });
}

import type { Context } from '../context.ts';
import { ailments } from '../doctor/ailments/index.ts';
import { diagnose } from '../doctor/diagnose.ts';
import type { Examination } from '../doctor/examination.ts';
import { type Section, section } from '../doctor/report.ts';
import {
  diagnosesText,
  engineState,
  gatewayOutput,
  gatewayState,
  lastRuns,
  ownFiles,
  textOf,
  versions,
} from '../doctor/report-sections.ts';
import { explain, startersAmong } from '../doctor/why.ts';
import { tableLines } from '../doctor/why-words.ts';
import { steps } from '../steps/index.ts';
import { planLines, problemLines } from '../ui/wording.ts';
import { namesSet } from './doctor-why.ts';
import { overview, pending } from './overview.ts';
import type { Program } from './program.ts';
import { readUsage } from './usage.ts';
import { usageLines } from './usage-words.ts';

/** Every part of the report, gathered at the same time. */
export async function gatherSections(program: Program, examination: Examination): Promise<readonly Section[]> {
  const { installed } = examination;
  const examined = section('Diagnoses', async () => diagnosesText((await diagnose(examination, ailments)).diagnoses));
  return await Promise.all([
    section('Versions', async () => await versions(examination, PROGRAM_VERSION)),
    section('Gateway', async () => await gatewayState(examination, installed?.secrets.gatewayKey)),
    examined,
    section('Pending plan', async () => await planText(examination, installed)),
    section('Variables set beside the launchers', async () => await variablesText(examination)),
    section('Usage of seven days', async () => await usageText(program)),
    ...(await ownFiles(examination)),
    section('Last runs', async () => await lastRuns(examination)),
    section('docker logs --tail 200 litellm', async () => await gatewayOutput(examination)),
    section('systemctl --user status docker', async () => await engineState(examination)),
  ]);
}

async function planText({ probe }: Examination, context: Context | undefined): Promise<string> {
  if (context === undefined) return 'nothing is installed, or the answers cannot be used';
  const waiting = pending(await overview(steps, context, probe));
  if (waiting.length === 0) return 'nothing to do';
  const lines = waiting.flatMap(({ name, stop, planned }) => [
    { text: name.title },
    ...(stop === undefined ? [] : problemLines(stop, 'bad')),
    ...planLines(planned),
  ]);
  return textOf(lines);
}

async function variablesText({ layout, places, cwd }: Examination): Promise<string> {
  const found = await places();
  const explained = namesSet(found).map((name) =>
    startersAmong(found.places).map((starter) => explain(name, { starter, layout, places: found.places })),
  );
  const unreadable = found.unreadable.map(({ problem }) => problem);
  return [textOf(tableLines(explained, cwd)), ...unreadable].join('\n');
}

async function usageText(program: Program): Promise<string> {
  const { found, period } = await readUsage(program);
  return textOf(usageLines(found, period));
}

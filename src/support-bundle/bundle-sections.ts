import { hostname } from 'node:os';
import type { CheckContext } from '../checks/check.ts';
import { runChecks } from '../checks/run-checks.ts';
import { ruledDirectories } from '../components/gateway/routing/rules.ts';
import { suspectedValues } from '../config/env-file.ts';
import { readSavedAnswers } from '../config/saved.ts';
import { localAddresses } from '../config/schema.ts';
import type { Context } from '../context.ts';
import { explain, namesSet, startersAmong } from '../env-trace/why.ts';
import { tableLines } from '../env-trace/why-words.ts';
import { isKeyName, Secret } from '../host/secret.ts';
import { checks } from '../registry/checks.ts';
import { steps } from '../registry/steps.ts';
import { pending, preview } from '../session/preview.ts';
import type { Program } from '../session/program.ts';
import { planLines, problemLines } from '../ui/wording.ts';
import { readUsage } from '../usage/read-usage.ts';
import { usageLines } from '../usage/words.ts';
import type { PrivateFacts } from './redaction.ts';
import {
  engineState,
  findingsText,
  gatewayOutput,
  gatewayState,
  lastRuns,
  ownFiles,
  type Section,
  section,
  textOf,
  versions,
} from './report-sections.ts';

/** Every part of the report, gathered at the same time. */
export async function gatherSections(program: Program, examination: CheckContext): Promise<readonly Section[]> {
  const { installed } = examination;
  const examined = section('Diagnoses', async () => findingsText((await runChecks(examination, checks)).diagnoses));
  return await Promise.all([
    section('Versions', async () => await versions(examination, PROGRAM_VERSION)),
    section('Gateway', async () => await gatewayState(examination, installed?.secrets.gatewayKey)),
    examined,
    section('Pending plan', async () => await planText(examination, installed)),
    section('Variables that the launchers do not set', async () => await variablesText(examination)),
    section('Usage of seven days', async () => await usageText(program)),
    ...(await ownFiles(examination)),
    section('Last runs', async () => await lastRuns(examination)),
    section('docker logs --tail 200 litellm', async () => await gatewayOutput(examination)),
    section('systemctl --user status docker', async () => await engineState(examination)),
  ]);
}

async function planText({ probe }: CheckContext, context: Context | undefined): Promise<string> {
  if (context === undefined) return 'nothing is installed, or the answers cannot be used';
  const waiting = pending(await preview(steps, context, probe));
  if (waiting.length === 0) return 'nothing to do';
  const lines = waiting.flatMap(({ name, stop, planned }) => [
    { text: name.title },
    ...(stop === undefined ? [] : problemLines(stop, 'bad')),
    ...planLines(planned),
  ]);
  return textOf(lines);
}

async function variablesText({ layout, places, cwd }: CheckContext): Promise<string> {
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

/** Every key, name and address that is known here. */
export async function privateFacts(program: Program, examination: CheckContext): Promise<PrivateFacts> {
  const { account, environment, layout } = program;
  const { probe, installed } = examination;
  const read = async (path: string) => (await probe.readFile(path).catch(() => undefined)) ?? '';
  const { places } = await examination.places();
  const answers = installed?.answers ?? readSavedAnswers(await read(layout.savedAnswers));
  const variables = [
    ...suspectedValues(await read(layout.secretsFile)).map((value) => ['', value] as const),
    ...Object.entries(environment).flatMap(([name, value]) =>
      isKeyName(name) && value ? [[name, value] as const] : [],
    ),
    ...places.flatMap(({ name, value, unexpanded }) =>
      isKeyName(name) && unexpanded !== true ? [[name, value.reveal()] as const] : [],
    ),
  ];
  return {
    secrets: [...Object.values(installed?.secrets ?? {}), ...variables.flatMap(([, value]) => secretsIn(value))],
    user: account.user,
    home: account.home,
    hosts: [
      hostname(),
      (await read('/etc/hostname')).trim(),
      ...(answers === undefined ? [] : localAddresses(answers.localModel).flatMap(hostsIn)),
    ],
    folders: answers === undefined ? [] : ruledDirectories(answers).map(({ path }) => path),
    resources: answers?.cloud.foundry === undefined ? [] : [answers.cloud.foundry.resource],
  };
}

/** Headers have several; a path or a number is none. */
function secretsIn(value: string): readonly Secret[] {
  const parts = value.split('\n').map((line) => line.replace(/^[\w-]+:\s+/, '').trim());
  return parts.flatMap((part) => (/^(?:\/.*|\d+|claude-[a-z]+(?:; [\w-]+)*)$/.test(part) ? [] : [new Secret(part)]));
}

/** The name of another machine; its address is found by itself. */
function hostsIn(address: string | undefined): readonly string[] {
  const host = address === undefined ? undefined : /^(?:https?:\/\/)?([^/:]+)/.exec(address)?.[1];
  return host === undefined || /^[\d.]+$/.test(host) ? [] : [host];
}

import { rmSync } from 'node:fs';
import { readFile, writeFile } from 'node:fs/promises';
import type { CheckContext } from '../../src/checks/check.ts';
import { runChecks } from '../../src/checks/run-checks.ts';
import { readActionLog } from '../../src/engine/action-log.ts';
import { compareAll } from '../../src/engine/drift.ts';
import { openJournal } from '../../src/engine/journal.ts';
import type { PlannedResource } from '../../src/engine/run-step.ts';
import { findVariablePlaces } from '../../src/env-trace/find-variable-sources.ts';
import { checks } from '../../src/registry/checks.ts';
import { removalSteps } from '../../src/registry/removals.ts';
import { steps } from '../../src/registry/steps.ts';
import { fixesFor, previewOf } from '../../src/session/fixes.ts';
import { pending, preview } from '../../src/session/preview.ts';
import { originalsOf } from '../../src/uninstall/backups.ts';
import { noteBefore, readBefore } from '../../src/uninstall/baseline.ts';
import { makeScene, runOne, type Scene } from '../registry/scene.ts';
import { valueIn } from '../value-in.ts';
import { renamedCheck, renamedStep, renamedSteps, type Words } from './renamed.ts';

/**
 * Everything that is decided, once with the texts that people see and once with others at random. A decision that reads
 * one of them comes out otherwise.
 */
export interface Decided {
  readonly planned: unknown;
  readonly ended: unknown;
  readonly left: unknown;
  readonly drifted: unknown;
  readonly found: unknown;
  readonly fixes: unknown;
  readonly takenOff: unknown;
  readonly kept: unknown;
}

/** What is decided on a bare machine, in a run, afterwards, and when all is taken off; without a word of it. */
export async function decided(words: Words): Promise<Decided> {
  const scene = await makeScene();
  try {
    // Each machine has its home in a folder of its own.
    const found = JSON.stringify(await decidedOn(scene, words));
    return JSON.parse(found.replaceAll(scene.context.layout.home, '~')) as Decided;
  } finally {
    await scene.machine.destroy();
  }
}

async function decidedOn(scene: Scene, words: Words): Promise<Decided> {
  const { host, context } = scene;
  const wanted = renamedSteps(steps, words);
  const planned = decisions((await preview(wanted, context, host)).flatMap((one) => one.planned));
  const ended = await install(scene, words);
  const left = decisions(pending(await preview(wanted, context, host)).flatMap((one) => one.planned));
  const { layout } = context;
  const history = readActionLog(await host.readFile(layout.journal));
  rmSync(scene.machine.onDisk(layout.composeFile));
  const compared = await compareAll(wanted, { probe: host, context, history });
  const { diagnoses } = await runChecks(
    examinationOf(scene),
    checks.map((one) => renamedCheck(one, words)),
  );
  const fixes = await previewOf(fixesFor(diagnoses), host);
  return {
    planned,
    ended,
    left,
    drifted: compared.flatMap(({ step, id, state }) => (state === 'as-wanted' ? [] : [[step, id, state]])),
    found: diagnoses.map(({ check, code, severity, fixWith }) => [check, code, severity, fixWith?.map(({ id }) => id)]),
    fixes: fixes.map(({ step, planned: plans }) => [step.id, decisions(plans)]),
    ...(await uninstalled(scene, words)),
  };
}

/** What is decided, without a word of what is said about it. */
function decisions(planned: readonly PlannedResource[]): unknown {
  return planned.map(({ resource, plan }) => [
    resource.id,
    plan.status,
    plan.status === 'change' ? [plan.destructive, plan.effects.map(doneBy)] : undefined,
  ]);
}

function doneBy(effect: { readonly do: string; readonly command?: { readonly file: string } }): string {
  return `${effect.do} ${effect.command?.file ?? ''}`.trim();
}

/** As `install` does it, with an action log in which what is said of each action is another thing, too. */
async function install(scene: Scene, words: Words): Promise<unknown> {
  const { host, context, machine } = scene;
  const note = valueIn(await noteBefore(host, context.layout));
  const path = machine.onDisk(context.layout.journal);
  const journal = await openJournal(path, '20261129T000000000-1');
  await journal.write({ began: 'install', version: '1.1.0', format: 1 });
  if (note !== undefined) await host.perform(note);
  const ended = [];
  for (const step of renamedSteps(steps, words)) {
    const { outcome } = await runOne(step, host, context, { record: journal.effect });
    ended.push([step.id, outcome.status]);
  }
  await journal.write({ exitCode: 0 });
  await journal.close();
  await writeFile(
    path,
    (await readFile(path, 'utf8'))
      .split('\n')
      .map((line) => reworded(line, words))
      .join('\n'),
  );
  return ended;
}

/** What is shown of an action stands in `what`; what it was, beside it. */
function reworded(line: string, words: Words): string {
  if (line === '') return line;
  const entry = JSON.parse(line) as { what?: string };
  return JSON.stringify(entry.what === undefined ? entry : { ...entry, what: words(entry.what) });
}

async function uninstalled({ host, context }: Scene, words: Words): Promise<Pick<Decided, 'takenOff' | 'kept'>> {
  const { layout } = context;
  const history = readActionLog(await host.readFile(layout.journal));
  const [before, originals] = await Promise.all([readBefore(host, layout), originalsOf(host, layout, history)]);
  const removal = { layout, history, before, originals, purge: true };
  const wanted = removalSteps.map((step) => renamedStep(step, words));
  const found = await preview(wanted, removal, host);
  const kept = await Promise.all(wanted.map(async (step) => ((await step.kept?.(removal, host)) ?? []).length));
  return { takenOff: found.map(({ step, planned }) => [step.id, decisions(planned)]), kept };
}

function examinationOf({ host, context }: Scene): CheckContext {
  const { layout } = context;
  const where = { layout, environment: {}, cwd: layout.home };
  return {
    probe: host,
    ...where,
    addresses: ['192.168.1.10'],
    now: Date.now(),
    installed: context,
    answersProblems: [],
    history: async () => readActionLog(await host.readFile(layout.journal)),
    places: async () => await findVariablePlaces(host, where),
  };
}

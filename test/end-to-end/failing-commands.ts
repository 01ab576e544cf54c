import { readFileSync, writeFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { readSecrets } from '../../src/components/secrets-file/secrets-env.ts';
import { readSavedAnswers } from '../../src/config/saved.ts';
import type { AnswersInput } from '../../src/config/schema.ts';
import type { Secrets } from '../../src/config/secrets.ts';
import { steps } from '../../src/registry/steps.ts';
import { paperHost } from '../machine/paper/paper-host.ts';
import { makePaperMachine, type PaperMachine, paperAnswers } from '../machine/paper/paper-machine.ts';
import { type Snapshot, takeSnapshot } from '../machine/paper/snapshot.ts';
import { contextFor, runOne } from '../steps/scene.ts';
import { answersPath, install, mutatingLines, toldProblems, unwrapped } from './paper.ts';

/** A command that changes the machine, and the machine as it was just before. */
interface Moment {
  readonly line: string;
  readonly name: string;
  readonly before: Snapshot;
}

/** Installs once and stops time before every command that changes something. */
export async function momentsOfInstallation(): Promise<{
  readonly machine: PaperMachine;
  readonly moments: readonly Moment[];
}> {
  const machine = await makePaperMachine();
  writeFileSync(answersPath(machine), paperAnswers(machine));
  const moments: Moment[] = [];
  machine.log.intercept = (call) => {
    if (call.mutates)
      moments.push({ line: call.line, name: shortName(call.line, moments.length), before: takeSnapshot(machine) });
    return undefined;
  };
  const run = await install(machine);
  machine.log.intercept = undefined;
  if (run.exitCode !== 0) throw new Error(run.output);
  return { machine, moments };
}

function shortName(line: string, number: number): string {
  const words = line
    .replace(/^sudo -n (env (\w+=\S* )+)?/, '')
    .replaceAll(/ -o \S+| -[yq]\b|--\S+/g, '')
    .replaceAll(/\/\S*\//g, '…/');
  return `${number + 1}. ${words.replace(/^sh -c [\s\S]* sh /, 'write ').slice(0, 60)}`;
}

/** The draft that root writes has a name of its own each time. */
function withoutDraftMark(line: string): string {
  return line.replace(/ [0-9a-f]{8}$/, '');
}

/** From that moment on: the command fails, one clear message comes of it, and a run without the fault gets to the end. */
export function itRecoversFrom(
  { machine, moments }: { readonly machine: PaperMachine; readonly moments: readonly Moment[] },
  mine: (index: number) => boolean,
): void {
  const cases = moments
    .map((moment, index) => [moment.name, moment, index] as const)
    .filter(([, , index]) => mine(index));
  it.each(cases)('%s', async (_, { line, before }, index) => {
    await before.restore();
    machine.log.forget();
    let struck = false;
    machine.log.intercept = (call) => {
      if (struck || withoutDraftMark(call.line) !== withoutDraftMark(line)) return undefined;
      struck = true;
      return { exitCode: 97, stdout: 'some progress\n', stderr: 'E: a fault that was planted here\n' };
    };
    const failing = await install(machine);
    machine.log.intercept = undefined;
    expect([struck, failing.exitCode], failing.output).toEqual([true, 1]);
    const problems = toldProblems(failing.output);
    expect(problems, failing.output).toHaveLength(1);
    expect(problems[0]?.mend).toMatch(/\w{3,}/);
    expect(unwrapped(failing.output)).toContain('a fault that was planted here');
    expect(failing.output).not.toContain('a fault in this program');
    expect(mutatingLines(machine).at(-1), 'nothing is begun after a failure').toSatisfy(
      (last: string | undefined) => withoutDraftMark(last ?? '') === withoutDraftMark(line),
    );
    if (index % 3 !== 0) return await expectToConverge(machine);
    const mending = await install(machine);
    expect(mending.exitCode, mending.output).toBe(0);
    expect(unwrapped(mending.output)).toMatch(/claude-routed -p: claude-sonnet-5-5 answered/);
  });
}

/** Two times of three the steps themselves take the place of the next run of the built program, which takes six times as long and which `test/matrix` runs after everything. */
async function expectToConverge(machine: PaperMachine): Promise<void> {
  const context = contextFor(
    machine,
    readSavedAnswers(readFileSync(machine.layout.savedAnswers, 'utf8')) as AnswersInput,
    keysOf(machine),
  );
  for (const step of steps)
    expect((await runOne(step, paperHost(machine), context)).outcome.status).toMatch(/^(done|in-place|proven)$/);
}

function keysOf({ layout }: PaperMachine): Secrets {
  const { gatewayKey, ...others } = readSecrets(readFileSync(layout.secretsFile, 'utf8'));
  if (gatewayKey === undefined) throw new Error('the first run left no gateway key');
  return { gatewayKey, ...others };
}

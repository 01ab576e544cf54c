import { expect, it } from 'vitest';
import { makePaperMachine, paperAnswers, type PaperMachine } from '../machine/paper/paper-machine.ts';
import { type Snapshot, takeSnapshot } from '../machine/paper/snapshot.ts';
import { writeFileSync } from 'node:fs';
import { answersPath, install, mutatingLines, toldProblems, unwrapped } from './paper.ts';

/** A command that changes the machine, and the machine as it was just before. */
interface Moment {
  readonly line: string;
  readonly name: string;
  readonly before: Snapshot;
}

/** Installs once and stops time before every command that changes something. */
export async function momentsOfInstallation(): Promise<{ readonly machine: PaperMachine; readonly moments: readonly Moment[] }> {
  const machine = await makePaperMachine();
  writeFileSync(answersPath(machine), paperAnswers(machine));
  const moments: Moment[] = [];
  machine.log.intercept = (call) => {
    if (call.mutates) moments.push({ line: call.line, name: shortName(call.line, moments.length), before: takeSnapshot(machine) });
    return undefined;
  };
  const run = await install(machine);
  machine.log.intercept = undefined;
  if (run.exitCode !== 0) throw new Error(run.output);
  return { machine, moments };
}

function shortName(line: string, number: number): string {
  const words = line.replace(/^sudo -n (env (\w+=\S* )+)?/, '').replaceAll(/ -o \S+| -[yq]\b|--\S+/g, '').replaceAll(/\/\S*\//g, '…/');
  return `${number + 1}. ${words.replace(/^sh -c .* sh /, 'write ').slice(0, 60)}`;
}

/** From that moment on: the command fails, one clear message comes of it, and a run without the fault gets to the end. */
export function itRecoversFrom({ machine, moments }: { readonly machine: PaperMachine; readonly moments: readonly Moment[] }, mine: (index: number) => boolean): void {
  it.each(moments.filter((_, index) => mine(index)).map((moment) => [moment.name, moment] as const))('%s', async (_, { line, before }) => {
    await before.restore();
    machine.log.forget();
    let struck = false;
    machine.log.intercept = (call) => {
      if (struck || call.line !== line) return undefined;
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
    expect(mutatingLines(machine).at(-1), 'nothing is begun after a failure').toBe(line);
    const mending = await install(machine);
    expect(mending.exitCode, mending.output).toBe(0);
    expect(unwrapped(mending.output)).toMatch(/claude-routed -p: claude-sonnet-5-5 answered/);
  });
}

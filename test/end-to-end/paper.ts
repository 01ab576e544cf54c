import { writeFileSync } from 'node:fs';
import { afterAll, afterEach, expect } from 'vitest';
import { type Run, type RunOptions, runInstaller } from '../machine/paper/installer.ts';
import {
  makePaperMachine,
  type PaperMachine,
  type PaperOptions,
  paperAnswers,
} from '../machine/paper/paper-machine.ts';

const atEndOfTest: PaperMachine[] = [];
const atEndOfFile: PaperMachine[] = [];
afterEach(async () => await destroyAll(atEndOfTest));
afterAll(async () => await destroyAll(atEndOfFile));

/** Whatever a test did, the machine must have known how to answer all of it. */
async function destroyAll(machines: PaperMachine[]): Promise<void> {
  const all = machines.splice(0);
  await Promise.all(all.map((machine) => machine.destroy()));
  expect(all.flatMap(({ log }) => log.surprises)).toEqual([]);
}

/** A paper machine for one test, with its answers in ~/answers.yaml. */
export async function freshMachine(options: PaperOptions = {}): Promise<PaperMachine> {
  return await prepared(options, atEndOfTest);
}

/** A paper machine for a whole file. */
export async function sharedMachine(options: PaperOptions = {}): Promise<PaperMachine> {
  return await prepared(options, atEndOfFile);
}

async function prepared(options: PaperOptions, list: PaperMachine[]): Promise<PaperMachine> {
  const machine = await makePaperMachine(options);
  list.push(machine);
  writeFileSync(answersPath(machine), paperAnswers(machine));
  return machine;
}

export function answersPath({ account }: PaperMachine): string {
  return `${account.home}/answers.yaml`;
}

/** `install --yes --answers ~/answers.yaml` */
export async function install(
  machine: PaperMachine,
  words: readonly string[] = [],
  options: RunOptions = {},
): Promise<Run> {
  return await runInstaller(machine, ['install', '--yes', '--answers', answersPath(machine), ...words], options);
}

/** The same machine, installed. */
export async function installed(machine: PaperMachine, words: readonly string[] = []): Promise<PaperMachine> {
  const { exitCode, output } = await install(machine, words);
  expect(exitCode, output).toBe(0);
  return machine;
}

/** The lines of calls that changed something, in order. */
export function mutatingLines({ log }: PaperMachine): readonly string[] {
  return log.calls.filter(({ mutates }) => mutates).map(({ line }) => line);
}

/** Output as one line of words: wrapped lines joined again. */
export function unwrapped(output: string): string {
  return output.replace(/\s+/g, ' ');
}

/** The problems that were told, each with its fix, wrapped lines joined. */
export function toldProblems(output: string): readonly { readonly problem: string; readonly fix: string }[] {
  const found = unwrapped(output).matchAll(/Problem: (.*?) Fix: (.*?)(?= Problem: | More: |$)/g);
  return [...found].map((match) => ({ problem: match[1] ?? '', fix: match[2] ?? '' }));
}

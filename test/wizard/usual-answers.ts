import { expect } from 'vitest';
import { validateAnswers } from '../../src/config/answers-file.ts';
import type { Answers } from '../../src/config/schema.ts';
import { withAsked } from '../../src/wizard/interview.ts';
import { valueIn } from '../value-in.ts';
import type { Scene } from './scene.ts';
import type { Script } from './script.ts';

export const big = 'qwen/qwen3.6-35b-a3b';
export const small = 'openai/gpt-oss-20b';

/** The first two questions, with nothing special about them. */
export async function answerLocal({ terminal }: Scene): Promise<void> {
  await terminal.answer('Address', '192.168.1.20');
  await terminal.pick('Model', big);
}

/** The first three, for somebody without a cloud. */
export async function answerLocalOnly(scene: Scene): Promise<void> {
  await answerLocal(scene);
  await scene.terminal.pick('Cloud', 'none');
}

/** From the last question on to those of which there are more, with what is offered: reading speed, tools, model in front. */
export async function askForMore(terminal: Script, ...questions: readonly string[]): Promise<void> {
  await terminal.pick('More questions', 'yes');
  for (const question of questions) await terminal.enter(question);
}

export async function answerRest({ terminal }: Scene): Promise<void> {
  await terminal.enter('Profile');
  await terminal.pick('Failover', 'yes');
  await terminal.enter('More questions');
}

/** What holds for every screen: nothing secret was ever written, and no line is too long for a terminal of that width. */
export function expectDecent({ terminal, keys }: Scene, columns: number): void {
  for (const key of Object.values(keys)) expect(terminal.written).not.toContain(key.slice(-12));
  const most = (line: string) => (/^[>✓] /.test(line) ? columns : Math.min(columns, 78));
  const tooLong = terminal.screen.lines.filter((line) => line.length > most(line) && line.trim().includes(' '));
  expect(tooLong).toEqual([]);
  expect(terminal.written).not.toMatch(/!/);
  expect(terminal.screen.cursorShown).toBe(true);
}

/** The headlines' numbers. */
export function numbers({ terminal }: Scene): readonly string[] {
  return terminal.screen.lines.flatMap((line) => /^(\d+\/\d+) {2}\S/.exec(line)?.[1] ?? []);
}

export function whole(raw: Record<string, unknown>): Answers {
  return valueIn(validateAnswers(withAsked({ version: 1 }, raw)));
}

import { readFileSync, writeFileSync } from 'node:fs';
import { beforeAll, describe, expect, it } from 'vitest';
import { type Run, runInstaller } from '../machine/paper/installer.ts';
import type { PaperMachine } from '../machine/paper/paper-machine.ts';
import { install, mutatingLines, sharedMachine, unwrapped } from './paper.ts';

const kept = (name: string): string => readFileSync(new URL(`version-1/${name}`, import.meta.url), 'utf8');

/** What the first release left in a home: its answers and the hook of its gateway. */
describe('an installation of the first release', () => {
  let machine: PaperMachine;
  let first: Run;
  let second: Run;
  let changes: readonly string[];

  beforeAll(async () => {
    machine = await sharedMachine();
    const { exitCode, output } = await install(machine);
    expect(exitCode, output).toBe(0);
    const port = String(machine.gatewayPort);
    writeFileSync(machine.layout.savedAnswers, kept('answers.yaml').replace('port: 4000', `port: ${port}`));
    writeFileSync(machine.layout.gatewayHook, kept('local_compat.py.txt'));
    writeFileSync(machine.layout.launchers['claude-local'], '#!/bin/bash\n# claude-local of the first release\n');
    const before = mutatingLines(machine).length;
    const withoutKeys = { env: { ANTHROPIC_DIRECT_KEY: undefined } };
    first = await runInstaller(machine, ['install', '--yes'], withoutKeys);
    changes = mutatingLines(machine).slice(before);
    second = await runInstaller(machine, ['plan'], withoutKeys);
  }, 60_000);

  it('is brought up to date without a question', () => {
    expect(first.exitCode, first.output).toBe(0);
    expect(readFileSync(machine.layout.gatewayHook, 'utf8')).not.toBe(kept('local_compat.py.txt'));
    expect(readFileSync(machine.layout.launchers['claude-local'], 'utf8')).toContain('exec "$claude"');
    expect(changes.filter((line) => /docker compose .* up -d/.test(line))).toHaveLength(1);
  });

  it('keeps what was answered then, and takes the defaults for what was not asked', () => {
    const answers = readFileSync(machine.layout.savedAnswers, 'utf8');
    for (const line of kept('answers.yaml').split('\n').slice(2)) {
      expect(answers).toContain(line.replace('port: 4000', `port: ${machine.gatewayPort}`));
    }
    expect(answers).toContain('leanLocal: true');
  });

  it('is as wanted afterwards', () => {
    expect(second.exitCode, second.output).toBe(0);
    expect(unwrapped(second.output)).toContain('Nothing to do');
  });
});

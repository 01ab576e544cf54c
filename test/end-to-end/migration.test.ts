import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import type { StatusReport } from '../../src/status/report.ts';
import { type Run, runInstaller } from '../machine/paper/installer.ts';
import type { PaperMachine } from '../machine/paper/paper-machine.ts';
import { install, mutatingLines, sharedMachine, unwrapped } from './paper.ts';

const kept = (name: string): string => readFileSync(new URL(`version-1/${name}`, import.meta.url), 'utf8');

/** The name that the first release gave to its runs: the minute alone, without the process. */
const firstRun = '2026-11-22T1501';
const firstLauncher = '#!/bin/bash\n# claude-local of the first release\n';

/** Its journal for these files, as it wrote them. */
function firstJournal(files: Readonly<Record<string, string>>, backup: string): string {
  const at = '2026-11-22T15:01:02.345Z';
  const entries = Object.entries(files).flatMap(([path, text]) => {
    const sha256 = createHash('sha256').update(text).digest('hex');
    const about = { step: 'gateway', resource: 'a file', do: 'write', what: `write ${path}`, path, sha256 };
    return [
      { state: 'begun', ...about },
      { state: 'done', ...about, ...(path.endsWith('.bashrc') ? { backup } : {}) },
    ];
  });
  const all = [{ began: 'install', version: '0.9.0' }, ...entries, { ended: 'install', exitCode: 0 }];
  return all.map((entry) => `${JSON.stringify({ at, run: firstRun, ...entry })}\n`).join('');
}

/** What the first release left in a home: its answers and the hook of its gateway, a journal, a backup and a stamp. */
describe('an installation of the first release', () => {
  let machine: PaperMachine;
  let first: Run;
  let second: Run;
  let changes: readonly string[];
  let before: Run;
  let examined: Run;
  let after: Run;
  let backup: string;

  beforeAll(async () => {
    machine = await sharedMachine();
    const { exitCode, output } = await install(machine);
    expect(exitCode, output).toBe(0);
    const { layout, gatewayPort } = machine;
    backup = `${layout.backupsDir}/${firstRun}-4711${layout.bashrc}`;
    const left = {
      [layout.savedAnswers]: kept('answers.yaml').replace('port: 4000', `port: ${gatewayPort}`),
      [layout.gatewayHook]: kept('local_compat.py.txt'),
      [layout.launchers['claude-local']]: firstLauncher,
      [layout.bashrc]: readFileSync(layout.bashrc, 'utf8'),
    };
    for (const [path, text] of Object.entries(left)) writeFileSync(path, text);
    mkdirSync(dirname(backup), { recursive: true });
    writeFileSync(backup, '# what stood there before\n', { mode: 0o600 });
    writeFileSync(layout.journal, firstJournal(left, backup));
    writeFileSync(layout.proofStamp, '0123456789abcdef 2026-11-22T15:03:00.000Z\n');
    const lines = mutatingLines(machine).length;
    const withoutKeys = { env: { ANTHROPIC_DIRECT_KEY: undefined } };
    before = await runInstaller(machine, ['status', '--json'], withoutKeys);
    examined = await runInstaller(machine, ['doctor', '--only', 'drift'], withoutKeys);
    first = await runInstaller(machine, ['install', '--yes'], withoutKeys);
    changes = mutatingLines(machine).slice(lines);
    second = await runInstaller(machine, ['plan'], withoutKeys);
    after = await runInstaller(machine, ['status', '--json'], withoutKeys);
  });

  it('is told by status: what the older version wrote, and that it is should be different now', () => {
    const report = reportOf(before);
    expect(before.exitCode).toBe(2);
    expect(report.program.wroteLast).toBe('0.9.0');
    expect(report.lastRun).toMatchObject({ id: firstRun, command: 'install', version: '0.9.0', exitCode: 0 });
    expect(report.proven).toMatchObject({ at: '2026-11-22T15:03:00.000Z', claudeCode: null });
    expect(report.sentinel).toEqual({ chosen: false, timer: null, found: null });
    const objects = 'objects' in report.drift ? report.drift.objects : [];
    expect(Object.fromEntries(objects.map(({ title, state }) => [title, state]))).toMatchObject({
      'your answers': 'as-wanted',
      "gateway's local_compat.py": 'wanted-otherwise',
      'claude-local': 'wanted-otherwise',
      '~/.bashrc': 'as-wanted',
    });
  });

  it('is a note of doctor for each step, not a finding for each file', () => {
    const notes = examined.output.match(/· drift: .*/g) ?? [];
    expect(new Set(notes.map((note) => note.split(':')[1])).size).toBe(notes.length);
    expect(examined.output).toMatch(/· drift: .*: \d+ things differ from your answers/);
  });

  it('is brought up to date without a question', () => {
    expect(first.exitCode, first.output).toBe(0);
    expect(readFileSync(machine.layout.gatewayHook, 'utf8')).not.toBe(kept('local_compat.py.txt'));
    expect(readFileSync(machine.layout.launchers['claude-local'], 'utf8')).toContain('exec "$claude"');
    expect(changes.filter((line) => /docker compose .* up --detach/.test(line))).toHaveLength(1);
  });

  it('keeps what was answered then, and takes the defaults for what was not asked', async () => {
    const answers = readFileSync(machine.layout.savedAnswers, 'utf8');
    expect(answers).toBe(kept('answers.yaml').replace('port: 4000', `port: ${machine.gatewayPort}`));
    const shown = (await runInstaller(machine, ['answers', 'show'])).stdout;
    for (const line of ['leanLocal: true', 'sentinel: false']) expect(shown).toContain(line);
  });

  it('keeps its journal and its backups, and gets no sentinel that nobody chose', () => {
    const { layout } = machine;
    expect(readFileSync(layout.journal, 'utf8')).toContain(`"run":"${firstRun}"`);
    expect([readFileSync(backup, 'utf8'), statSync(backup).mode & 0o777]).toEqual([
      '# what stood there before\n',
      0o600,
    ]);
    const { sentinelScript, sentinelService, sentinelTimer } = layout;
    expect([sentinelScript, sentinelService, sentinelTimer].filter(existsSync)).toEqual([]);
  });

  it('is as wanted afterwards', () => {
    expect(second.exitCode, second.output).toBe(0);
    expect(unwrapped(second.output)).toContain('Nothing to do');
    const report = reportOf(after);
    expect([after.exitCode, report.asWanted]).toEqual([0, true]);
    expect(report.program.wroteLast).toBe(report.program.version);
    expect(report.proven).toMatchObject({ claudeCode: '2.1.332', changedSince: [] });
  });
});

function reportOf({ stdout }: Run): StatusReport {
  return JSON.parse(stdout.split('\n').find((line) => line.includes('"asWanted"')) ?? '') as StatusReport;
}

import { execFile, execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { promisify } from 'node:util';
import { beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { builtProgram } from '../machine/paper/installer.ts';
import { unwrapped } from './paper.ts';

let program = '';
beforeAll(async () => {
  program = await builtProgram();
});

/** Runs a line of bash in which `$it` is the built program. */
function bash(line: string, env: Readonly<Record<string, string>> = {}, cwd = tmpdir()) {
  const words = ['-c', `it='${process.execPath} ${program}'; ${line}`];
  const { status, stdout, stderr } = spawnSync('/bin/bash', ['--norc', ...words], {
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { PATH: process.env['PATH'] ?? '', HOME: '/nonexistent', LANG: 'C.UTF-8', ...env },
    cwd,
  });
  return { exitCode: status, stdout, said: unwrapped(`${stdout} ${stderr}`) };
}

function folder(): string {
  const path = mkdtempSync(`${tmpdir()}/surroundings-`);
  onTestFinished(() => rmSync(path, { recursive: true, force: true }));
  return path;
}

/** Commands that print, and what they end with where all is well. */
const printing: readonly (readonly [words: string, exitCode: number])[] = [
  ['--help', 0],
  ['answers schema', 0],
  ['status --json', 69],
];

describe('output', () => {
  test.each(printing)('of %s that cannot be written ends with another code than 0, in words', (words, exitCode) => {
    const full = bash(`$it ${words} > /dev/full`);
    expect(full.exitCode).toBe(exitCode === 0 ? 74 : exitCode);
    expect(full.said).toContain('Problem: the output could not be written: ENOSPC');
    expect(full.said).not.toMatch(/ at .*node:|a fault in this program/);
  });

  test.each(printing)('of %s whose reader went away ends quietly, as it would have ended', (words, exitCode) => {
    const cut = bash(`$it ${words} | true; echo "ended with \${PIPESTATUS[0]}"`);
    expect(cut.said.trim()).toBe(`ended with ${exitCode}`);
  });

  test('that is closed is none', () => {
    expect(bash('$it --help >&-').said.trim()).toBe('');
    expect(bash('$it status >&- 2>&-').exitCode).toBe(69);
  });

  test('is whole, however slowly it is read', async () => {
    const whole = execFileSync(process.execPath, [program, 'answers', 'schema'], { encoding: 'utf8' });
    const line = `'${process.execPath}' '${program}' answers schema | (sleep 1; cat)`;
    const { stdout } = await promisify(execFile)('/bin/bash', ['--norc', '-c', line], { maxBuffer: 10_000_000 });
    expect(stdout).toBe(whole);
  });
});

describe('words that were typed', () => {
  test('come back harmless', () => {
    const { exitCode, said } = bash('$it "$WORD"', { WORD: '\x1b[31mst\u202ea\rtus\x07' });
    expect(exitCode).toBe(64);
    expect(said).toContain('Problem: there is no command');
    expect(said).not.toContain('More:');
    expect(said).not.toMatch(/[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e]/);
  });
});

describe('a directory that does not exist any more', () => {
  test('is no hindrance, and is told', () => {
    const gone = folder();
    const line = (words: string) => `mkdir ${gone}/x; cd ${gone}/x; rmdir ${gone}/x; $it ${words}`;
    const status = bash(line('status'));
    expect(status.exitCode).toBe(69);
    expect(status.said).toContain('the current directory no longer exists');
    expect(status.said).toContain('Problem: nothing is installed');
    const example = bash(line('answers init'));
    expect([example.exitCode, example.stdout.split('\n')[0]]).toEqual([
      0,
      '# Answers for  claude-routing-install --yes --answers FILE',
    ]);
  });
});

describe('a problem that ends a command', () => {
  test('has a code, which a person can have explained and a program can read', () => {
    const { said } = bash('$it status', { HOME: folder() });
    expect(said).toMatch(
      /Problem: nothing is installed .* Fix: install first: .* More: claude-routing-install explain nothing-installed $/,
    );
    const explained = bash('$it explain nothing-installed');
    expect([explained.exitCode, explained.said]).toEqual([
      0,
      expect.stringMatching(/^nothing-installed: .* Causes: .* Fix: /),
    ]);
    const { exitCode, stdout } = bash('$it status --json', { HOME: folder() });
    expect([exitCode, JSON.parse(stdout.trim().split('\n').at(-1) ?? '')]).toEqual([
      69,
      {
        type: 'problem',
        tone: 'bad',
        code: 'nothing-installed',
        problem: expect.stringContaining('nothing is installed'),
        fix: expect.stringContaining('install first'),
      },
    ]);
  });
});

describe('HOME', () => {
  test.each(['rel', '/a$b'])('%j is refused by what needs it, and by nothing else', (home) => {
    for (const words of ['doctor', 'uninstall --dry-run']) {
      const { exitCode, said } = bash(`$it ${words}`, { HOME: home });
      expect({ words, exitCode }).toEqual({ words, exitCode: 69 });
      expect(said).toMatch(/Problem: HOME is .* Fix: correct it: export HOME=\//);
    }
    expect(bash('$it answers init', { HOME: home }).exitCode).toBe(0);
  });

  test('that is empty is not there', () => {
    const { exitCode, said } = bash('$it answers schema', { HOME: '' });
    expect(exitCode).toBe(0);
    expect(said).not.toContain('Problem');
  });
});

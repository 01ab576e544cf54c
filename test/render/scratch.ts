import { execFile } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach } from 'vitest';

const made: string[] = [];

afterEach(() => {
  for (const directory of made.splice(0)) rmSync(directory, { recursive: true, force: true });
});

/** An empty directory that is gone after the test. */
export function scratchDirectory(name = 'home'): string {
  const parent = mkdtempSync(join(tmpdir(), 'claude-routing-'));
  made.push(parent);
  const directory = join(parent, name);
  mkdirSync(directory);
  return directory;
}

/** Writes a file and the directories above it. */
export function put(path: string, text: string, mode = 0o644): void {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, text);
  chmodSync(path, mode);
}

export interface Ran {
  readonly exitCode: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs a program with exactly this environment. */
export function run(
  file: string,
  args: readonly string[],
  options: { readonly env?: Readonly<Record<string, string>>; readonly cwd?: string; readonly input?: string } = {},
): Promise<Ran> {
  return new Promise((resolve) => {
    const child = execFile(
      file,
      args,
      { env: { ...options.env }, cwd: options.cwd ?? tmpdir(), timeout: 100_000, maxBuffer: 1 << 24 },
      (error, stdout, stderr) => {
        const exitCode = error === null ? 0 : typeof error.code === 'number' ? error.code : 127;
        resolve({ exitCode, stdout, stderr });
      },
    );
    // A program may end without reading its input.
    child.stdin?.on('error', () => undefined).end(options.input ?? '');
  });
}

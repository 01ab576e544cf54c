// Brings a fresh clone to the point where TypeScript can be run: dependencies installed, program built.
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

export const root = fileURLToPath(new URL('../..', import.meta.url));

/** Runs a program of the repository in the foreground; ends this process with its exit code when it fails. */
export function run(file, args) {
  const { status, error } = spawnSync(file, args, { cwd: root, stdio: 'inherit' });
  if (error !== undefined) throw error;
  if (status !== 0) process.exit(status ?? 1);
}

/** Installs what package-lock.json names, unless it is there, and builds the program. */
export function setUp() {
  if (!existsSync(`${root}/node_modules/.package-lock.json`)) run('npm', ['ci', '--no-audit', '--no-fund']);
  run(process.execPath, ['build.mjs']);
}

import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, rename, rm } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { withLock } from './lab/cache.ts';
import { labCache } from './stand-ins/download-cache.ts';

const run = promisify(execFile);
const root = fileURLToPath(new URL('../../', import.meta.url));

/** The commit of release 1.1.0 in this repository's history. */
const FORMER_COMMIT = '9329eb1cc2295efb87016c445b3d09568f5ba139';

/** The program of release 1.1.0, built from this repository's history on first use. Fails where the history is not there. */
export async function formerProgram(): Promise<string> {
  const folder = `${labCache()}/former-${FORMER_COMMIT}`;
  const program = `${folder}/dist/claude-routing-install.mjs`;
  await withLock(folder, async () => {
    if (!existsSync(program)) await build(folder);
  });
  return program;
}

async function build(folder: string): Promise<void> {
  const unfinished = `${folder}.unfinished`;
  await rm(unfinished, { recursive: true, force: true });
  await mkdir(unfinished, { recursive: true });
  await run('sh', ['-c', `git -C "$1" archive ${FORMER_COMMIT} | tar -x -C "$2"`, 'sh', root, unfinished]);
  await run('npm', ['ci', '--no-audit', '--no-fund'], { cwd: unfinished });
  await run(process.execPath, ['build.mjs'], { cwd: unfinished });
  await rename(unfinished, folder);
}

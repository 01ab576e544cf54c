import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { setTimeout as pause } from 'node:timers/promises';
import { afterAll, describe, expect, it } from 'vitest';
import { imagePullAhead } from '../../src/docker-client/docker.ts';

const folder = mkdtempSync(`${tmpdir()}/pull-ahead-`);
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** A docker whose engine is there the second time that it is asked, and that pulls for as long as it is let. */
const docker = `#!/bin/sh
[ "$1" = version ] && { [ -e ${folder}/up ] && exit; touch ${folder}/up; exit 1; }
echo "$@" > ${folder}/asked
echo $$ > ${folder}/pid
exec sleep 60
`;
writeFileSync(`${folder}/docker`, docker, { mode: 0o700 });

/** What the first look after `isTrue` said, for ten seconds at most. */
async function becomes(isTrue: () => boolean): Promise<boolean> {
  for (let turn = 0; turn < 100 && !isTrue(); turn += 1) await pause(100);
  return isTrue();
}

describe('an image that is fetched beside the steps', () => {
  it('is not waited for, and is given up once the program that began it is gone', async () => {
    const { file, args } = imagePullAhead({ sessionEnv: {} }, 'example.org/image:1').command;
    // A shell stands for the program: it begins the pull, works on for a while, and ends.
    const program = `"$@" && sleep 2 && kill -0 $(cat ${folder}/pid)`;
    const ended = spawnSync('sh', ['-c', program, 'sh', file, ...args], {
      env: { PATH: `${folder}:${process.env.PATH}` },
      timeout: 20_000,
    });
    expect(ended.status).toBe(0);
    expect(readFileSync(`${folder}/asked`, 'utf8')).toBe('pull --quiet example.org/image:1\n');
    const pid = readFileSync(`${folder}/pid`, 'utf8').trim();
    expect(await becomes(() => !existsSync(`/proc/${pid}`))).toBe(true);
  });
});

import { execFile } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { describe, expect, it, onTestFinished } from 'vitest';
import { builtProgram, paperProgram } from '../machine/paper/installer.ts';
import { paperFolderVariable } from '../machine/paper/paper-variable.ts';
import { freshMachine } from './paper.ts';

/** Words that only the harness knows. */
const traces = [paperFolderVariable, 'PAPER MACHINE', 'machine.json', 'paper-machine'];

describe('the program that is shipped', () => {
  it('holds nothing of the harness, whose own build does', async () => {
    const [released, onPaper] = [
      readFileSync(await builtProgram(), 'utf8'),
      readFileSync(await paperProgram(), 'utf8'),
    ];
    expect(traces.filter((word) => released.includes(word))).toEqual([]);
    expect(traces.filter((word) => onPaper.includes(word))).toContain(paperFolderVariable);
  });

  it('is all that a package holds', () => {
    const { files } = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8')) as {
      readonly files: readonly string[];
    };
    expect(files).toEqual(['dist']);
    const shipped = readdirSync(new URL('../../dist', import.meta.url)).sort();
    expect(shipped).toEqual(['THIRD-PARTY-LICENCES.txt', 'claude-routing-install.mjs']);
  });

  it.each([[['plan', '--json']], [['status', '--json']], [['answers', 'path']]])(
    'says and does the same whatever the variable of the harness names: %j',
    async (words) => {
      const machine = await freshMachine({ user: 'somebody-on-paper' });
      const home = mkdtempSync(`${tmpdir()}/home-`);
      onTestFinished(() => rmSync(home, { recursive: true, force: true }));
      const env = { PATH: '/usr/bin:/bin', HOME: home, NO_COLOR: '1' };
      const plain = await released(words, env);
      const redirected = await released(words, { ...env, [paperFolderVariable]: machine.folder });
      expect(redirected).toEqual(plain);
      expect(plain.output).not.toContain('somebody-on-paper');
      expect(machine.log.calls).toEqual([]);
    },
  );
});

/** Runs the shipped program on this very machine, for looks only; times are taken out. */
async function released(words: readonly string[], env: NodeJS.ProcessEnv) {
  const file = await builtProgram();
  return await new Promise<{ exitCode: number; output: string }>((resolve) => {
    execFile(process.execPath, [file, ...words], { env, timeout: 60_000 }, (error, stdout, stderr) =>
      resolve({
        exitCode: typeof error?.code === 'number' ? error.code : error === null ? 0 : -1,
        output: `${stdout}${stderr}`.replaceAll(/\d+(\.\d+)? (m?s|GB)\b|"ms":[\d.]+/g, '…'),
      }),
    );
  });
}

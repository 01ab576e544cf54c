import { execFile } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { publint } from 'publint';
import { describe, expect, it, onTestFinished } from 'vitest';
import { builtProgram, paperProgram } from '../machine/paper/installer.ts';
import { paperFolderVariable } from '../machine/paper/paper-variable.ts';
import { run } from '../render/scratch.ts';
import { freshMachine } from './paper.ts';

const root = fileURLToPath(new URL('../../', import.meta.url));

/** Words that only the harness knows. */
const traces = [paperFolderVariable, 'PAPER MACHINE', 'machine.json', 'paper-machine'];

describe('the program that is shipped', () => {
  it('holds nothing of the harness, whose own build does', async () => {
    const textsIn = (folder: string) => readdirSync(folder).map((name) => readFileSync(`${folder}/${name}`, 'utf8'));
    const released = [readFileSync(await builtProgram(), 'utf8'), ...textsIn(`${root}dist/package`)].join('\n');
    const onPaper = [readFileSync(await paperProgram(), 'utf8'), ...textsIn(`${root}build/parts`)].join('\n');
    expect(traces.filter((word) => released.includes(word))).toEqual([]);
    expect(traces.filter((word) => onPaper.includes(word))).toContain(paperFolderVariable);
  });

  it('is all that a package holds, and npx runs it from the tarball alone', async () => {
    await builtProgram();
    const folder = mkdtempSync(`${tmpdir()}/packed-`);
    onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
    const env = { PATH: process.env['PATH'] ?? '', HOME: folder, npm_config_cache: `${folder}/cache` };
    const packed = await run('npm', ['pack', '--json', '--ignore-scripts', '--pack-destination', folder], {
      env,
      cwd: root,
    });
    const [{ files, filename }] = JSON.parse(packed.stdout) as [{ filename: string; files: { path: string }[] }];
    const rest = files.map(({ path }) => path).filter((path) => !/^dist\/package\/part-[A-Z0-9]+\.cjs$/.test(path));
    expect(rest.sort()).toEqual([
      'LICENSE',
      'README.md',
      'dist/THIRD-PARTY-LICENCES.txt',
      'dist/answers.schema.json',
      'dist/package/claude-routing-install.cjs',
      'package.json',
    ]);
    const words = [
      '--yes',
      '--offline',
      '--package',
      `${folder}/${filename}`,
      'claude-routing-install',
      'explain',
      '--json',
    ];
    const ran = await run('npx', words, { env, cwd: folder });
    expect(ran).toMatchObject({ exitCode: 0, stdout: expect.stringContaining('port-taken') });
  });

  it('is as package managers want it', async () => {
    await builtProgram();
    const { messages } = await publint({ pkgDir: root, strict: true });
    expect(messages).toEqual([]);
  });

  it('finds in each part that it reads late what it takes from it', async () => {
    await builtProgram();
    const folder = `${root}dist/package`;
    const late = readdirSync(folder).flatMap((name) =>
      [...readFileSync(`${folder}/${name}`, 'utf8').matchAll(/then\(\(\)=>__toESM\(require\("(\.\/[^"]+)"\)/g)].map(
        ([, part = '']) => part,
      ),
    );
    expect(new Set(late).size).toBeGreaterThan(15);
    for (const part of new Set(late)) {
      const names = Object.keys(createRequire(import.meta.url)(join(folder, part)) as object);
      expect([part, names.filter((name) => name !== 'default').length]).not.toEqual([part, 0]);
    }
  });

  it('reads little of itself for a version or for help', async () => {
    await builtProgram();
    const entry = `${root}dist/package/claude-routing-install.cjs`;
    expect(readAtOnce(entry)).toBeLessThan(10_000);
    const parts = readdirSync(`${root}dist/package`).map((name) => `${root}dist/package/${name}`);
    const giving = (name: string) => parts.filter((part) => readFileSync(part, 'utf8').includes(`${name}:()=>${name}`));
    const [first = '', parser = '', ...others] = [...giving('answer'), ...giving('readCommandLine')];
    expect(others).toEqual([]);
    expect(readAtOnce(first)).toBeLessThan(60_000);
    expect(readAtOnce(parser)).toBeLessThan(200_000);
  });

  it.each(['--help', 'doctor why --help', 'secrets -h', 'completion bash', 'completion zsh', 'completion fish'])(
    'says of %s in the package, where it is written down, what the single file says',
    async (line) => {
      const single = await builtProgram();
      const [written, asked] = await Promise.all(
        [`${root}dist/package/claude-routing-install.cjs`, single].map((file) =>
          run(process.execPath, [file, ...line.split(' ')], { env: { PATH: '/usr/bin:/bin' } }),
        ),
      );
      expect(written).toEqual(asked);
      expect(written?.stdout).toContain('claude-routing-install');
    },
  );

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

/** The size of a part and of everything that it cannot do without, in bytes. */
function readAtOnce(part: string, seen = new Set<string>()): number {
  if (seen.has(part)) return 0;
  seen.add(part);
  const text = readFileSync(part, 'utf8');
  const others = [...text.matchAll(/(?<!__toESM\()require\("(\.\/[^"]+)"\)/g)].map(([, name = '']) =>
    join(dirname(part), name),
  );
  return others.reduce((sum, other) => sum + readAtOnce(other, seen), text.length);
}

/** Runs the shipped program on this very machine, for looks only; times are taken out. */
async function released(words: readonly string[], env: NodeJS.ProcessEnv) {
  const file = await builtProgram();
  return await new Promise<{ exitCode: number; output: string }>((resolve) => {
    execFile(process.execPath, [file, ...words], { env, timeout: 60_000 }, (error, stdout, stderr) =>
      resolve({
        exitCode: typeof error?.code === 'number' ? error.code : error === null ? 0 : -1,
        // On this machine somebody else may be at work with packages, and is waited for.
        output: `${stdout}${stderr}`
          .replaceAll(/.*Waiting for .*\n/g, '')
          .replaceAll(/\d+(\.\d+)? (m?s|GB)\b|"ms":[\d.]+/g, '…'),
      }),
    );
  });
}

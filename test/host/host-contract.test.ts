import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { afterEach, describe, expect, it } from 'vitest';
import { shellLine } from '../../src/engine/event.ts';
import { type CommandResult, EffectFailed, type Host } from '../../src/host/host.ts';
import { RealHost } from '../../src/host/real-host.ts';
import { createMasking, Secret } from '../../src/host/secret.ts';
import { FakeHost } from '../machine/doubles/fake-host.ts';

/** One machine seen through a host, with the same few things in it. */
interface Subject {
  readonly host: Host;
  /** An existing directory of its own. */
  readonly folder: string;
  readonly text: (path: string) => string | undefined;
  readonly mode: (path: string) => number | undefined;
  readonly put: (path: string, text: string, mode: number) => void;
  /** A command of the shell that ends so, and says so; how it is called. */
  readonly command: (script: string, result: CommandResult) => { file: string; args: string[] };
}

const folders: string[] = [];
afterEach(() => {
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true });
});

function realSubject(): Subject {
  const root = mkdtempSync(`${tmpdir()}/host-`);
  folders.push(root);
  const folder = `${root}/data`;
  mkdirSync(folder);
  const env = { PATH: '/usr/bin:/bin' };
  return {
    host: new RealHost({ uid: 1000, env, backupFolder: `${root}/backups`, masking: createMasking() }),
    folder,
    text: (path) => ifThere(() => readFileSync(path, 'utf8')),
    mode: (path) => ifThere(() => statSync(path).mode & 0o7777),
    put: (path, text, mode) => {
      writeFileSync(path, text);
      chmodSync(path, mode);
    },
    command: (script) => ({ file: 'sh', args: ['-c', script] }),
  };
}

function ifThere<Result>(look: () => Result): Result | undefined {
  try {
    return look();
  } catch {
    return undefined;
  }
}

function fakeSubject(): Subject {
  const host = new FakeHost().put('/data/.keep', '');
  host.files.delete('/data/.keep');
  return {
    host,
    folder: '/data',
    text: (path) => host.files.get(path)?.text,
    mode: (path) => host.files.get(path)?.mode,
    put: (path, text, mode) => void host.put(path, { text, mode }),
    command: (script, result) => {
      const command = { file: 'sh', args: ['-c', script] };
      host.tell(shellLine(command), result);
      return command;
    },
  };
}

describe.each([
  ['the real host', realSubject],
  ['the fake host', fakeSubject],
])('%s', (_, subject) => {
  it('reads a file, and nothing where there is none', async () => {
    const { host, folder, put } = subject();
    put(`${folder}/a`, 'text', 0o640);
    expect(await host.readFile(`${folder}/a`)).toBe('text');
    expect(await host.readFile(`${folder}/b`)).toBeUndefined();
    expect(await host.readFile(`${folder}/a/below`)).toBeUndefined();
    expect(await host.readFile(folder)).toBeUndefined();
  });

  it('tells kind and mode, and nothing where there is nothing', async () => {
    const { host, folder, put } = subject();
    put(`${folder}/a`, 'text', 0o640);
    expect(await host.stat(`${folder}/a`)).toMatchObject({ kind: 'file', mode: 0o640, size: 4 });
    expect(await host.stat(folder)).toMatchObject({ kind: 'directory' });
    expect(await host.stat(`${folder}/b`)).toBeUndefined();
  });

  it('lists names, and none where there is no directory', async () => {
    const { host, folder, put } = subject();
    put(`${folder}/b`, '', 0o600);
    put(`${folder}/a`, '', 0o600);
    expect([...(await host.list(folder))].sort()).toEqual(['a', 'b']);
    expect(await host.list(`${folder}/none`)).toEqual([]);
  });

  it('writes a new file with its mode and keeps nothing, because there was nothing', async () => {
    const { host, folder, text, mode } = subject();
    expect(await host.perform({ do: 'write', path: `${folder}/a`, content: new Secret('text'), mode: 0o600 })).toEqual(
      {},
    );
    expect([text(`${folder}/a`), mode(`${folder}/a`)]).toEqual(['text', 0o600]);
  });

  it('keeps what it replaces, mode and all', async () => {
    const { host, folder, text, mode, put } = subject();
    put(`${folder}/a`, 'old', 0o644);
    const { backup = '' } = await host.perform({ do: 'write', path: `${folder}/a`, content: 'new', mode: 0o755 });
    expect([text(`${folder}/a`), mode(`${folder}/a`), text(backup), mode(backup)]).toEqual([
      'new',
      0o755,
      'old',
      0o644,
    ]);
  });

  it('keeps what it removes', async () => {
    const { host, folder, text, put } = subject();
    put(`${folder}/a`, 'old', 0o644);
    const { backup = '' } = await host.perform({ do: 'remove', path: `${folder}/a` });
    expect([text(`${folder}/a`), text(backup)]).toEqual([undefined, 'old']);
  });

  it('removes what is not there without a word', async () => {
    const { host, folder } = subject();
    expect(await host.perform({ do: 'remove', path: `${folder}/a` })).toEqual({});
  });

  it('makes a directory with its mode', async () => {
    const { host, folder, mode } = subject();
    await host.perform({ do: 'make-directory', path: `${folder}/d`, mode: 0o700 });
    expect([await host.stat(`${folder}/d`), mode(`${folder}/d`)]).toMatchObject([{ kind: 'directory' }, 0o700]);
  });

  it('fails to write where there is no directory', async () => {
    const { host, folder } = subject();
    await expect(
      host.perform({ do: 'write', path: `${folder}/no/a`, content: '', mode: 0o600 }),
    ).rejects.toBeInstanceOf(EffectFailed);
  });

  it('answers a question with exit code and output, and never throws for it', async () => {
    const { host, command } = subject();
    const result = { exitCode: 3, stdout: 'out', stderr: 'err' };
    expect(await host.query(command('echo out; echo err >&2; exit 3', result))).toEqual(result);
  });

  it('throws for a change that did not work, with the last lines', async () => {
    const { host, command } = subject();
    const wanted = command('echo out; echo err >&2; exit 3', { exitCode: 3, stdout: 'out', stderr: 'err' });
    const failure = await host.perform({ do: 'run', why: 'to fail', command: wanted }).catch((error: unknown) => error);
    expect(failure).toBeInstanceOf(EffectFailed);
    expect(failure).toMatchObject({ message: 'sh ended with exit code 3', exitCode: 3, output: ['out', 'err'] });
  });

  it('gives nothing back for a change that worked', async () => {
    const { host, command } = subject();
    expect(
      await host.perform({
        do: 'run',
        why: 'to work',
        command: command('true', { exitCode: 0, stdout: '', stderr: '' }),
      }),
    ).toEqual({});
  });
});

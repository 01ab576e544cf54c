import { randomBytes } from 'node:crypto';
import {
  chmodSync,
  chownSync,
  linkSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { gzipSync } from 'node:zlib';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { EffectFailed, type RunCommand } from '../../src/host/host.ts';
import { RealHost, type RealHostOptions } from '../../src/host/real-host.ts';
import { createMasking, Secret } from '../../src/host/secret.ts';
import { serveRoutes } from '../services/loopback.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(`${tmpdir()}/host-`);
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

function host(options: Partial<RealHostOptions> = {}): RealHost {
  return new RealHost({
    uid: 1000,
    env: { PATH: '/usr/bin:/bin' },
    backupFolder: `${folder}/backups`,
    masking: createMasking(),
    ...options,
  });
}

function shell(script: string, parts: Partial<RunCommand['command']> = {}): RunCommand {
  return { do: 'run', why: 'test', command: { file: 'sh', args: ['-c', script], ...parts } };
}

describe('programs', () => {
  it('that do not exist end with 127, as in a shell', async () => {
    expect(await host().query({ file: 'no-such-program', args: [] })).toMatchObject({ exitCode: 127 });
    expect(await host().query({ file: `${folder}/none`, args: [] })).toMatchObject({ exitCode: 127 });
  });

  it('that may not be run end with 126', async () => {
    writeFileSync(`${folder}/plain`, 'text', { mode: 0o644 });
    expect(await host().query({ file: `${folder}/plain`, args: [] })).toMatchObject({ exitCode: 126 });
  });

  it('that are too slow are ended, and say so', async () => {
    const failure = await host()
      .perform(shell('exec sleep 5', { timeoutMs: 100 }))
      .catch((error: unknown) => error);
    expect(failure).toMatchObject({ message: 'sh ran out of time', exitCode: 124 });
    expect(await host().query({ file: 'sleep', args: ['5'], timeoutMs: 100 })).toMatchObject({ exitCode: 124 });
  });

  it('a change is ended for its silence, not for the time that it takes', async () => {
    const talking = 'for i in 1 2 3 4 5 6; do echo $i; sleep 0.5; done';
    expect(await host().perform(shell(talking, { silenceMs: 2500 }))).toEqual({});
    const silent = host().perform(shell('echo begun; exec sleep 60', { silenceMs: 300 }));
    await expect(silent).rejects.toMatchObject({ message: 'sh ran out of time', exitCode: 124 });
  });

  it('are ended in time where something that they started holds their output open', async () => {
    const holding = shell('sleep 30 & echo begun; exec sleep 30').command;
    const began = performance.now();
    expect(await host().query({ ...holding, timeoutMs: 300 })).toMatchObject({ exitCode: 124, stdout: 'begun' });
    expect(performance.now() - began).toBeLessThan(15_000);
  });

  it('are ended where they do not stop writing, and those that cannot be started say why', async () => {
    const endless = await host().query({ file: 'sh', args: ['-c', 'while :; do printf "%0100000d" 1; done'] });
    expect(endless.exitCode).toBe(126);
    expect(endless.stdout.length).toBeLessThan(30_000_000);
    expect(await host().query({ file: folder, args: [] })).toMatchObject({
      exitCode: 126,
      stderr: expect.stringContaining('EACCES'),
    });
  });

  it('get the environment they are told and nothing of ours', async () => {
    const { stdout } = await host({ env: { PATH: '/usr/bin:/bin', A: 'a' } }).query({
      file: 'env',
      args: [],
      env: { B: new Secret('b') },
    });
    expect(stdout.split('\n').sort()).toEqual(['A=a', 'B=b', 'PATH=/usr/bin:/bin']);
  });

  it('get what is given to them on standard input, and an end of it', async () => {
    expect(await host().query({ file: 'cat', args: [], input: new Secret('sesame') })).toMatchObject({
      stdout: 'sesame',
    });
    expect(await host().query({ file: 'cat', args: [] })).toMatchObject({ exitCode: 0, stdout: '' });
  });

  it('run where they are told', async () => {
    expect((await host().query({ file: 'pwd', args: ['-P'], cwd: folder })).stdout).toContain(
      folder.slice(folder.lastIndexOf('/')),
    );
  });

  it('let every line be heard, masked', async () => {
    const lines: string[] = [];
    const masking = createMasking();
    const key = `key-${randomBytes(8).toString('hex')}`;
    masking.add(new Secret(key));
    await host({ masking, onLine: (line) => void lines.push(line) }).perform(shell(`echo one; echo ${key}`));
    expect(lines).toEqual(['one', '••••']);
  });

  it('that fail show their last lines, masked', async () => {
    const masking = createMasking();
    const key = `key-${randomBytes(8).toString('hex')}`;
    masking.add(new Secret(key));
    const failure = (await host({ masking })
      .perform(shell(`for i in $(seq 30); do echo $i; done; echo "wrong: ${key}" >&2; exit 1`))
      .catch((error: unknown) => error)) as EffectFailed;
    expect(failure.output).toHaveLength(20);
    expect(failure.output.at(-1)).toBe('wrong: ••••');
  });

  it('are tried again while somebody else holds the lock', async () => {
    const effect = {
      ...shell(
        `if [ -e ${folder}/tried ]; then exit 0; fi; touch ${folder}/tried; echo "Could not get lock" >&2; exit 100`,
      ),
      retry: { text: 'Could not get lock', forMs: 5000 },
    };
    expect(await host().perform(effect)).toEqual({});
  });

  it('are not tried again for another reason', async () => {
    const effect = {
      ...shell(`echo x >> ${folder}/tries; exit 100`),
      retry: { text: 'Could not get lock', forMs: 5000 },
    };
    await expect(host().perform(effect)).rejects.toBeInstanceOf(EffectFailed);
    expect(readFileSync(`${folder}/tries`, 'utf8')).toBe('x\n');
  });

  it('that tell how far they are to a terminal alone are given one, and say how they failed', async () => {
    const lines: string[] = [];
    const meter =
      '[ -t 1 ] && printf "%s: 1 of 2\\r\\033[2K%s: 2 of 2\\r\\n" "$0" "$0"; echo "it\'s wrong" >&2; exit 7';
    const command = { file: 'sh', args: ['-c', meter, "a b'c"], tellsTerminals: true };
    const failure = await host({ onLine: (line) => void lines.push(line) })
      .perform({ do: 'run', why: 'look', command })
      .catch((error: unknown) => error);
    expect(lines).toEqual(["a b'c: 1 of 2", "a b'c: 2 of 2", "it's wrong"]);
    expect(failure).toMatchObject({ exitCode: 7, output: ["a b'c: 2 of 2", "it's wrong"] });
  });

  it('are started without one where there is no script', async () => {
    const lines: string[] = [];
    mkdirSync(`${folder}/bin`);
    const command = { file: '/bin/sh', args: ['-c', '[ -t 1 ] || echo plain'], tellsTerminals: true };
    await host({ env: { PATH: `${folder}/bin` }, onLine: (line) => void lines.push(line) }).perform({
      do: 'run',
      why: 'look',
      command,
    });
    expect(lines).toEqual(['plain']);
  });

  it('that change something do not hear Ctrl-C', async () => {
    expect(await host().perform(shell('kill -INT $$; sleep 0.05; exit 0'))).toEqual({});
  });

  it('that change something are out of the reach of the terminal, so that not even docker hears Ctrl-C', async () => {
    const alone = 'test "$(cut -d " " -f 5 /proc/$$/stat)" = $$';
    expect(await host().perform(shell(alone))).toEqual({});
    expect(await host().query(shell(alone).command)).toMatchObject({ exitCode: 1 });
  });
});

describe('sudo', () => {
  function withSudo(uid: number): RealHost {
    mkdirSync(`${folder}/bin`);
    writeFileSync(
      `${folder}/bin/sudo`,
      `#!/bin/sh\nprintf '%s\\n' "$@" > ${folder}/words\n[ "$1" = -n ] && shift\nexec "$@"\n`,
    );
    chmodSync(`${folder}/bin/sudo`, 0o755);
    return host({ uid, env: { PATH: `${folder}/bin:/usr/bin:/bin` } });
  }
  const words = (): readonly string[] => readFileSync(`${folder}/words`, 'utf8').trimEnd().split('\n');

  it('never asks, and gets the environment behind it', async () => {
    await withSudo(1000).perform(shell('true', { sudo: true, env: { LC_ALL: 'C' } }));
    expect(words()).toEqual(['-n', 'env', 'LC_ALL=C', 'sh', '-c', 'true']);
  });

  it('is not needed by root', async () => {
    await withSudo(0).perform(shell('true', { sudo: true }));
    expect(readdirSync(folder)).not.toContain('words');
  });

  it('is given no secret', async () => {
    await expect(
      withSudo(1000).perform(shell('true', { sudo: true, env: { KEY: new Secret('sesame-sesame') } })),
    ).rejects.toThrow(/may not pass through sudo/);
  });

  it('writes a file whole and with its mode, its text on standard input', async () => {
    await withSudo(1000).perform({ do: 'write', path: `${folder}/rooted`, content: 'text\n', mode: 0o644, sudo: true });
    expect([readFileSync(`${folder}/rooted`, 'utf8'), statSync(`${folder}/rooted`).mode & 0o777]).toEqual([
      'text\n',
      0o644,
    ]);
    expect(words().join(' ')).not.toContain('text\n');
    expect(readdirSync(folder)).not.toContain('rooted.new');
  });

  it('makes and removes, and keeps what it removes', async () => {
    const rooted = withSudo(1000);
    await rooted.perform({ do: 'make-directory', path: `${folder}/d`, mode: 0o750, sudo: true });
    expect(statSync(`${folder}/d`).mode & 0o777).toBe(0o750);
    writeFileSync(`${folder}/d/x`, 'old');
    const { backup = '' } = await rooted.perform({ do: 'remove', path: `${folder}/d/x`, sudo: true });
    expect([readdirSync(`${folder}/d`), readFileSync(backup, 'utf8')]).toEqual([[], 'old']);
  });

  it('that would ask is a failure in words', async () => {
    const rooted = withSudo(1000);
    writeFileSync(`${folder}/bin/sudo`, '#!/bin/sh\necho "sudo: a password is required" >&2\nexit 1\n');
    const failure = await rooted
      .perform({ do: 'make-directory', path: `${folder}/d`, mode: 0o750, sudo: true })
      .catch((error: unknown) => error);
    expect(failure).toMatchObject({ message: 'sudo: a password is required' });
  });
});

describe('files', () => {
  it('keep their mode whatever the umask is', async () => {
    const before = process.umask(0o077);
    try {
      await host().perform({ do: 'make-directory', path: `${folder}/d`, mode: 0o755 });
      await host().perform({ do: 'write', path: `${folder}/d/x`, content: '', mode: 0o644 });
    } finally {
      process.umask(before);
    }
    expect([statSync(`${folder}/d`).mode & 0o777, statSync(`${folder}/d/x`).mode & 0o777]).toEqual([0o755, 0o644]);
  });

  it('leave no draft behind, also when they cannot be written', async () => {
    await host().perform({ do: 'write', path: `${folder}/x`, content: 'a', mode: 0o600 });
    mkdirSync(`${folder}/d`);
    await expect(
      host().perform({ do: 'write', path: `${folder}/d`, content: 'a', mode: 0o600 }),
    ).rejects.toBeInstanceOf(EffectFailed);
    expect(readdirSync(folder).sort()).toEqual(['d', 'x']);
  });

  it('written twice in one run keep what was there before the run', async () => {
    writeFileSync(`${folder}/x`, 'before');
    const one = host();
    const first = await one.perform({ do: 'write', path: `${folder}/x`, content: 'first', mode: 0o600 });
    const second = await one.perform({ do: 'write', path: `${folder}/x`, content: 'second', mode: 0o600 });
    expect(second).toEqual(first);
    expect(readFileSync(first.backup ?? '', 'utf8')).toBe('before');
  });

  it('that hold keys are never readable for others, not even as backups', async () => {
    writeFileSync(`${folder}/keys`, 'old', { mode: 0o600 });
    const { backup = '' } = await host().perform({
      do: 'write',
      path: `${folder}/keys`,
      content: new Secret('new'),
      mode: 0o600,
    });
    expect(statSync(backup).mode & 0o777).toBe(0o600);
    expect(statSync(`${folder}/backups`).mode & 0o777).toBe(0o700);
  });

  it('keep their mode as backups, so that they can be put back as they were', async () => {
    writeFileSync(`${folder}/program`, 'old', { mode: 0o755 });
    const { backup = '' } = await host().perform({ do: 'remove', path: `${folder}/program` });
    expect(statSync(backup).mode & 0o777).toBe(0o755);
  });
});

/** A sudo that changes nobody: what root is given is really run. */
function asIfRoot(): RealHost {
  mkdirSync(`${folder}/bin`);
  writeFileSync(`${folder}/bin/sudo`, '#!/bin/sh\n[ "$1" = -n ] && shift\nexec "$@"\n', { mode: 0o755 });
  return host({ env: { PATH: `${folder}/bin:/usr/bin:/bin` } });
}

describe.each([
  ['by this account', false],
  ['by root', true],
])('a file written %s', (_, sudo) => {
  it('keeps its other names, and is never half behind them', async () => {
    const subject = sudo ? asIfRoot() : host();
    writeFileSync(`${folder}/rc`, 'old and longer', { mode: 0o644 });
    linkSync(`${folder}/rc`, `${folder}/other-name`);
    const { backup = '' } = await subject.perform({
      do: 'write',
      path: `${folder}/rc`,
      content: 'new',
      mode: 0o640,
      sudo,
    });
    expect([readFileSync(`${folder}/other-name`, 'utf8'), readFileSync(backup, 'utf8')]).toEqual([
      'new',
      'old and longer',
    ]);
    expect([statSync(`${folder}/rc`).nlink, statSync(`${folder}/rc`).mode & 0o777]).toEqual([2, 0o640]);
    expect(readdirSync(folder).filter((name) => name.endsWith('.new'))).toEqual([]);
  });

  it('keeps owner and group, and what keeps them is no reason to fail where it is not installed', async () => {
    const subject = sudo ? asIfRoot() : host();
    // Only root can give a file away.
    const [owner = 0, group = 0] = process.getuid?.() === 0 ? [1234, 1234] : [process.getuid?.(), process.getgid?.()];
    writeFileSync(`${folder}/rc`, 'old');
    chownSync(`${folder}/rc`, owner, group);
    await subject.perform({ do: 'write', path: `${folder}/rc`, content: 'new', mode: 0o600, sudo });
    expect([statSync(`${folder}/rc`).uid, statSync(`${folder}/rc`).gid]).toEqual([owner, group]);
    if (sudo) return;
    await host({ env: { PATH: folder } }).perform({ do: 'write', path: `${folder}/rc`, content: 'newer', mode: 0o600 });
    expect(readFileSync(`${folder}/rc`, 'utf8')).toBe('newer');
  });
});

describe('requests that change another machine', () => {
  it('fail on an error, and on an error that comes with status 200', async () => {
    const site = await serveRoutes({
      'POST /a': { status: 500, body: 'no memory' },
      'POST /b': { body: { error: 'no such model' } },
      'POST /c': { body: { status: 'loaded' } },
    });
    const send = async (path: string) =>
      await host().perform({ do: 'send', why: 'w', request: { method: 'POST', url: `${site}${path}`, json: {} } });
    await expect(send('/a')).rejects.toMatchObject({ message: 'the server answered HTTP 500', output: ['no memory'] });
    await expect(send('/b')).rejects.toBeInstanceOf(EffectFailed);
    expect(await send('/c')).toEqual({});
  });
});

describe('links', () => {
  it.each([
    ['by this account', false, 0o600],
    ['by root', true, 0o640],
  ])('keep their place, and what is behind them is written and removed %s', async (_, sudo, mode) => {
    const subject = sudo ? asIfRoot() : host();
    mkdirSync(`${folder}/dot`);
    writeFileSync(`${folder}/dot/rc`, 'old', { mode: 0o644 });
    symlinkSync('dot/rc', `${folder}/between`);
    symlinkSync('between', `${folder}/rc`);
    const path = `${folder}/rc`;
    expect(await subject.stat(path)).toMatchObject({ kind: 'file', mode: 0o644, link: `${folder}/dot/rc` });
    const { backup = '' } = await subject.perform({ do: 'write', path, content: 'new', mode, sudo });
    expect([lstatSync(path).isSymbolicLink(), readFileSync(backup, 'utf8')]).toEqual([true, 'old']);
    const behind = `${folder}/dot/rc`;
    expect([readFileSync(behind, 'utf8'), statSync(behind).mode & 0o7777]).toEqual(['new', mode]);
    expect(readdirSync(`${folder}/dot`)).toEqual(['rc']);
    await subject.perform({ do: 'remove', path, sudo });
    expect([await subject.stat(path), readdirSync(`${folder}/dot`)]).toEqual([undefined, []]);
  });

  it.each([false, true])(
    'that lead nowhere are told as such, read as nothing, and never written (root: %s)',
    async (sudo) => {
      const subject = sudo ? asIfRoot() : host();
      symlinkSync('loop', `${folder}/loop`);
      symlinkSync('dot/rc', `${folder}/gone`);
      expect(await subject.stat(`${folder}/loop`)).toMatchObject({ kind: 'link', mode: 0, broken: 'loop' });
      expect(await subject.stat(`${folder}/gone`)).toMatchObject({ broken: 'missing', link: `${folder}/dot/rc` });
      for (const name of ['loop', 'gone']) {
        expect(await subject.readFile(`${folder}/${name}`)).toBeUndefined();
        const write = subject.perform({ do: 'write', path: `${folder}/${name}`, content: 'x', mode: 0o600, sudo });
        await expect(write).rejects.toBeInstanceOf(EffectFailed);
        expect(lstatSync(`${folder}/${name}`).isSymbolicLink()).toBe(true);
      }
    },
  );
});

describe('what is no plain file', () => {
  it('is read as nothing and waited for by nobody', async () => {
    await host().query({ file: 'mkfifo', args: [`${folder}/pipe`] });
    for (const path of [`${folder}/pipe`, '/dev/zero', '/dev/tty', folder])
      expect([path, await host().readFile(path)]).toEqual([path, undefined]);
  });

  it('but what the shell opened for the program is read, as far as it goes', async () => {
    const look = `import { readPlainFile } from ${JSON.stringify(new URL('../../src/host/files/file-looks.ts', import.meta.url).pathname)};
      readPlainFile(process.argv[1]).then((text) => console.log(text?.length), (error) => console.log(error.code));`;
    const tsx = new URL('../../node_modules/.bin/tsx', import.meta.url).pathname;
    writeFileSync(`${folder}/look.mts`, look.replace('process.argv[1]', 'process.argv[2]'));
    const lines = [`echo answers | ${tsx} ${folder}/look.mts /dev/stdin`, `${tsx} ${folder}/look.mts <(echo answers)`];
    const endless = `${tsx} ${folder}/look.mts <(cat /dev/zero)`;
    const env = { PATH: process.env['PATH'] ?? '', HOME: folder };
    const said = await host().query({
      file: 'bash',
      args: ['-c', [...lines, endless].join('; ')],
      env,
      timeoutMs: 60_000,
    });
    expect(said.stdout.split('\n')).toEqual(['8', '8', 'EFBIG']);
  });

  it('hands over no line either, but the lines of a file, however they are cut while reading', async () => {
    const lines = ['', 'ü'.repeat(300_000), 'x', '', 'y'.repeat(2_000_000), 'the last one'];
    writeFileSync(`${folder}/log`, lines.join('\n'));
    const read: string[] = [];
    const whole = Buffer.byteLength(lines.slice(0, -1).join('\n')) + 1;
    expect(await host().readLines(`${folder}/log`, (line) => read.push(line))).toBe(whole);
    expect(read.map((line) => line.slice(0, 20))).toEqual(lines.map((line) => line.slice(0, 20)));
    expect(read.map(({ length }) => length)).toEqual([0, 300_000, 1, 0, 1_000_000, 12]);
    for (const path of [folder, '/dev/zero', `${folder}/none`])
      expect([path, await host().readLines(path, () => read.push(path))]).toEqual([path, undefined]);
    expect(read).toHaveLength(6);
  });

  it('and reads a file on from where its last whole line ended, or anew when it is another one by now', async () => {
    const log = `${folder}/log`;
    const next = async (from?: number) => {
      const read: string[] = [];
      const end = await host().readLines(log, (line) => read.push(line), from);
      return { read, end };
    };
    writeFileSync(log, 'öne\ntw');
    const first = await next();
    writeFileSync(log, 'öne\ntwo\nthree\n');
    const second = await next(first.end);
    expect([first, second]).toEqual([
      { read: ['öne', 'tw'], end: 5 },
      { read: ['two', 'three'], end: 15 },
    ]);
    expect(await next(second.end)).toEqual({ read: [], end: 15 });
    writeFileSync(log, 'new\n');
    expect(await next(second.end)).toEqual({ read: ['new'], end: 4 });
  });

  it('and begins with what is packed beside it, in several pieces too; half of it is an error and no end', async () => {
    const packed = Buffer.concat([gzipSync('one\n'), gzipSync('two\n')]);
    writeFileSync(`${folder}/log.gz`, packed);
    const next = async (from?: number) => {
      const read: string[] = [];
      const end = await host().readLines(`${folder}/log`, (line) => read.push(line), from);
      return { read, end };
    };
    expect(await next()).toEqual({ read: ['one', 'two'], end: undefined });
    const plain: [string, readonly string[]][] = [
      ['three\n', ['one', 'two', 'three']],
      ['two\n', ['one', 'two']],
      ['two\nthree\n', ['one', 'two', 'three']],
      ['two', ['one', 'two', 'two']],
    ];
    for (const [text, read] of plain) {
      writeFileSync(`${folder}/log`, text);
      expect((await next()).read).toEqual(read);
    }
    expect((await next(0)).read).toEqual(['two']);
    writeFileSync(`${folder}/log.gz`, packed.subarray(0, -9));
    await expect(next()).rejects.toThrow(/unexpected end/);
    await expect(next()).rejects.toMatchObject({ path: `${folder}/log.gz` });
  });

  it('and what is too large to be ours is refused', async () => {
    await host().query({ file: 'truncate', args: ['-s', '3G', `${folder}/large`] });
    await expect(host().readFile(`${folder}/large`)).rejects.toThrow(/EFBIG: a file of 3221 MB is too large/);
  });
});

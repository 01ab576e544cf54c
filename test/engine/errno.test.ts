import { mkdtempSync, rmSync, symlinkSync } from 'node:fs';
import { readFile, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { getSystemErrorMap } from 'node:util';
import { describe, expect, onTestFinished, test } from 'vitest';
import { endingOf } from '../../src/cli/ending.ts';
import { refusalIn, refusalInWords, refusalProblem } from '../../src/engine/errno.ts';
import { EffectFailed } from '../../src/host/host.ts';
import { exitCodes } from '../../src/session/exit-codes.ts';

function refused(code: string, path?: string): NodeJS.ErrnoException {
  const where = path === undefined ? '' : ` '${path}'`;
  return Object.assign(new Error(`${code}: in words, open${where}`), {
    code,
    syscall: 'open',
    errno: -1,
    ...(path === undefined ? {} : { path }),
  });
}

describe('what the system refuses', () => {
  const codes = [...getSystemErrorMap().values()].map(([code]) => code);

  test.each(codes)('%s is a problem with a fix, with a path and without, never a fault of this program', (code) => {
    for (const error of [refused(code, '/a b/c'), refused(code)]) {
      const { problems, exitCode } = endingOf(error, false);
      expect(problems).toHaveLength(1);
      expect(problems[0]?.problem).not.toMatch(/fault|undefined/);
      expect(problems[0]?.fix).not.toBe('');
      expect(exitCode).toBe(exitCodes.preconditionNotMet);
    }
  });

  test('is told with its path, which can be copied as it is', () => {
    expect(refusalProblem({ code: 'EDQUOT', path: "/it's/x", message: '' }).problem).toContain("/it's/x");
    expect(refusalProblem({ code: 'EACCES', path: "/it's/x", message: '' })).toEqual({
      code: 'permission-denied',
      problem: "this account may not use /it's/x (permission denied)",
      fix: "see whose it is, and each folder above it:  namei -l '/it'\\''s/x'  and where it should be yours:  sudo chown \"$USER\": '/it'\\''s/x'",
    });
  });

  test.each([
    [{ free: 0, noMoreFiles: false }, 'full (0 kB of 20.0 GB free)', 'sudo du -xh'],
    [{ free: 5e9, noMoreFiles: true }, 'no room for another file', 'df -i'],
  ])('is told of a disk without room with its mount: %j', (room, said, fix) => {
    const mount = { point: '/my disk', size: 20e9, ...room };
    const told = refusalProblem({ code: 'ENOSPC', path: '/my disk/x', message: '' }, () => mount);
    expect(told.problem).toMatch(/^there is no room for \/my disk\/x: what is mounted at \/my disk /);
    expect(told.problem).toContain(said);
    expect(told.fix).toContain(fix);
    expect(told.fix).toContain("'/my disk'");
  });

  test('is known by the words alone, too, and by its cause', async () => {
    const folder = mkdtempSync(`${tmpdir()}/errno-`);
    onTestFinished(() => rmSync(folder, { recursive: true }));
    symlinkSync('loop', `${folder}/loop`);
    const error: Error = await stat(`${folder}/loop`).then(
      () => new Error('it was found'),
      (caught: Error) => caught,
    );
    const { code, path } = refusalInWords(error.message) ?? {};
    expect({ code, path }).toEqual({ code: 'ELOOP', path: `${folder}/loop` });
    expect(refusalIn(new Error('while reading', { cause: error }))?.code).toBe('ELOOP');
    const directory: Error = await readFile(folder).then(
      () => new Error('it was read'),
      (caught: Error) => caught,
    );
    expect(refusalProblem(refusalIn(directory) ?? { code: '', message: '' }).problem).toContain(
      'a directory, not a file',
    );
  });

  test('in the midst of an action is told with the action', () => {
    const effect = { do: 'make-directory', path: '/x', mode: 0o700 } as const;
    const { problems, exitCode } = endingOf(
      new EffectFailed(effect, "EROFS: read-only file system, mkdir '/x'"),
      false,
    );
    expect(problems[0]?.problem).toBe('the disk that holds /x is read-only (while: make directory /x (mode 700))');
    expect(exitCode).toBe(exitCodes.stopped);
  });

  test.each([new TypeError('x is not a function'), new RangeError('too long'), 'a word'])(
    'other errors stay faults: %s',
    (error) => {
      expect(endingOf(error, false).problems[0]?.problem).toMatch(/^a fault in this program: /);
    },
  );
});

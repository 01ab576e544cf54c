import { describe, expect, it } from 'vitest';
import { commandNames, readCommandLine } from '../../src/commands/command-line.ts';
import { helpText } from '../../src/commands/help.ts';
import { problemIn, valueIn } from '../value-in.ts';

const refused: readonly (readonly [words: string, problem: RegExp, fix: RegExp])[] = [
  ['instal', /there is no command instal; did you mean install\?/, /one of: install, plan/],
  ['status all', /there is no argument all/, /--help/],
  ['--yess', /Unknown option '--yess'; did you mean --yes\?/, /--help/],
  ['--answers', /--answers/, /--help/],
  ['plan --days 3', /--days belongs to usage, not to plan/, /--help/],
  ['--print-script', /--print-script belongs to prepare-host, not to install/, /--help/],
  ['drill --dry-run', /--dry-run belongs to install, plan, doctor, update, restore, uninstall, not to drill/, /--help/],
  ['install --purge', /--purge belongs to uninstall, not to install/, /--help/],
  ['usage --days 0', /--days 0 is not a number of days/, /--days 30/],
  ['usage --days week', /--days week is not a number of days/, /--days 30/],
  ['usage --days=', /--days {2}is not a number of days/, /--days 30/],
];

describe('a command line', () => {
  it.each(refused)('%s is told what is wrong with it', (words, problem, fix) => {
    const read = readCommandLine(words.split(' '));
    expect(problemIn(read)).toEqual({ problem: expect.stringMatching(problem), fix: expect.stringMatching(fix) });
  });

  it('means install when it is empty', () => {
    expect(valueIn(readCommandLine([]))).toMatchObject({ command: 'install', words: [], version: false, help: false });
  });

  it('may have its options before and behind the command', () => {
    for (const words of ['--days 3 usage --json', 'usage --json --days 3']) {
      expect(valueIn(readCommandLine(words.split(' ')))).toMatchObject({
        command: 'usage',
        flags: { days: 3, json: true },
      });
    }
  });

  it('hands on the words behind a command that takes some', () => {
    expect(valueIn(readCommandLine(['answers', 'check', 'a.yaml']))).toMatchObject({
      command: 'answers',
      words: ['check', 'a.yaml'],
    });
  });

  it('takes lists in one word or in several', () => {
    expect(valueIn(readCommandLine(['plan', '--only', 'a,b', '--only', 'c']))).toMatchObject({
      flags: { only: ['a', 'b', 'c'] },
    });
  });

  it('answers --help and --version whatever else stands there', () => {
    expect(valueIn(readCommandLine(['nonsense', '--help']))).toMatchObject({ help: true });
    expect(valueIn(readCommandLine(['status', 'x', '--version']))).toMatchObject({ version: true });
  });
});

it.each(commandNames)('--help names %s', (name) => {
  expect(helpText).toMatch(new RegExp(`^  ${name} `, 'm'));
});

import stringWidth from 'string-width';
import { describe, expect, it } from 'vitest';
import { commandTree } from '../../src/cli/command-tree.ts';
import { helpTexts } from '../../src/cli/help.ts';
import { type CommandLine, readCommandLine } from '../../src/cli/read-command-line.ts';
import { writtenHelp } from '../../src/cli/written-help.ts';
import { allCommands, exitsOf, pathOf } from '../../src/command-line/command.ts';
import { nothingTyped } from '../../src/declarations/install-work.ts';
import type { ProblemCode } from '../../src/problem-codes/index.ts';
import { exitCodes } from '../../src/session/exit-codes.ts';
import { Refused } from '../../src/session/program.ts';
import { wrapped } from '../../src/ui/text-layout.ts';

const root = commandTree(() => undefined);
const paths = allCommands(root).map(pathOf);

/** A line as it is typed; no word of it holds a blank. */
function read(line: string): CommandLine {
  return readCommandLine(line.split(' ').filter((word) => word !== ''));
}

function refusalOf(line: string): Refused {
  try {
    read(line);
  } catch (error) {
    if (error instanceof Refused) return error;
    throw error;
  }
  throw new Error(`${line} is not refused`);
}

function help(line: string): string {
  const asked = read(line);
  if (asked.kind !== 'words') throw new Error(`${line} asks for no words`);
  return asked.lines.map(({ text }) => text).join('\n');
}

const refused: readonly (readonly [line: string, code: ProblemCode, problem: RegExp, fix: RegExp])[] = [
  ['instal', 'word-unknown', /^there is no command instal; did you mean install\?$/, /one of: install, plan/],
  ['doctor whi', 'word-unknown', /^there is no doctor command whi; did you mean why\?$/, /one of: why, bundle/],
  ['secrets', 'word-missing', /^the secrets command is missing$/, /one of: set, rotate/],
  ['secrets --from env:A', 'word-missing', /^the secrets command is missing$/, /one of: set, rotate/],
  [
    'secrets set',
    'word-missing',
    /^secrets set needs a NAME$/,
    /secrets set NAME {3}where NAME is LITELLM_MASTER_KEY, ANTHROPIC/,
  ],
  [
    'answers chek a.yaml',
    'word-unknown',
    /^there is no answers command chek; did you mean check\?$/,
    /one of: init, check/,
  ],
  ['help instal', 'word-unknown', /^there is no command instal; did you mean install\?$/, /one of: install, plan/],
  ['status all', 'word-unknown', /^there is no argument all$/, /--help/],
  ['answers init more', 'word-unknown', /^there is no argument more$/, /--help/],
  [
    'doctor why A B',
    'command-line-unclear',
    /^doctor why takes no more than one word$/,
    /claude-routing-install doctor why \[NAME\]$/,
  ],
  ['--yess', 'option-unknown', /^Unknown option '--yess'; did you mean --yes\?$/, /--help/],
  ['--yess usage', 'option-unknown', /^Unknown option '--yess'/, /--help/],
  ['-x', 'option-unknown', /^Unknown option '-x'/, /--help/],
  ['--answers', 'option-value-wrong', /^--answers lacks its value$/, /^--answers FILE; see .*--help/],
  [
    '--answers --yes',
    'option-value-wrong',
    /^--answers is followed by an option instead of its value$/,
    /--answers FILE/,
  ],
  ['--yes=no', 'option-value-wrong', /^--yes takes no value$/, /--help/],
  ['plan --days 3', 'option-unknown', /^--days belongs to usage, routing simulate, not to plan$/, /plan --help/],
  ['--days 3', 'option-unknown', /^--days belongs to usage, routing simulate, not to install$/, /install --help/],
  ['--print-script', 'option-unknown', /^--print-script belongs to prepare-host, not to install$/, /--help/],
  [
    'drill --dry-run',
    'option-unknown',
    /^--dry-run belongs to install, plan, doctor, doctor bundle, use, update, restore, uninstall, prepare-host, not to drill$/,
    /--help/,
  ],
  ['install --purge', 'option-unknown', /^--purge belongs to uninstall, not to install$/, /--help/],
  ['usage --days 0', 'option-value-wrong', /^--days 0 is not a number of days$/, /--days 30/],
  ['usage --days week', 'option-value-wrong', /^--days week is not a number of days$/, /--days 30/],
  ['usage --days=', 'option-value-wrong', /^--days {2}is not a number of days$/, /--days 30/],
];

describe('a command line that cannot be meant', () => {
  it.each(refused)('%s is told what is wrong with it', (line, code, problem, fix) => {
    const { exitCode, problems } = refusalOf(line);
    expect(exitCode).toBe(exitCodes.usage);
    expect(problems).toEqual([{ code, problem: expect.stringMatching(problem), fix: expect.stringMatching(fix) }]);
  });

  it.each([
    'KEY',
    'secrets KEY',
    'secrets set ANTHROPIC_DIRECT_KEY KEY',
    'status KEY',
    '--anthropic-key KEY',
    '--anthropic-key=KEY',
    '--yes=KEY',
  ])('%s does not come back with the key that stands in it', (line) => {
    expect(JSON.stringify(refusalOf(line.replace('KEY', 'sk-ant-CANARY42')).problems)).not.toContain('CANARY');
  });
});

describe('a command line', () => {
  it('means install when it names no command', () => {
    for (const line of ['', '--yes', '--set a=b --only gateway']) expect(read(line)).toMatchObject({ kind: 'work' });
    expect(refusalOf('--purge').message).toContain('not to install');
  });

  it('is not read where nothing is typed, and reading it would say the same', () => {
    const { kind, options, work } = nothingTyped;
    expect(read('')).toEqual({ kind, options, work: { touches: work.touches, run: expect.any(Function) } });
  });

  it.each(['usage --days 3 --json', '--days 3 usage --json', '--json --days=3 -- usage'])(
    '%s may have its options before and behind the command',
    (line) => {
      expect(read(line)).toMatchObject({ options: { days: 3, json: true }, work: { touches: 'own-files' } });
    },
  );

  it('may have options between the words of a command', () => {
    expect(read('secrets --from env:A set --yes ANTHROPIC_DIRECT_KEY')).toMatchObject({
      options: { from: 'env:A', yes: true },
    });
  });

  it('takes a word for the value that it is, although it is the name of a command', () => {
    expect(read('--from set secrets set X')).toMatchObject({ options: { from: 'set' } });
    expect(read('--answers plan')).toMatchObject({ options: { answers: 'plan' } });
  });

  it('takes lists in one word or in several, and every setting', () => {
    const line = 'plan --only a,b --only c --set a=1 --set b=2=3,4 --set=c=';
    expect(read(line)).toMatchObject({ options: { only: ['a', 'b', 'c'], set: ['a=1', 'b=2=3,4', 'c='] } });
    expect(read('plan')).toMatchObject({ options: { only: [], set: [], color: true } });
  });

  it.each(paths)('%s may stand in a script with options that it makes no use of', (path) => {
    const { registeredArguments = [] } = allCommands(root).find((command) => pathOf(command) === path) ?? {};
    const words = registeredArguments.filter(({ required }) => required).map((word) => word.name());
    const line = `${path} ${words.join(' ')} --answers a.yaml --yes --set a=b --ask --only a --skip b --json --verbose --no-color`;
    expect(read(line)).toMatchObject({ kind: 'work', options: { answers: 'a.yaml', yes: true, color: false } });
  });
});

describe('--help', () => {
  it('names every command, with what it is for', () => {
    for (const path of paths) expect(help('--help')).toMatch(new RegExp(`^  ${path} .*  \\S`, 'm'));
  });

  it('names every option, and every exit code', () => {
    const options = allCommands(root).flatMap((command) => command.options);
    for (const { long } of options) expect(help('--help')).toContain(long);
    for (const code of Object.values(exitCodes)) expect(help('--help')).toMatch(new RegExp(`^ *${code} {2}\\S`, 'm'));
  });

  it('is answered whatever else stands there, for the command that is named', () => {
    for (const line of ['nonsense --help', '--help --version', '-h', 'help', '--yes --help'])
      expect(help(line)).toBe(help('--help'));
    for (const line of ['usage --help', '--help usage', 'help usage', 'usage x --days y -h'])
      expect(help(line)).toMatch(/^Usage: claude-routing-install usage /);
    expect(help('doctor why --help')).toMatch(/^Usage: claude-routing-install doctor why .*\[NAME\]/);
    expect(read('status x --version')).toEqual({ kind: 'version', forPrograms: false });
    expect(read('--json --version')).toEqual({ kind: 'version', forPrograms: true });
  });

  it('is written down for the package as the command line would be answered, and for nothing that has to be understood', () => {
    const texts = helpTexts();
    expect(Object.keys(texts)).toEqual(expect.arrayContaining(['', 'secrets', ...paths]));
    for (const path of Object.keys(texts))
      for (const flag of ['--help', '-h'])
        expect({ kind: 'words', lines: writtenHelp([...path.split(' '), flag], texts) }).toEqual(
          read(`${path} ${flag}`),
        );
    for (const line of ['nonsense --help', 'usage --json --help'])
      expect(writtenHelp(line.split(' '), texts)).toBeUndefined();
    expect(writtenHelp(['--help'])).toBeUndefined();
  });

  it.each(paths)(
    'of %s tells each of its options and exit codes, and gives three examples that can be typed',
    (path) => {
      const told = help(`${path} --help`);
      const command = allCommands(root).find((candidate) => pathOf(candidate) === path);
      for (const { long, hidden } of command?.options ?? []) if (!hidden) expect(told).toContain(long);
      const typed = [...told.matchAll(/^ {4}claude-routing-install (.*?)(?: [>|] .*)?$/gm)].map(
        ([, line = '']) => line,
      );
      expect(typed.length).toBeGreaterThanOrEqual(3);
      for (const [code, words] of exitsOf(command ?? root)) expect(told).toContain(`${code}  ${words}`);
      for (const line of typed) expect(read(line)).toMatchObject({ kind: 'work' });
    },
  );

  it.each([40, 80])('fits into %i columns', (columns) => {
    for (const line of ['--help', ...paths.map((path) => `${path} --help`)]) {
      const asked = read(line);
      const lines = asked.kind === 'words' ? asked.lines.filter(({ tone }) => tone !== 'command') : [];
      const shown = lines.flatMap(({ text }) => wrapped(text, columns).split('\n'));
      expect(shown.filter((part) => stringWidth(part) > columns && /\S\s+\S/.test(part.trim()))).toEqual([]);
    }
  });
});

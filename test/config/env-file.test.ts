import { randomBytes, randomInt } from 'node:crypto';
import { parse } from 'dotenv';
import { describe, expect, it } from 'vitest';
import {
  readEnvFile,
  readVariables,
  secretValueProblem,
  setVariables,
  withAssignments,
} from '../../src/config/env-file.ts';
import template from '../../templates/launchers/launcher.bash?raw';
import { put, run, scratchDirectory } from '../render/scratch.ts';
import { alike } from './env-file-forms.ts';

const allowed = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._~+/=:@%-';

/** What `docker run --env-file` does: everything behind the first equals sign, as it stands. */
function containerReads(text: string): Record<string, string> {
  const lines = text.split('\n').filter((line) => line !== '' && !line.startsWith('#'));
  return Object.fromEntries(lines.map((line) => [line.slice(0, line.indexOf('=')), line.slice(line.indexOf('=') + 1)]));
}

async function bashReads(text: string, names: readonly string[]): Promise<Record<string, string>> {
  const file = `${scratchDirectory()}/env`;
  put(file, text, 0o600);
  const show = names.map((name) => `printf '%s\\0' "$${name}"`).join('; ');
  const { stdout } = await run('bash', ['-c', `. "$1"; ${show}`, 'bash', file], {
    env: { PATH: '/usr/bin:/bin', HOME: '/somewhere' },
  });
  const values = stdout.split('\0');
  return Object.fromEntries(names.map((name, index) => [name, values[index] ?? '']));
}

function randomValue(): string {
  const length = randomInt(1, 60);
  return Array.from({ length }, () => allowed[randomInt(allowed.length)]).join('');
}

describe('a value that is let in', () => {
  it('is read alike by bash, the container runtime and dotenv', async () => {
    const values = [
      ...Array.from({ length: 400 }, randomValue),
      ...allowed,
      ...'a=b=c = : %41 a~b -n sk-ant-api03_x-y'.split(' '),
    ];
    const accepted = values.filter((value) => secretValueProblem('X', value) === undefined);
    expect(accepted.length).toBeGreaterThan(380);
    const wanted = Object.fromEntries(accepted.map((value, index) => [`V${index}`, value]));
    const text = setVariables('# head\n', wanted);
    expect(readVariables(text)).toEqual(wanted);
    expect(containerReads(text)).toEqual(wanted);
    expect(await bashReads(text, Object.keys(wanted))).toEqual(wanted);
  });
});

describe('a value that its readers would take differently', () => {
  it.each([
    ['', 'is empty'],
    ['a b', 'a blank'],
    [' a', 'begins or ends with a blank'],
    ['a\n', 'a line break'],
    ['a\rb', 'a line break'],
    ['a"b', 'a quotation mark'],
    ["it's", 'a quotation mark'],
    ['a`b', 'a quotation mark'],
    ['a$b', 'a dollar sign'],
    ['a#b', 'a #'],
    ['a\\b', 'a backslash'],
    ['a\x07b', 'a control character'],
    ['ключ', 'plain ASCII'],
    ['\u201ckey\u201d', 'plain ASCII'],
    ['~/x', 'home directory'],
    ['a:~/x', 'home directory'],
    ['a;b', 'punctuation'],
    ['a&b', 'punctuation'],
    ['(a)', 'punctuation'],
    ['a*', 'punctuation'],
  ])('is refused and named by its kind: %j', (value, words) => {
    expect(secretValueProblem('THE_KEY', value)).toEqual({
      code: 'key-malformed',
      problem: expect.stringMatching(new RegExp(`^the value of THE_KEY .*${words}`)),
      fix: expect.stringContaining('copy the key once more'),
    });
  });

  it('is never shown', () => {
    const canary = randomBytes(12).toString('hex');
    for (const bad of [' ', '"', '$', '#', '\\', '\n', 'ü', ';']) {
      expect(JSON.stringify(secretValueProblem('K', canary + bad + canary))).not.toContain(canary);
    }
  });
});

/** What the launchers read out of a file, by their own few lines of bash. */
async function launcherReads(text: string, name: string): Promise<string> {
  const file = `${scratchDirectory()}/env`;
  put(file, text, 0o600);
  const read = template.slice(template.indexOf('secret() {'), template.indexOf('[ -f "$secrets" ]'));
  return (await run('bash', ['-c', `set -u; secrets=$1\n${read}\nsecret "$2"`, 'bash', file, name])).stdout;
}

describe('a line that is read', () => {
  it.each(alike)('says the same to bash, to dotenv and to this program: %j', async (text, wanted) => {
    expect(readEnvFile(text).unlike).toEqual([]);
    expect(readVariables(text)).toEqual(wanted);
    expect(parse(text)).toEqual(wanted);
    expect(await bashReads(text, Object.keys(wanted))).toEqual(wanted);
  });

  it('may be of any look', async () => {
    const pieces = [
      ...`AB==="'\`\n\n \t#x\\$-.~!*é\u00a0\uFEFF%,;(<`,
      ...['\r\n', ' # c', 'export ', ': ', '{a,b}', '[a]', 'A=1\n', "B='x\n# y'\n"],
    ];
    const texts: string[] = [];
    while (texts.length < 150) {
      const text = Array.from({ length: randomInt(1, 12) }, () => pieces[randomInt(pieces.length)]).join('');
      const { assignments, unlike } = readEnvFile(text);
      if (unlike.length === 0 && assignments.length > 0) texts.push(text);
    }
    const folder = scratchDirectory();
    for (const [index, text] of texts.entries()) put(`${folder}/${index}`, text, 0o600);
    const show = 'for n in A B; do [ -z "${!n+set}" ] || printf "%s=%s\\0" $n "${!n}"; done; printf "\\36"';
    const script = texts.map((_, index) => `( . "$1/${index}"; ${show} )`).join('\n');
    const { stdout } = await run('/bin/bash', ['-c', script, 'bash', folder], {
      env: { PATH: '/nowhere', HOME: '/home/u' },
    });
    const byBash = stdout.split('\x1e').map((one) => one.replace(/\0$/, ''));
    for (const [index, text] of texts.entries()) {
      const { A, B } = readVariables(text);
      const wanted = Object.entries({ A, B }).flatMap(([name, value]) =>
        value === undefined ? [] : [`${name}=${value}`],
      );
      expect([text, byBash[index]]).toEqual([text, wanted.join('\0')]);
      expect([text, parse(text)]).toEqual([text, readVariables(text)]);
      const once = setVariables(text, { A: 'v' });
      expect([text, readVariables(once)]).toEqual([text, { ...readVariables(text), A: 'v' }]);
      expect([text, setVariables(once, { A: 'v' })]).toEqual([text, once]);
      expect(withAssignments(text, (_, written) => written)).toBe(text);
    }
  });

  it('in the middle of a value of several lines is none, to the launchers either', async () => {
    const text = "B='x\nA=2\ny' # it's\nA=1\nC=\"\nA=3\n\"\n";
    expect(readVariables(text)).toEqual({ A: '1', B: 'x\nA=2\ny', C: '\nA=3\n' });
    expect(await launcherReads(text, 'A')).toBe('1');
    expect(await launcherReads('A="1" # x\nexport B=2\n', 'A')).toBe('1');
  });
});

describe('a line that its readers take differently', () => {
  it.each<[text: string, line: number, words: RegExp]>([
    ['Keys:\nA=1\n', 1, /is not NAME=value/],
    ['A=1\nB: 2\n', 2, /is not NAME=value/],
    ['A=1\nhello world\n', 2, /is not NAME=value/],
    ['[keys]\n', 1, /is not NAME=value/],
    ['export A\n', 1, /is not NAME=value/],
    ['A-B=1\n', 1, /is not NAME=value/],
    ['set -a\n', 1, /is not NAME=value/],
    ['A = 1\n', 1, /a blank before the =/],
    ['A= 1\n', 1, /something after the value of A/],
    ['A=a b\n', 1, /something after the value of A/],
    ['A="1"#c\n', 1, /something after the value of A/],
    ["A='1'x\n", 1, /something after the value of A/],
    ['A=1#c\n', 1, /a value that has a # in it/],
    ['A=a$B\n', 1, /a value that has a dollar sign/],
    ['A="a$B"\n', 1, /a \$, a ` or a \\ within double/],
    ['A="a\\nb"\n', 1, /a \$, a ` or a \\ within double/],
    ["A='a\\'\n", 1, /a \\ before the quotation mark/],
    ['A=a\\b\n', 1, /a backslash in it/],
    ['A=`x`\n', 1, /a quotation mark within/],
    ["A=don't\n", 1, /a quotation mark within/],
    ['A=1;B=2\n', 1, /a character in it that the shell acts on/],
    ['A=~/x\n', 1, /where the shell puts a home directory/],
    ['export A={1,2}\n', 1, /a pattern in it/],
    ['A=1\u00a0\n', 1, /cannot be seen/],
    ['\n\nA="x\nB=2\n', 3, /never closed/],
    ['A=1\r\n', 1, /carriage return/],
    ['\uFEFFA=1\n', 1, /byte order mark/],
    ['A=1\0\n', 1, /control character/],
    ['A="x\ny\0"\nB=2\n', 1, /control character/],
  ])('is named by its number and its kind: %j', (text, line, words) => {
    expect(readEnvFile(text).unlike[0]).toMatchObject({ line, what: expect.stringMatching(words) });
  });

  it('shows nothing of what it holds', () => {
    const canary = randomBytes(12).toString('hex');
    const { unlike } = readEnvFile(`A="${canary}\n${canary}: 1\nB=${canary};${canary}\nC=${canary} ${canary}\n`);
    expect(unlike).toHaveLength(4);
    expect(JSON.stringify(unlike)).not.toContain(canary);
  });

  it('leaves those below it alone where it may reach into them', () => {
    const drop = (text: string) => withAssignments(text, () => '');
    expect(drop("Keys:\nA=1\nB='\nA=2\n'\n")).toBe('Keys:\n');
    expect(drop("A=1\nB=it's\nA=2\nC=isn't\n")).toBe("B=it's\nA=2\nC=isn't\n");
  });

  it.each([
    ['a line of blanks', ' '.repeat(2_000_000)],
    ['blanks before a name', `${' '.repeat(2_000_000)}A`],
    ['many lines of blanks', `${' '.repeat(1000)}x\n`.repeat(2000)],
    ['a quote that is never closed', `A="${'x\n'.repeat(500_000)}`],
    ['many of them', 'A=\'\nB="\n'.repeat(2000)],
  ])('takes no longer the longer it is: %s', (_, text) => {
    expect(readEnvFile(text).assignments.length).toBeLessThan(3000);
  });
});

describe('setting variables', () => {
  it.each(['A=1\n', 'export A=1\n', 'A="1"\n', "A='1' # mine\n", 'A=1 # mine\n', '# A=0\n\nB="x # y"\nA=1', 'A=1 \n'])(
    'keeps every byte where they are set already: %j',
    (text) => {
      expect(setVariables(text, { A: '1' })).toBe(text);
    },
  );

  it.each([
    ['A=0\nB=2\n', 'A=1\nB=2\n'],
    ['B=2', 'B=2\nA=1\n'],
    ['', 'A=1\n'],
    ['A=0', 'A=1'],
    ['  export A="0"  # mine\nB=2\n', 'export A=1 # mine\nB=2\n'],
    ['A=\n', 'A=1\n'],
    ['A=0\nA=2\n', 'A=1\nA=1\n'],
    ['XA=0\nA_=0\n#A=0\n', 'XA=0\nA_=0\n#A=0\nA=1\n'],
    ["C='several\nA=7\nlines'\n", "C='several\nA=7\nlines'\nA=1\n"],
    ["A='several\nlines'\nB=2\n", 'A=1\nB=2\n'],
  ])('changes their lines and no other: %j', (before, after) => {
    expect(setVariables(before, { A: '1' })).toBe(after);
    expect(setVariables(after, { A: '1' })).toBe(after);
  });
});

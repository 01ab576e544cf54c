import { randomBytes, randomInt } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { readVariables, secretValueProblem, setVariables } from '../../src/services/env-file.ts';
import { put, run, scratchDirectory } from '../render/scratch.ts';

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
      'a=b=c',
      '=',
      ':',
      '%41',
      'a~b',
      '-n',
      'sk-ant-api03_x-y',
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

describe('setting variables', () => {
  it.each(['A=1\n', 'export A=1\n', 'A="1"\n', "A='1' # mine\n", 'A=1 # mine\n', '# A=0\n\nB="x # y"\r\nA=1'])(
    'keeps every byte where they are set already: %j',
    (text) => {
      expect(setVariables(text, { A: '1' })).toBe(text);
    },
  );

  it.each([
    ['A=0\nB=2\n', 'A=1\nB=2\n'],
    ['B=2', 'B=2\nA=1\n'],
    ['', 'A=1\n'],
    ['  export A = "0"  # mine\nB=2\r\n', 'export A=1 # mine\nB=2\r\n'],
    ['A=1\r\nB=2\r\n', 'A=1\nB=2\r\n'],
    ['A=1 \n', 'A=1\n'],
    ['A=\n', 'A=1\n'],
    ['A=0\nA=2\n', 'A=1\nA=1\n'],
    ['XA=0\nA_=0\n#A=0\n', 'XA=0\nA_=0\n#A=0\nA=1\n'],
    ["C='several\nA=7\nlines'\n", "C='several\nA=7\nlines'\nA=1\n"],
    ['A: 0\n', 'A=1\n'],
  ])('changes their lines and no other: %j', (before, after) => {
    expect(setVariables(before, { A: '1' })).toBe(after);
    expect(setVariables(after, { A: '1' })).toBe(after);
  });

  it('loses nothing, whatever the file looks like, and is done after one time', () => {
    const pieces = ['A', 'B', '=', '"', "'", '`', '\n', '\r\n', ' ', '#', 'x', 'export ', ': ', '\\', '$', '-', '.'];
    for (let round = 0; round < 5000; round += 1) {
      const text = Array.from({ length: randomInt(1, 15) }, () => pieces[randomInt(pieces.length)]).join('');
      const once = setVariables(text, { A: 'v' });
      expect([text, readVariables(once)]).toEqual([text, { ...readVariables(text), A: 'v' }]);
      expect([text, setVariables(once, { A: 'v' })]).toEqual([text, once]);
    }
  });
});

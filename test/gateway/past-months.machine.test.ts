import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { gunzipSync, gzipSync } from 'node:zlib';
import { afterAll, beforeEach, describe, expect, it } from 'vitest';
import { readPlainLines } from '../../src/host/files/log-lines.ts';
import { scratchDirectory } from '../render/scratch.ts';
import { startPython } from './python-call.ts';
import { pythonPath } from './python-path.ts';

const python = startPython();
afterAll(() => python.end());

const months = ['2026-06', '2026-07', '2026-08', '2026-09', '2026-10', '2026-11'];
const lineOf = (month: string) => `{"v":1,"at":"${month}-03"}\n`;
let folder: string;

beforeEach(() => {
  folder = scratchDirectory('months');
  for (const month of months) writeFileSync(`${folder}/${month}.jsonl`, lineOf(month));
  writeFileSync(`${folder}/notes.txt`, 'mine');
});

async function tidy(kept = 0, month = '2026-11'): Promise<readonly string[]> {
  await python.call('past_months', 'tidy', folder, month, kept);
  return readdirSync(folder).sort();
}

describe('past months of the request log', () => {
  it('are compressed but for the last, and say the same', async () => {
    expect(await tidy()).toEqual([
      ...['2026-06', '2026-07', '2026-08', '2026-09'].map((month) => `${month}.jsonl.gz`),
      '2026-10.jsonl',
      '2026-11.jsonl',
      'notes.txt',
    ]);
    expect(gunzipSync(readFileSync(`${folder}/2026-06.jsonl.gz`)).toString()).toBe(lineOf('2026-06'));
    expect(await tidy()).toHaveLength(7);
  });

  it('are taken away beyond those that are kept, the one being written counted', async () => {
    expect(await tidy(3)).toEqual(['2026-09.jsonl.gz', '2026-10.jsonl', '2026-11.jsonl', 'notes.txt']);
  });

  it('lose no more than one to a clock that is wrong by years', async () => {
    expect(await tidy(6, '2044-02')).toEqual([
      ...['2026-07', '2026-08', '2026-09', '2026-10'].map((month) => `${month}.jsonl.gz`),
      '2026-11.jsonl',
      'notes.txt',
    ]);
  });

  it('keep each line once when a run was cut off before it took the plain file away', async () => {
    writeFileSync(`${folder}/2026-06.jsonl.gz`, Buffer.concat([gzipSync('earlier\n'), gzipSync(lineOf('2026-06'))]));
    await tidy();
    expect(gunzipSync(readFileSync(`${folder}/2026-06.jsonl.gz`)).toString()).toBe(`earlier\n${lineOf('2026-06')}`);
  });

  it('keep lines that came later, behind those that are compressed already', async () => {
    writeFileSync(`${folder}/2026-06.jsonl.gz`, gzipSync('earlier\n'));
    writeFileSync(`${folder}/2026-06.jsonl.gz.new`, 'half');
    await tidy();
    expect(gunzipSync(readFileSync(`${folder}/2026-06.jsonl.gz`)).toString()).toBe(`earlier\n${lineOf('2026-06')}`);
    expect(readdirSync(folder)).not.toContain('2026-06.jsonl.gz.new');
  });

  it('stay as they are where what is compressed is damaged', async () => {
    writeFileSync(`${folder}/2026-06.jsonl.gz`, 'no such format');
    await expect(tidy()).rejects.toThrow('BadGzipFile');
    expect(readFileSync(`${folder}/2026-06.jsonl`, 'utf8')).toBe(lineOf('2026-06'));
  });

  it('are neither followed nor taken away where they are links', async () => {
    symlinkSync('/etc/hostname', `${folder}/2026-01.jsonl`);
    expect(await tidy(2)).toEqual(['2026-01.jsonl', '2026-10.jsonl', '2026-11.jsonl', 'notes.txt']);
  });

  // Every line of the module is a point at which it is killed; what is there then is read as `usage` reads it.
  it.each([
    ['never', []],
    ['before', ['earlier\n']],
    ['half-way before, with a line that came since', ['earlier\n', `${lineOf('2026-06')}`]],
  ])('count each line once wherever it is killed, compressed %s', async (_, parts) => {
    const month = `${folder}/2026-06.jsonl`;
    const plain = `${lineOf('2026-06')}later\n`;
    const lines = async () => {
      const read: string[] = [];
      await readPlainLines(month, (line) => read.push(line));
      return read.filter((line) => line !== '');
    };
    const expected = [...(parts.length > 0 ? ['earlier'] : []), lineOf('2026-06').trim(), 'later'];
    for (let point = 1, killed = true; killed; point += 1) {
      expect(point).toBeLessThan(200);
      for (const name of readdirSync(folder)) rmSync(`${folder}/${name}`);
      writeFileSync(month, plain);
      writeFileSync(`${folder}/2026-10.jsonl`, '');
      if (parts.length > 0) writeFileSync(`${month}.gz`, Buffer.concat(parts.map((part) => gzipSync(part))));
      killed = killedAt(point);
      expect([point, await lines()]).toEqual([point, expected]);
      expect([point, await tidy()]).toEqual([point, ['2026-06.jsonl.gz', '2026-10.jsonl']]);
      expect([point, await lines()]).toEqual([point, expected]);
    }
  });
});

const killer = `
import os, signal, sys
import past_months
left = int(sys.argv[2])
def count(frame, event, _):
    global left
    if frame.f_code.co_filename != past_months.__file__:
        return None
    left -= event == "line"
    if left == 0:
        os.kill(os.getpid(), signal.SIGKILL)
    return count
sys.settrace(count)
past_months.tidy(sys.argv[1], "2026-11", 0)
`;

/** Whether tidying was killed before it came to its end. */
function killedAt(point: number): boolean {
  const env = { PATH: '/usr/bin:/bin:/usr/local/bin', PYTHONPATH: pythonPath, PYTHONDONTWRITEBYTECODE: '1' };
  const { signal, status } = spawnSync('python3', ['-c', killer, folder, String(point)], { env, stdio: 'inherit' });
  expect([signal, status]).toEqual(signal === 'SIGKILL' ? ['SIGKILL', null] : [null, 0]);
  return signal === 'SIGKILL';
}

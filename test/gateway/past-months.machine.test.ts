import { readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { gunzipSync, gzipSync } from 'node:zlib';
import { afterAll, beforeEach, describe, expect, it } from 'vitest';
import { scratchDirectory } from '../render/scratch.ts';
import { startPython } from './python-call.ts';

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
    writeFileSync(`${folder}/2026-06.jsonl.gz`, gzipSync(`earlier\n${lineOf('2026-06')}`));
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
});

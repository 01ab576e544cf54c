import { describe, expect, it } from 'vitest';
import { readActionLog } from '../../src/engine/action-log.ts';
import { changedParts, lastRun, programFacts, sentinelWord } from '../../src/status/past-facts.ts';
import { parseStamp, partsOf } from '../../src/status/verification.ts';

const lines = (...entries: readonly object[]): string => entries.map((entry) => JSON.stringify(entry)).join('\n');
const at = '2026-11-26T10:00:00.000Z';
const wrote = { at, state: 'done', step: 's', resource: 'r', do: 'write', what: 'write /a', path: '/a', sha256: 'aa' };

describe('the last run', () => {
  it.each<[name: string, journal: string, expected: object | null]>([
    ['of an empty journal', '', null],
    [
      'of the first release, whose runs are named by their time alone',
      lines({ at, run: '2026-11-26T1000', began: 'install', version: '1.0.0' }, { run: '2026-11-26T1000', ...wrote }),
      { id: '2026-11-26T1000', command: 'install', version: '1.0.0', began: at, exitCode: null, actions: 1 },
    ],
    [
      'that ended',
      lines({ at, run: 'r-1', began: 'drill', version: '1.1.0' }, { at, run: 'r-1', ended: 'drill', exitCode: 1 }),
      { id: 'r-1', command: 'drill', version: '1.1.0', began: at, exitCode: 1, actions: 0 },
    ],
  ])('%s', (_, journal, expected) => {
    expect(lastRun(readActionLog(journal))).toEqual(expected);
  });
});

describe('the program that wrote last', () => {
  it.each<[name: string, journal: string, wroteLast: string | null]>([
    ['is unknown without a journal', '', null],
    [
      'is the one of the last run that wrote a file',
      lines(
        { at, run: 'a', began: 'install', version: '1.0.0' },
        { run: 'a', ...wrote },
        { at, run: 'b', began: 'drill', version: '1.1.0' },
      ),
      '1.0.0',
    ],
    ['is unknown where a run does not say', lines({ run: 'a', ...wrote }), null],
  ])('%s', (_, journal, wroteLast) => {
    expect(programFacts(readActionLog(journal), '1.1.0')).toEqual({ version: '1.1.0', wroteLast });
  });
});

describe('a proof stamp', () => {
  it.each<[text: string | undefined, expected: object | undefined]>([
    [undefined, undefined],
    ['', undefined],
    [`0123 ${at}\n`, { fingerprint: '0123', at, installed: undefined }],
    [`0123 ${at} 2.1.330:ab:cd\n`, { fingerprint: '0123', at, installed: '2.1.330:ab:cd' }],
  ])('%j', (text, expected) => {
    expect(parseStamp(text)).toEqual(expected);
  });
});

describe('what has changed since the proof', () => {
  it.each<[then: string | undefined, now: string | undefined, changed: readonly string[]]>([
    ['2.1.330:ab:cd', '2.1.330:ab:cd', []],
    ['2.1.330:ab:cd', '2.1.331:ab:ce', ['Claude Code 2.1.330 → 2.1.331', 'gateway configuration']],
    ['2.1.330:ab:cd', '2.1.330:ac:cd', ['gateway image ab → ac']],
    ['2.1.330:ab:cd', '2.1.330::cd', []],
    [undefined, '2.1.330:ab:cd', []],
  ])('%s, now %s', (then, now, changed) => {
    expect(changedParts(partsOf(then), partsOf(now))).toEqual(changed);
  });
});

describe("the sentinel's line", () => {
  it.each<[text: string | undefined, expected: object | null]>([
    [undefined, null],
    ['', null],
    ['rubbish', null],
    [`ok ${at} 2.1.330:ab:cd \n`, { result: 'ok', at, reason: '' }],
    [
      `failed ${at} 2.1.275:ab:cd claude-offline does not answer: 400\n`,
      { result: 'failed', at, reason: 'claude-offline does not answer: 400' },
    ],
    [
      `untried ${at} 2.1.275:ab:cd the local model server does not answer\n`,
      { result: 'untried', at, reason: 'the local model server does not answer' },
    ],
  ])('%j', (text, expected) => {
    expect(sentinelWord(text)).toEqual(expected);
  });
});

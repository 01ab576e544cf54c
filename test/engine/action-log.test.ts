import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import {
  type ActionLog,
  commandsRun,
  fromShownLine,
  lastWritten,
  readActionLog,
  readRecorded,
  recordedCommand,
  sha256,
} from '../../src/engine/action-log.ts';
import { shellLine } from '../../src/engine/event.ts';
import { openJournal } from '../../src/engine/journal.ts';
import type { Effect } from '../../src/host/host.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(`${tmpdir()}/history-`);
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const write = (content: string): Effect => ({ do: 'write', path: '/home/c/a', content, mode: 0o600 });
const remove: Effect = { do: 'remove', path: '/home/c/a' };
const install: Effect = {
  do: 'run',
  why: 'install',
  command: { file: 'apt-get', args: ['install', 'jq'], sudo: true },
};

type Entry = readonly [state: 'begun' | 'done' | 'failed', effect: Effect, backup?: string];

/** What the real journal writes for these entries, read back. */
async function historyOf(...runs: readonly (readonly Entry[])[]): Promise<ActionLog> {
  for (const [index, entries] of runs.entries()) {
    const journal = await openJournal(`${folder}/journal`, `run-${index}`);
    await journal.write({ began: 'install', version: '1.0.0' });
    for (const [state, effect, backup] of entries)
      await journal.effect({
        state,
        step: 's',
        resource: 'r',
        id: 'keys',
        effect,
        ...(backup === undefined ? {} : { backup }),
      });
    await journal.write({ ended: 'install', exitCode: 0 });
    await journal.close();
  }
  return readActionLog(readFileSync(`${folder}/journal`, 'utf8'));
}

describe('the history of a machine', () => {
  it('has each run with its command, version, exit code and actions', async () => {
    const { runs, unreadable } = await historyOf([
      ['begun', write('one')],
      ['done', write('one'), '/backups/a'],
    ]);
    expect(unreadable).toBe(0);
    expect(runs).toMatchObject([
      {
        id: 'run-0',
        command: 'install',
        version: '1.0.0',
        exitCode: 0,
        actions: [{ state: 'done', path: '/home/c/a' }],
      },
    ]);
    expect(runs[0]?.actions[0]).toMatchObject({ step: 's', resource: 'r', do: 'write', backup: '/backups/a' });
  });

  it('keeps what was begun and never said to have ended, and leaves out what failed', async () => {
    const history = await historyOf([
      ['begun', install],
      ['failed', install],
      ['begun', write('half')],
    ]);
    expect(history.runs[0]?.actions.map(({ state }) => state)).toEqual(['failed', 'unknown']);
    expect(commandsRun(history, 'apt-get')).toEqual([]);
    expect(lastWritten(history, '/home/c/a')).toMatch(/^[0-9a-f]{64}$/);
  });

  it('knows the last text that was written', async () => {
    const history = await historyOf([['done', write('one')]], [['done', write('two')]]);
    expect(lastWritten(history, '/home/c/a')).toBe(sha256('two'));
  });

  it('says nothing was written last where the file was taken away', async () => {
    expect(
      lastWritten(
        await historyOf([
          ['done', write('one')],
          ['done', remove],
        ]),
        '/home/c/a',
      ),
    ).toBeUndefined();
  });

  it('finds commands by their program and how their arguments begin', async () => {
    const history = await historyOf([['done', install]]);
    expect(commandsRun(history, 'apt-get', 'install')).toEqual([{ program: 'apt-get', args: ['install', 'jq'] }]);
    expect(commandsRun(history, 'apt-get', 'remove')).toEqual([]);
    expect(commandsRun(history, 'apt')).toEqual([]);
  });

  it.each([
    ['nothing', undefined, 0, 0],
    ['an empty file', '', 0, 0],
    ['half a line', '{"at":"2026', 1, 0],
    ['a line without a run', '{"at":"x"}\n{"run":"a","at":"x"}\n', 1, 1],
    ['other JSON', '[]\n7\nnull\n', 3, 0],
  ])('is read from %s', (_, text, unreadable, runs) => {
    const history = readActionLog(text);
    expect([history.unreadable, history.runs.length]).toEqual([unreadable, runs]);
  });
});

const printable = fc.string({ unit: 'grapheme-ascii' });

describe('a command in the action log', () => {
  const commands = fc.record({
    file: fc.constantFrom('apt-get', '/home/me/.local/bin/mise', 'docker'),
    args: fc.array(printable, { maxLength: 5 }),
    sudo: fc.boolean(),
    env: fc.dictionary(fc.constantFrom('LC_ALL', 'XDG_RUNTIME_DIR', 'a_b'), printable, { maxKeys: 2 }),
  });

  it('is read as it was written', () => {
    fc.assert(
      fc.property(commands, (command) => {
        const recorded = recordedCommand(command);
        expect(readRecorded(JSON.parse(JSON.stringify(recorded)))).toEqual(recorded);
      }),
    );
  });

  it('of a release up to 1.1, which kept the shown line alone, is read from that', () => {
    fc.assert(
      fc.property(commands, (command) => {
        expect(fromShownLine(shellLine(command))).toEqual(recordedCommand(command));
      }),
    );
  });

  it('of such a release keeps where its input came from', () => {
    const recorded = { program: 'bash', args: ['-s'], download: 'https://mise.run' };
    expect(fromShownLine('curl -fsSL https://mise.run | bash -s')).toEqual(recorded);
    expect(readRecorded(recorded)).toEqual(recorded);
  });

  it.each([
    [undefined],
    [null],
    ['apt-get'],
    [{ program: 'x' }],
    [{ program: 1, args: [] }],
    [{ program: 'x', args: [1] }],
  ])('that has another shape is none: %j', (value) => {
    expect(readRecorded(value)).toBeUndefined();
  });
});

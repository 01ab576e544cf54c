import { appendFileSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { runInstaller } from '../machine/paper/installer.ts';
import type { PaperMachine } from '../machine/paper/paper-machine.ts';
import { installed, sharedMachine, toldProblems } from './paper.ts';

const steps = ['--only', 'secrets'];

describe('what a run left behind', () => {
  let machine: PaperMachine;
  beforeAll(async () => {
    machine = await installed(await sharedMachine(), steps);
  });

  it('is told by status and cleared by the next run, keys above all', async () => {
    const { layout, onDisk } = machine;
    const { secretsFile, gatewayConfig, lockFile, backupsDir, journal } = layout;
    const root = '/etc/nftables.d/claude.nft';
    const write = { run: 'earlier', state: 'begun', do: 'write', what: `write ${root} (mode 644)`, path: root };
    appendFileSync(journal, `${JSON.stringify(write)}\n{"at":"2026-01-01T00:00:00.000Z","run":"cut o`);
    const drafts = [
      `${secretsFile}.65a71011.new`,
      `${gatewayConfig}.0badcafe.new`,
      `${backupsDir}/earlier${secretsFile}.00000000.new`,
      onDisk(`${root}.12345678.new`),
    ];
    const foreign = [`${secretsFile}.new`, `${dirname(gatewayConfig)}/mine.65a71011.new`];
    for (const path of [...drafts, ...foreign]) {
      mkdirSync(dirname(path), { recursive: true });
      writeFileSync(path, 'LITELLM_MASTER_KEY=half', { mode: 0o600 });
    }
    const locks = { [`${lockFile}.89abcdef`]: '999999999 1\n', [`${lockFile}.0123abcd`]: '' };
    for (const [path, text] of Object.entries(locks)) writeFileSync(path, text);

    const told = await runInstaller(machine, ['status']);
    expect(told.exitCode, told.output).toBe(2);
    expect(told.output).toMatch(/drafts of an interrupted run/);
    expect(told.output).toContain('65a71011.new');

    await installed(machine, steps);
    expect([...drafts, ...Object.keys(locks)].filter((path) => existsSync(path))).toEqual([]);
    expect(foreign.filter((path) => existsSync(path))).toEqual(foreign);
    // The line that was cut off swallowed nothing: this run's own first line stands on a line of its own.
    const lines = readFileSync(journal, 'utf8').split('\n');
    expect(lines).toContain('{"at":"2026-01-01T00:00:00.000Z","run":"cut o');
    expect((await runInstaller(machine, ['status'])).output).not.toMatch(/earlier version|cut off/);
  });

  it.each<[what: string, path: (machine: PaperMachine) => string, text: string, says: RegExp]>([
    ['answers', ({ layout }) => layout.savedAnswers, 'version: 7\nmodels: {}\n', /version 7.*knows versions up to 1/],
    ['a note', ({ layout }) => `${layout.stateDir}/before.json`, '{"version":3,"places":[]}', /version 3.*up to 1/],
    ['a note of another shape', ({ layout }) => `${layout.stateDir}/before.json`, '{"entries":[1]}', /its entries has/],
    ['a note that is none', ({ layout }) => `${layout.stateDir}/before.json`, 'null\n', /is not a record of/],
    ['a stamp', ({ layout }) => layout.proofStamp, 'v2 x 2026 y\n', /version 2.*up to 1/],
    [
      'a journal',
      ({ layout }) => layout.journal,
      '{"at":"2030-01-01T00:00:00.000Z","run":"r","began":"install","version":"9.9.9","format":4}\n',
      /version 4, written by claude-routing-install 9\.9\.9; this program, \S+, knows versions up to 1/,
    ],
  ])(
    'by a newer program, or by none, is refused and kept: %s',
    async (_, pathOf, text, says) => {
      const path = pathOf(machine);
      const former = existsSync(path) ? readFileSync(path, 'utf8') : undefined;
      writeFileSync(path, text);
      for (const words of [['install', '--yes', '--set', 'profile=local'], ['uninstall', '--yes'], ['plan']]) {
        const refused = await runInstaller(machine, words);
        const [told] = toldProblems(refused.output);
        expect([words[0], refused.exitCode, told?.problem]).toEqual([words[0], 69, expect.stringMatching(says)]);
        expect(told?.fix).toContain(`mv ${path.replace(machine.account.home, '~')}`);
        expect(readFileSync(path, 'utf8')).toBe(text);
      }
      if (former === undefined) rmSync(path);
      else writeFileSync(path, former);
    },
    60_000,
  );
});

import { rmSync } from 'node:fs';
import { beforeAll, describe, expect, it } from 'vitest';
import { folderTree } from '../machine/paper/folder-tree.ts';
import { type Run, runInstaller } from '../machine/paper/installer.ts';
import type { PaperMachine } from '../machine/paper/paper-machine.ts';
import { install, mutatingLines, sharedMachine, unwrapped } from './paper.ts';

describe('the built program on a paper machine', () => {
  let machine: PaperMachine;
  let first: Run;
  beforeAll(async () => {
    machine = await sharedMachine();
    first = await install(machine);
  });

  it('installs everything in one run, without a question, and proves it', () => {
    expect(first.exitCode, first.output).toBe(0);
    const said = unwrapped(first.output);
    expect(said).toContain('no key, no answer: 401 without a key');
    expect(said).toMatch(/local: local → local, [\d.]+ s/);
    expect(said).toMatch(/cloud: claude-sonnet-5-5 → claude-api:claude-sonnet-5-5, [\d.]+ s/);
    expect(said).toMatch(/claude-local -p: local answered in/);
    expect(said).toMatch(/claude-routed -p: claude-sonnet-5-5 answered in/);
    expect(first.stderr).toBe('');
  });

  it('sent the proofs to the services that they name', () => {
    const asked = (requests: PaperMachine['world']['claudeApi']['requests']) =>
      requests.filter(({ path }) => path === '/v1/messages').length;
    expect(asked(machine.world.lmStudio.requests)).toBe(2);
    expect(asked(machine.world.claudeApi.requests)).toBe(2);
  });

  it('gives root nothing that an ordinary account can do itself', () => {
    const withSudo = mutatingLines(machine).filter((line) => line.startsWith('sudo '));
    const needed =
      /^sudo -n (env [^/]*apt-get |loginctl enable-linger |install -d -m 755 \/etc\/|sh -c [\s\S]* sh \/etc\/|systemctl disable --now docker\.)/;
    expect(withSudo.filter((line) => !needed.test(line))).toEqual([]);
  });

  it('changes nothing the second time: no command, no file, no time of a file', async () => {
    machine.log.forget();
    const before = folderTree(machine.folder);
    const second = await install(machine);
    expect(second.exitCode, second.output).toBe(0);
    expect(mutatingLines(machine)).toEqual([]);
    expect(folderTree(machine.folder)).toEqual(before);
    expect(unwrapped(second.output)).toContain('Nothing to do. Proven again:');
    expect(second.output.match(/already in place/g)).toHaveLength(14);
  });

  it('has a plan where nothing but the proofs is missing, until they are sent', async () => {
    rmSync(machine.layout.proofStamp);
    const plan = await runInstaller(machine, ['plan']);
    expect([plan.exitCode, unwrapped(plan.output)]).toEqual([
      2,
      expect.stringContaining('not yet proven as it stands'),
    ]);
    expect((await runInstaller(machine, ['plan', '--only', 'gateway'])).exitCode).toBe(0);
    expect((await install(machine)).exitCode).toBe(0);
    expect((await runInstaller(machine, ['plan'])).exitCode).toBe(0);
  });
});

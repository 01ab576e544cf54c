import { existsSync, lstatSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { beforeAll, describe, expect, it } from 'vitest';
import { type Run, runInstaller } from '../machine/paper/installer.ts';
import type { PaperMachine } from '../machine/paper/paper-machine.ts';
import { takeSnapshot } from '../machine/paper/snapshot.ts';
import { freshMachine, install, mutatingLines, sharedMachine, unwrapped } from './paper.ts';

/** Every file below the home and /etc with mode and text; folders with their mode. */
function placesOf({ folder, account }: PaperMachine): Readonly<Record<string, string>> {
  const places: Record<string, string> = {};
  for (const top of [account.home, `${folder}/etc`])
    for (const name of readdirSync(top, { recursive: true, encoding: 'utf8' })) {
      const path = `${top}/${name}`;
      const stat = lstatSync(path);
      places[path] = `${stat.mode.toString(8)} ${stat.isFile() ? readFileSync(path, 'utf8') : ''}`;
    }
  return places;
}

/** What is interrupted, done twice or was made by hand is taken off a real machine: test/machine/uninstall and starting-points. */
async function uninstall(machine: PaperMachine, ...words: readonly string[]): Promise<Run> {
  return await runInstaller(machine, ['uninstall', '--yes', ...words]);
}

describe('after an installation', () => {
  let machine: PaperMachine;
  let before: Readonly<Record<string, string>>;
  let whole: ReturnType<typeof takeSnapshot>;

  beforeAll(async () => {
    machine = await sharedMachine({ state: (state) => void state.packages.add('git') });
    before = placesOf(machine);
    const done = await install(machine, ['--set', 'system.fail2ban=true', '--set', 'system.firewall=true']);
    expect(done.exitCode, done.output).toBe(0);
    whole = takeSnapshot(machine);
    return () => whole.discard();
  });

  it('is shown and not done by --dry-run, with 2', async () => {
    await whole.restore();
    machine.log.forget();
    const places = placesOf(machine);
    const shown = await runInstaller(machine, ['uninstall', '--dry-run']);
    expect(shown.exitCode, shown.output).toBe(2);
    expect(unwrapped(shown.output)).toMatch(/What will change: .*What stays, and what would remove it/);
    const purging = await runInstaller(machine, ['uninstall', '--dry-run', '--purge']);
    expect(purging.exitCode, purging.output).toBe(2);
    expect(shown.output + purging.output).not.toContain('to fetch');
    expect(mutatingLines(machine)).toEqual([]);
    expect(placesOf(machine)).toEqual(places);
  });

  it('leaves nothing with --purge: every byte and mode of the home and /etc is as it was', async () => {
    await whole.restore();
    const done = await uninstall(machine, '--purge');
    expect(done.exitCode, done.output).toBe(0);
    expect(done.output).not.toMatch(/stored nowhere else/);
    expect(placesOf(machine)).toEqual(before);
    expect(machine.state.containers).toEqual({});
    expect(machine.state.packages).toContain('git');
    expect(machine.state.packages).not.toContain('docker-ce');
    machine.log.forget();
    const again = await uninstall(machine, '--purge');
    expect(again.output).toMatch(/Nothing to remove/);
    expect(mutatingLines(machine)).toEqual([]);
    expect(placesOf(machine)).toEqual(before);
  });

  it('leaves nothing of an earlier run that a later one replaced, whatever a person did to it in between', async () => {
    await whole.restore();
    const { composeFile } = machine.layout;
    writeFileSync(composeFile, `${readFileSync(composeFile, 'utf8')}# mine\n`);
    const other = ['--set', 'gateway.port=4001', '--set', 'failover.allowed=false'];
    expect(await runInstaller(machine, ['install', '--yes', ...other])).toMatchObject({ exitCode: 0 });
    const done = await uninstall(machine);
    expect(done.exitCode, done.output).toBe(0);
    const { home, launchers, savedAnswers, gatewayConfig } = machine.layout;
    for (const path of [...Object.values(launchers), composeFile, gatewayConfig, savedAnswers])
      expect(existsSync(path), path).toBe(false);
    expect(readFileSync(`${home}/.bashrc`, 'utf8')).toBe(before[`${home}/.bashrc`]?.slice(7));
    expect(unwrapped(done.output)).toMatch(/backups: what is stored nowhere else by now/);
  });

  it('takes the folders of backups that a run left which was killed after it took the backups', async () => {
    const { backupsDir } = machine.layout;
    await whole.restore();
    expect(await uninstall(machine)).toMatchObject({ exitCode: 0 });
    mkdirSync(`${backupsDir}/20260101T000000-1/home/claude`, { recursive: true });
    const again = await uninstall(machine);
    expect(again.exitCode, again.output).toBe(0);
    expect(again.output).toMatch(/empty backup folders/);
    expect(existsSync(`${backupsDir}/20260101T000000-1`)).toBe(false);
  });

  it('names everything that it leaves', async () => {
    await whole.restore();
    const done = await uninstall(machine, '--json');
    expect(done.exitCode, done.output).toBe(0);
    const events = done.stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as { kept?: { what: string } });
    const kept = events.flatMap((event) => event.kept?.what.split(', ') ?? []);
    const changed = Object.keys({ ...before, ...placesOf(machine) }).filter(
      (path) => before[path] !== placesOf(machine)[path],
    );
    const paths = kept.map((what) => (what.startsWith('/etc/') ? machine.onDisk(what) : what));
    const unaccounted = changed.filter((path) => !paths.some((one) => path.startsWith(one) || one.startsWith(path)));
    const ofPackages = /\/etc\/(apt\/apt\.conf\.d\/20auto-upgrades|apt\/keyrings|fail2ban)/;
    expect(unaccounted.filter((path) => !ofPackages.test(path))).toEqual([]);
  });

  it('leaves a network that a stopped container of somebody else needs', async () => {
    await whole.restore();
    const gateway = machine.state.containers['litellm'];
    if (gateway === undefined) throw new Error('nothing is installed');
    machine.state.containers['postgres'] = {
      ...gateway,
      running: false,
      labels: {},
      network: 'claude-routing_default',
    };
    const done = await uninstall(machine);
    expect(done.exitCode, done.output).toBe(0);
    expect([Object.keys(machine.state.containers), machine.state.networks]).toEqual([
      ['postgres'],
      ['claude-routing_default'],
    ]);
  });

  it('takes nothing for its own that only has a name of its own: container, network, and the engine that holds them', async () => {
    await whole.restore();
    const gateway = machine.state.containers['litellm'];
    if (gateway === undefined) throw new Error('nothing is installed');
    machine.state.containers['litellm-drill'] = { ...gateway, running: false, labels: {}, network: 'bridge' };
    machine.state.networks.push('mine');
    const done = await uninstall(machine, '--purge');
    expect(done.exitCode, done.output).toBe(0);
    expect(unwrapped(done.output)).toMatch(/rootless Docker: it holds the container litellm-drill, the network mine/);
    expect([Object.keys(machine.state.containers), machine.state.networks]).toEqual([['litellm-drill'], ['mine']]);
    expect(machine.state.packages).toContain('docker-ce');
  });

  it('gives back the lines that the doctor commented out, wherever they stood', async () => {
    await whole.restore();
    const { home } = machine.account;
    const lines = {
      [`${home}/.profile`]: 'export ANTHROPIC_API_KEY=sk-ant-api03-of-somebody\n',
      [`${home}/.config/environment.d/10-own.conf`]: 'ANTHROPIC_API_KEY=sk-ant-api03-of-somebody\nEDITOR=vi\n',
    };
    mkdirSync(`${home}/.config/environment.d`, { recursive: true });
    for (const [path, text] of Object.entries(lines)) writeFileSync(path, text);
    await runInstaller(machine, ['doctor', '--fix', '--yes', '--only', 'api-key']);
    for (const path of Object.keys(lines)) expect(readFileSync(path, 'utf8')).toContain('#claude-routing# ');
    const done = await uninstall(machine);
    expect(done.exitCode, done.output).toBe(0);
    for (const [path, text] of Object.entries(lines)) expect(readFileSync(path, 'utf8')).toBe(text);
  });

  it('keeps what a person edited, as a backup that is named', async () => {
    await whole.restore();
    const { gatewayConfig, bashrc, backupsDir } = machine.layout;
    writeFileSync(gatewayConfig, `${readFileSync(gatewayConfig, 'utf8')}# mine\n`);
    writeFileSync(bashrc, `${readFileSync(bashrc, 'utf8')}alias mine=ls\n`);
    const done = await uninstall(machine);
    expect(done.exitCode, done.output).toBe(0);
    expect(existsSync(gatewayConfig)).toBe(false);
    expect(readFileSync(bashrc, 'utf8')).toBe(`${before[bashrc]?.slice(7)}alias mine=ls\n`);
    const found = readdirSync(backupsDir, { recursive: true, encoding: 'utf8' }).find((name) =>
      name.endsWith('config.yaml'),
    );
    expect(readFileSync(`${backupsDir}/${found}`, 'utf8')).toMatch(/# mine\n$/);
    expect(unwrapped(done.output)).toMatch(/backups: what is stored nowhere else by now/);
  });

  it('goes past a backup that cannot be put back: it is told, and stays with what is in its place', async () => {
    await whole.restore();
    const { launchers, backupsDir, journal } = machine.layout;
    const latin = launchers['claude-api'];
    writeFileSync(latin, Buffer.from('caf\xe9\n', 'latin1'));
    expect(await runInstaller(machine, ['install', '--yes'])).toMatchObject({ exitCode: 0 });
    rmSync(journal);
    expect(existsSync(`${backupsDir}/${readdirSync(backupsDir).at(-1)}${latin}`)).toBe(true);
    const done = await uninstall(machine);
    expect(done.exitCode, done.output).toBe(0);
    expect(existsSync(latin)).toBe(true);
    expect(existsSync(launchers['claude-local'])).toBe(false);
    expect(unwrapped(done.output)).toContain('claude-api: what was there before is not UTF-8 text cp -p ~/');
    expect(unwrapped(done.output)).toMatch(/backups: what is stored nowhere else by now/);
  });

  it('works without the journal, by the marks on things', async () => {
    await whole.restore();
    rmSync(machine.layout.stateDir, { recursive: true });
    rmSync(machine.layout.savedAnswers);
    const done = await uninstall(machine);
    expect(done.exitCode, done.output).toBe(0);
    const { launchers, composeFile, gatewayConfig, bashrc } = machine.layout;
    for (const path of [...Object.values(launchers), composeFile, gatewayConfig])
      expect(existsSync(path), path).toBe(false);
    expect(readFileSync(bashrc, 'utf8')).toBe(before[bashrc]?.slice(7));
    expect(machine.state.containers).toEqual({});
    expect(unwrapped(done.output)).toMatch(/Claude Code: nothing says that it came with this program/);
    const left = placesOf(machine);
    machine.log.forget();
    expect((await uninstall(machine)).output).toMatch(/Nothing to remove/);
    expect(mutatingLines(machine)).toEqual([]);
    expect(placesOf(machine)).toEqual(left);
  });

  it('stops the sentinel, and takes its files and the name of the previous image', async () => {
    await whole.restore();
    const { home, configDir } = machine.layout;
    const units = `${home}/.config/systemd/user`;
    const name = 'claude-routing-sentinel';
    for (const path of [`${units}/${name}.timer`, `${units}/${name}.service`, `${configDir}/sentinel.bash`])
      writeFileSync(path, '# Kept by claude-routing-install\n');
    machine.state.units.user[`${name}.timer`] = { active: true, enabled: true };
    machine.state.images['claude-routing/previous-gateway:kept'] = 'sha256:former';
    const done = await uninstall(machine, '--purge');
    expect(done.exitCode, done.output).toBe(0);
    expect(machine.state.units.user[`${name}.timer`]).toEqual({ active: false, enabled: false });
    expect(mutatingLines(machine)).toContain('docker rmi claude-routing/previous-gateway:kept');
    expect(placesOf(machine)).toEqual(before);
  });
});

describe('a machine on which nothing was installed', () => {
  it('has nothing to take off, and stays as it is', async () => {
    const machine = await freshMachine();
    const before = placesOf(machine);
    const done = await uninstall(machine);
    expect(done.exitCode, done.output).toBe(0);
    expect(done.output).toMatch(/Nothing to remove/);
    expect(placesOf(machine)).toEqual(before);
  });
});

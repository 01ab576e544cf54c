import { describe, expect, it } from 'vitest';
import type { ActionLog } from '../../src/engine/action-log.ts';
import { planResource } from '../../src/resources/plan-resource.ts';
import type { SystemdUnitResource } from '../../src/resources/resource.ts';
import { unitAsBefore } from '../../src/uninstall/provenance.ts';
import { FakeHost } from '../machine/doubles/fake-host.ts';

const service: SystemdUnitResource = {
  kind: 'systemd-unit',
  id: 'engine-service',
  title: 'engine',
  unit: 'docker.service',
  scope: 'user',
  wanted: 'running-at-boot',
  comesWith: 'the setup tool',
};
const off: SystemdUnitResource = { ...service, scope: 'system', wanted: 'off', comesWith: 'docker-ce' };
const show = (scope: 'user' | 'system'): string =>
  `systemctl ${scope === 'user' ? '--user ' : ''}show -p LoadState,ActiveState,SubState,UnitFileState,NeedDaemonReload docker.service`;
const state = (load: string, active: string, enabled: string): string =>
  `LoadState=${load}\nActiveState=${active}\nUnitFileState=${enabled}\n`;

/** Properties as systemd 257 was seen to print them. */
describe('a unit that has to run', () => {
  it.each<[name: string, stdout: string, status: string]>([
    ['runs and is enabled', state('loaded', 'active', 'enabled'), 'ok'],
    ['is starting', state('loaded', 'activating', 'enabled'), 'ok'],
    ['is reloading', state('loaded', 'reloading', 'enabled'), 'ok'],
    ['runs and is not enabled', state('loaded', 'active', 'disabled'), 'change'],
    ['is enabled and does not run', state('loaded', 'inactive', 'enabled'), 'change'],
    ['has failed', state('loaded', 'failed', 'enabled'), 'change'],
    ['does not exist', state('not-found', 'inactive', ''), 'later'],
    ['is about to be tried again', `${state('loaded', 'activating', 'enabled')}SubState=auto-restart\n`, 'change'],
    ['is masked', state('masked', 'inactive', 'masked'), 'blocked'],
    ['says nothing', '', 'later'],
  ])('%s', async (_, stdout, status) => {
    const plan = await planResource(new FakeHost().tell(show('user'), { stdout }), service);
    expect(plan.status).toBe(status);
  });

  it('is started and enabled in one command, without root for one of the account', async () => {
    const plan = await planResource(
      new FakeHost().tell(show('user'), { stdout: state('loaded', 'inactive', 'disabled') }),
      service,
    );
    expect(plan).toMatchObject({
      effects: [{ command: { file: 'systemctl', args: ['--user', 'enable', '--now', 'docker.service'] } }],
    });
    expect(plan.status === 'change' && plan.effects[0]?.do === 'run' && plan.effects[0].command.sudo).toBeFalsy();
  });

  it('has its failures forgotten first: systemd does not start what failed too often', async () => {
    const plan = await planResource(
      new FakeHost().tell(show('user'), { stdout: state('loaded', 'failed', 'enabled') }),
      service,
    );
    const commands = plan.status === 'change' ? plan.effects.map((one) => one.do === 'run' && one.command.args) : [];
    expect(commands).toEqual([
      ['--user', 'reset-failed', 'docker.service'],
      ['--user', 'start', 'docker.service'],
    ]);
  });

  it.each<[name: string, active: string, words: readonly string[]]>([
    ['one that runs is read anew', 'active', ['--user', 'daemon-reload']],
    ['one that is off is enabled, which reads it anyway', 'inactive', ['--user', 'enable', '--now', 'docker.service']],
  ])('whose file has changed: %s', async (_, active, args) => {
    const stdout = `${state('loaded', active, 'enabled')}NeedDaemonReload=yes\n`;
    const plan = await planResource(new FakeHost().tell(show('user'), { stdout }), service);
    expect(plan).toMatchObject({ status: 'change', effects: [{ command: { file: 'systemctl', args } }] });
  });

  it('waits while there is no service manager to ask', async () => {
    const host = new FakeHost().tell(show('user'), {
      exitCode: 1,
      stderr: 'Failed to connect to user scope bus via local transport: No such file or directory',
    });
    expect(await planResource(host, service)).toEqual({ status: 'later', waitsFor: 'the user service manager' });
  });
});

describe('a unit that has to be off', () => {
  it.each<[name: string, stdout: string, words: readonly string[] | undefined]>([
    ['is off', state('loaded', 'inactive', 'disabled'), undefined],
    ['does not exist', state('not-found', 'inactive', ''), undefined],
    ['runs', state('loaded', 'active', 'disabled'), ['stop']],
    ['would start at boot', state('loaded', 'inactive', 'enabled'), ['disable']],
    ['runs, and would start at boot', state('loaded', 'active', 'enabled'), ['disable', '--now']],
  ])('%s', async (_, stdout, words) => {
    const plan = await planResource(new FakeHost().tell(show('system'), { stdout }), off);
    const command = words && { file: 'systemctl', args: [...words, 'docker.service'], sudo: true };
    expect(plan).toMatchObject(
      command === undefined ? { status: 'ok' } : { status: 'change', destructive: true, effects: [{ command }] },
    );
  });
});

/** Each way a unit can be, each way it can be wanted: the journal of a run tells how it was found. */
describe('a unit that was there before', () => {
  const found = [false, true].flatMap((active) => [false, true].map((enabled) => ({ active, enabled })));
  const rows = found.flatMap((before) => [service, off].map(({ wanted }) => ({ ...before, wanted })));
  it.each(rows)('active $active, enabled $enabled, wanted $wanted: is brought back to that', async (row) => {
    const { active, enabled, wanted } = row;
    const about = { ...off, wanted };
    const done = await commands(about, { active, enabled });
    const after = wanted === 'off' ? { active: false, enabled: false } : { active: true, enabled: true };
    const [back = about] = unitAsBefore(journal('install', done), about);
    const undone = await commands({ ...about, wanted: back.wanted }, after);
    expect(switched(after, undone)).toEqual({ active, enabled });
    const runs = [...journal('install', done).runs, ...journal('uninstall', undone).runs];
    expect(unitAsBefore({ runs, unreadable: 0 }, about), 'and stays, whatever becomes of it').toEqual([]);
  });

  it('is brought back after a run that was cut off between the two halves of its command, too', () => {
    const done = [
      ['disable', '--now', off.unit],
      ['stop', off.unit],
    ];
    expect(unitAsBefore(journal('install', done), off)).toMatchObject([{ wanted: { enabled: true, active: true } }]);
  });
});

interface Switched {
  readonly active: boolean;
  readonly enabled: boolean;
}

async function commands(wanted: SystemdUnitResource, { active, enabled }: Switched): Promise<readonly string[][]> {
  const stdout = state('loaded', active ? 'active' : 'inactive', enabled ? 'enabled' : 'disabled');
  const plan = await planResource(new FakeHost().tell(show('system'), { stdout }), wanted);
  if (plan.status !== 'change') return [];
  return plan.effects.flatMap((effect) => (effect.do === 'run' ? [[...effect.command.args]] : []));
}

function switched(before: Switched, done: readonly string[][]): Switched {
  return done.reduce((unit, [verb = '', ...words]) => {
    const on = verb === 'enable' || verb === 'start';
    const atBoot = verb === 'enable' || verb === 'disable';
    return {
      enabled: atBoot ? on : unit.enabled,
      active: !atBoot || words.includes('--now') ? on : unit.active,
    };
  }, before);
}

function journal(command: string, done: readonly (readonly string[])[]): ActionLog {
  const about = { at: '', step: 'step', resource: '', do: 'run', what: '', state: 'done' } as const;
  const actions = done.map((args) => ({ ...about, command: { program: 'systemctl', args } }));
  return { unreadable: 0, runs: [{ id: command, command, began: '', exitCode: 0, actions }] };
}

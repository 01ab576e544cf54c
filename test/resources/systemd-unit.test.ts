import { describe, expect, it } from 'vitest';
import { planResource } from '../../src/resources/plan-resource.ts';
import type { SystemdUnitResource } from '../../src/resources/resource.ts';
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
  `systemctl ${scope === 'user' ? '--user ' : ''}show -p LoadState,ActiveState,UnitFileState,NeedDaemonReload docker.service`;
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
    ['is masked', state('masked', 'inactive', 'masked'), 'later'],
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
  it.each<[name: string, stdout: string, status: string]>([
    ['is off', state('loaded', 'inactive', 'disabled'), 'ok'],
    ['does not exist', state('not-found', 'inactive', ''), 'ok'],
    ['runs', state('loaded', 'active', 'disabled'), 'change'],
    ['would start at boot', state('loaded', 'inactive', 'enabled'), 'change'],
  ])('%s', async (_, stdout, status) => {
    const plan = await planResource(new FakeHost().tell(show('system'), { stdout }), off);
    expect(plan.status).toBe(status);
    const first = plan.status === 'change' ? plan.effects[0] : undefined;
    expect(first?.do === 'run' ? first.command : undefined).toEqual(
      status === 'ok' ? undefined : { file: 'systemctl', args: ['disable', '--now', 'docker.service'], sudo: true },
    );
  });
});

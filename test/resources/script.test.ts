import { expect, it } from 'vitest';
import type { Effect } from '../../src/host/host.ts';
import { planResource } from '../../src/resources/plan-resource.ts';
import type { ScriptFound } from '../../src/resources/resource.ts';
import { FakeHost } from '../machine/doubles/fake-host.ts';

const usual: Effect = { do: 'remove', path: '/usual' };
const special: Effect = { do: 'remove', path: '/special' };

it.each<[found: ScriptFound, more?: object]>([
  [{ status: 'ok', note: 'there' }],
  [{ status: 'later', waitsFor: 'the packages' }],
  [{ status: 'blocked', code: 'port-taken', problem: 'p', fix: 'f' }],
  [{ status: 'change', summary: 'do it' }, { effects: [usual] }],
  [{ status: 'change', summary: 'do it so', effects: [special] }],
])('a look that finds %j', async (found, more) => {
  const script = { kind: 'script', id: 'tools', title: 's', inspect: async () => found, effects: [usual] } as const;
  expect(await planResource(new FakeHost(), script)).toEqual({ ...found, ...more });
});

it.each<[found: ScriptFound, status: string]>([
  [{ status: 'ok', note: 'there' }, 'ok'],
  [{ status: 'later', waitsFor: 'the packages' }, 'blocked'],
  [{ status: 'change', summary: 'do it' }, 'blocked'],
])('what finds %j and would write below a folder of somebody else is %s', async (found, status) => {
  const host = new FakeHost().put('/home/anna/.docker', { text: undefined, kind: 'directory', closed: 'permission' });
  const writesIn = ['/home/anna/.config', '/home/anna/.docker/contexts/meta'];
  const script = {
    kind: 'script',
    id: 'tools',
    title: 's',
    inspect: async () => found,
    effects: [usual],
    writesIn,
  } as const;
  const plan = await planResource(host, script);
  expect(plan).toMatchObject({ status });
  if (status === 'blocked') expect(plan).toHaveProperty('problem', 'this account may not write in /home/anna/.docker');
});

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

import { describe, expect, it } from 'vitest';
import type { Check, CheckContext, CheckFinding, Words } from '../../src/checks/check.ts';
import { DRIFT, runChecks } from '../../src/checks/run-checks.ts';
import type { Context } from '../../src/context.ts';
import { readActionLog } from '../../src/engine/action-log.ts';
import { layoutFor } from '../../src/layout.ts';
import type { Resource, ResourceId } from '../../src/resources/resource.ts';
import { FakeHost } from '../machine/doubles/fake-host.ts';

const words: Words = { code: 'port-taken', symptom: 'it hurts', problem: 'because', evidence: [] };
const resource = (title: ResourceId): Resource => ({
  kind: 'script',
  id: title,
  title,
  inspect: async () => ({ status: 'ok', note: '' }),
  effects: [],
});

function examination(installed?: Context): CheckContext {
  return {
    probe: new FakeHost(),
    layout: layoutFor({ user: 'claude', uid: 1000, home: '/home/claude' }),
    environment: {},
    cwd: '/home/claude',
    addresses: [],
    now: 0,
    installed,
    answersProblems: [],
    history: async () => readActionLog(undefined),
    places: async () => ({ places: [], unreadable: [] }),
  };
}

const installation = {} as unknown as Context;

function finding(id: string, ...found: readonly CheckFinding[]): Check {
  return { id, about: `${id} is right`, on: 'installation', look: async () => found };
}

describe('a whole examination', () => {
  it('tells the worst first and keeps the order otherwise', async () => {
    const note: CheckFinding = { ...words, severity: 'note', fix: 'x' };
    const all = [finding('a', note), finding('b', { ...words, fix: 'y' }), finding('c', { ...words, fix: 'z' })];
    const { diagnoses } = await runChecks(examination(installation), all);
    expect(diagnoses.map(({ check }) => check)).toEqual(['b', 'c', 'a']);
  });

  it('names the check, and says how to fix it where --fix can', async () => {
    const all = [finding('a', { ...words, fixWith: [resource('keys')] }), finding('b', { ...words, fix: 'y' })];
    expect((await runChecks(examination(installation), all)).diagnoses).toMatchObject([
      { check: 'a', severity: 'broken', fix: 'claude-routing-install doctor --fix --only a' },
      { check: 'b', severity: 'broken', fix: 'y' },
    ]);
  });

  it('makes a finding of a look that fails, and goes on with the others', async () => {
    const failing: Check = {
      id: 'a',
      about: 'a is right',
      on: 'machine',
      look: async () => {
        throw new Error('EACCES: permission denied');
      },
    };
    const { diagnoses } = await runChecks(examination(installation), [failing, finding('b', { ...words, fix: 'y' })]);
    expect(diagnoses).toMatchObject([
      { check: 'a', severity: 'broken', evidence: [{ text: 'EACCES: permission denied' }] },
      { check: 'b' },
    ]);
  });

  it('asks only the machine where nothing is installed, and says what it looked at', async () => {
    const machine: Check = { id: 'm', about: 'the machine', on: 'machine', look: async () => [] };
    const { diagnoses, looked } = await runChecks(examination(), [machine, finding('b', { ...words, fix: 'y' })]);
    expect(diagnoses).toEqual([]);
    expect(looked).toEqual([{ id: 'm', about: 'the machine' }]);
  });

  it.each<[string, CheckFinding]>([
    ['fixes it', { ...words, fixWith: [resource('keys')] }],
    ['accounts for it', { ...words, explains: ['keys'], fix: 'x' }],
  ])('leaves out of drift what another diagnosis %s', async (_, specific) => {
    const drift: readonly CheckFinding[] = [
      { ...words, explains: ['keys'], fixWith: [resource('keys')] },
      { ...words, explains: ['tools'], fixWith: [resource('tools')] },
    ];
    const { diagnoses } = await runChecks(examination(installation), [
      finding('a', specific),
      finding(DRIFT, ...drift),
    ]);
    expect(diagnoses.map(({ check, fixWith = [] }) => [check, fixWith.map(({ title }) => title)])).toEqual([
      ['a', (specific.fixWith ?? []).map(({ title }) => title)],
      [DRIFT, ['tools']],
    ]);
  });

  it('tells as one what a step has several of, with all their fixes, and apart what another step or code has', async () => {
    const drifted = (step: string, title: ResourceId, code: Words['code'] = 'not-as-wanted') => ({
      ...words,
      code,
      evidence: [{ path: `/${title}`, text: 'see more' }],
      explains: [title],
      oneOfMany: { step, problem: 'they differ', part: { path: `/${title}`, text: `${title}: it would be written` } },
      fixWith: [resource(title)],
    });
    const { diagnoses } = await runChecks(examination(installation), [
      finding('a', { ...words, fixWith: [resource('keys')] }),
      finding(
        DRIFT,
        drifted('Gateway', 'keys'),
        drifted('Gateway', 'compose-file'),
        drifted('Launchers', 'sentinel-script'),
        drifted('Gateway', 'gateway-module:x.py'),
        drifted('Gateway', 'tools', 'answers-changed'),
      ),
    ]);
    expect(
      diagnoses.map(({ symptom, problem, fixWith = [] }) => [symptom, problem, fixWith.map(({ id }) => id)]),
    ).toEqual([
      ['it hurts', 'because', ['keys']],
      ['Gateway: 2 things differ from your answers', 'they differ', ['compose-file', 'gateway-module:x.py']],
      ['it hurts', 'because', ['sentinel-script']],
      ['it hurts', 'because', ['tools']],
    ]);
    expect(diagnoses[1]?.evidence).toEqual([
      { text: 'see more' },
      { path: '/compose-file', text: 'compose-file: it would be written' },
      { path: '/gateway-module:x.py', text: 'gateway-module:x.py: it would be written' },
    ]);
  });
});

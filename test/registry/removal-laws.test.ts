import { describe, expect, it } from 'vitest';
import { removalSteps } from '../../src/registry/removals.ts';
import { steps } from '../../src/registry/steps.ts';

/** Steps that leave nothing on this machine, and why there is nothing to take off. */
const leavesNothing: Readonly<Record<string, string>> = {
  'local-model': 'it only loads a model on its server, which unloads it by itself',
  'cloud-backend': 'it only checks',
};

describe('every step of the installation', () => {
  it.each(steps.map(({ id }) => id))('%s is taken off, or leaves nothing for a stated reason', (id) => {
    const undone = removalSteps.some(({ undoes }) => undoes.includes(id));
    expect(undone || leavesNothing[id] !== undefined).toBe(true);
  });

  it('that a removal names exists', () => {
    const named = [...removalSteps.flatMap(({ undoes }) => undoes), ...Object.keys(leavesNothing)];
    expect(named.filter((id) => !steps.some((step) => step.id === id))).toEqual([]);
  });
});

describe('every step of a removal', () => {
  it.each(removalSteps.map((step) => [step.id, step] as const))('%s says what it is for', (_, step) => {
    expect(step.title.length, 'longer titles break the columns of the report').toBeLessThanOrEqual(18);
    expect(step.why).toMatch(/^[A-Za-z].{20,}\.$/);
  });

  it('has an id of its own', () => {
    expect(new Set(removalSteps.map(({ id }) => id)).size).toBe(removalSteps.length);
  });

  it('comes in the reverse order of what it undoes, where programs are needed to take others off', () => {
    const place = (id: string) => removalSteps.findIndex((step) => step.id === id);
    const order = [
      'launchers',
      'gateway',
      'claude-code',
      'rootless-docker',
      'packages',
      'repositories',
      'state',
      'folders',
    ];
    const places = order.map(place);
    expect([...places].sort((a, b) => a - b)).toEqual(places);
    expect(place('folders')).toBe(removalSteps.length - 1);
  });
});

import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { describeEffect } from '../../src/engine/event.ts';
import { planStep } from '../../src/engine/run-step.ts';
import { revealed } from '../../src/host/secret.ts';
import { steps } from '../../src/registry/steps.ts';
import { makeScene, type Ran, runOne, type Scene } from './scene.ts';

describe('every step', () => {
  it.each(steps.map((step) => [step.id, step] as const))('%s says what it is for', (_, step) => {
    expect(step.title.length, 'longer titles break the columns of the report').toBeLessThanOrEqual(18);
    expect(step.why).toMatch(/^[A-Z].{20,}\.$/);
    expect(step.guidePhase).toMatch(/^phase \d+[ab]?$/);
  });

  it('has an id and a title of its own', () => {
    expect(new Set(steps.map(({ id }) => id)).size).toBe(steps.length);
    expect(new Set(steps.map(({ title }) => title)).size).toBe(steps.length);
    expect(steps.map(({ id }) => id).filter((id) => !/^[a-z]+(-[a-z]+)*$/.test(id))).toEqual([]);
  });
});

describe('on a fresh machine, in their order', () => {
  let scene: Scene;
  const all: Ran[] = [];
  beforeAll(async () => {
    scene = await makeScene();
  });
  afterAll(async () => {
    await scene.machine.destroy();
    expect(scene.machine.log.surprises).toEqual([]);
  });

  describe.each(steps.map((step) => [step.id, step] as const))('%s', (_, step) => {
    it('wants each thing under an id of its own', async () => {
      const ids = (await step.resources(scene.context, scene.host)).map(({ id }) => id);
      expect(new Set(ids).size, ids.join(', ')).toBe(ids.length);
    });

    it('performs nothing when it is declined', async () => {
      const before = scene.host.performed.length;
      await runOne(step, scene.host, scene.context, { confirm: async () => 'skip', proofDue: () => false });
      expect(scene.host.performed.length).toBe(before);
    });

    it('converges in one run', async () => {
      const ran = await runOne(step, scene.host, scene.context);
      all.push(ran);
      expect(ran.outcome.status, JSON.stringify(ran.outcome)).toMatch(/^(done|in-place|proven)$/);
      const left = (await planStep(step, scene.context, scene.host)).filter(({ plan }) => plan.status !== 'ok');
      expect(left).toEqual([]);
    });

    it('performs nothing the second time', async () => {
      const before = scene.host.performed.length;
      const ran = await runOne(step, scene.host, scene.context, { proofDue: () => false });
      expect(ran.outcome).toEqual({ status: 'in-place' });
      expect(scene.host.performed.slice(before)).toEqual([]);
      expect(ran.records).toEqual([]);
    });
  });

  it('shows no key in any command, event, record or plan', () => {
    const shown = JSON.stringify([
      all,
      scene.machine.log.calls.map(({ line }) => line),
      scene.host.performed.map(describeEffect),
    ]);
    const keys = Object.values(scene.context.secrets).map(revealed);
    expect(keys).toHaveLength(3);
    expect(keys.filter((key) => shown.includes(key))).toEqual([]);
  });

  it('changed something in most of them, or these laws would say little', () => {
    expect(all.filter(({ outcome }) => outcome.status === 'done').length).toBeGreaterThanOrEqual(8);
  });
});

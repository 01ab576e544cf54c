import { rmSync } from 'node:fs';
import { afterAll, describe, expect, it } from 'vitest';
import type { Answers } from '../../src/config/schema.ts';
import { drillPlan } from '../../src/failover-test/drill-plan.ts';
import { sceneAnswers, setScene } from '../gateway/scene.ts';
import { notes, sealedHome } from '../gateway/sealed/canaries.ts';
import { brokenOf, triedOn } from './tried.ts';

const home = sealedHome({ 'notes.md': notes });
afterAll(() => rmSync(home.home, { recursive: true, force: true, maxRetries: 5 }));

const usual = sceneAnswers();
const answers: Answers = { ...usual, routing: { ...usual.routing, sealed: ['~/clients/private'] } };

/** What a drill asks the running gateway. */
const plan = drillPlan(answers).filter(({ part }) => part === 'gateway');

describe('a drill where a folder is sealed', () => {
  it.each([
    ['finds that what names a file of it stays at home, and everything else as ever', home.environment, []],
    ['finds it where the gateway was not told of the folder', {}, ['sealed-0']],
  ] as const)('%s', async (_, environment, wrong) => {
    const scene = await setScene({ environment });
    try {
      const broken = brokenOf(await triedOn(scene, plan));
      expect(broken.map(({ drilled: { id } }) => id)).toEqual(wrong);
      const left = scene.anthropic.requests.filter(({ body }) => JSON.stringify(body).includes('canary-of-a-drill'));
      expect(left).toHaveLength(wrong.length);
      for (const { problem } of broken)
        expect(problem?.problem).toMatch(/^claude-\S+ was answered by claude-api:\S+ instead of local-only$/);
    } finally {
      await scene.close();
    }
  });
});

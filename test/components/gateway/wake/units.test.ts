import { afterAll, beforeAll, expect, it } from 'vitest';
import type { Context } from '../../../../src/context.ts';
import { steps } from '../../../../src/registry/steps.ts';
import { contextFor, fullAnswers, makeScene, runOne, type Scene } from '../../../steps/scene.ts';

let scene: Scene;
beforeAll(async () => {
  scene = await makeScene();
});
afterAll(async () => await scene.machine.destroy());

function withWake(mac: string | undefined): Context {
  const answers = fullAnswers(scene.machine);
  return contextFor(scene.machine, {
    ...answers,
    localModel: { ...answers.localModel, ...(mac === undefined ? {} : { wake: { mac } }) },
  });
}

/** What was done for waking, as JSON. */
async function install(context: Context): Promise<string> {
  const ran = [];
  for (const step of steps) ran.push(await runOne(step, scene.host, context));
  const records = ran
    .flatMap((one) => one.records)
    .filter((record) => 'id' in record && /wake/.test(String(record.id)));
  return JSON.stringify(records.filter((record) => !/gateway/.test(String('id' in record && record.id))));
}

it('what wakes a box comes with the answer, follows it, and goes with it', async () => {
  const { wakeScript, wakeService, wakePath } = scene.context.layout;
  const texts = async () =>
    await Promise.all([wakeScript, wakeService, wakePath].map((path) => scene.host.readFile(path)));

  expect(await install(withWake(undefined))).toBe('[]');
  expect(await texts()).toEqual([undefined, undefined, undefined]);

  expect(await install(withWake('3C-7C-3F-12-AB-90'))).toContain('"enable","--now","claude-routing-wake.path"');
  expect(await texts()).toEqual([
    expect.stringContaining('MAC = "3c:7c:3f:12:ab:90"'),
    expect.stringContaining('wake.py'),
    expect.stringContaining('PathChanged='),
  ]);

  const changed = await install(withWake('3c:7c:3f:12:ab:91'));
  expect((await texts())[0]).toContain('MAC = "3c:7c:3f:12:ab:91"');
  expect(changed).not.toContain('systemctl');

  expect(await install(withWake(undefined))).toContain('"disable","--now","claude-routing-wake.path"');
  expect(await texts()).toEqual([undefined, undefined, undefined]);
});

import { afterAll, beforeAll, expect, it } from 'vitest';
import { formerProgram } from './former-release.ts';
import { differences, home, type Places, placesBelow, unaccounted, uninstall } from './uninstalling.ts';
import { answersFor, openWorld, PROGRAM, type World } from './world.ts';

const FORMER = './former-release.mjs';

let world: World;
/** As it was before the former release came. */
let before: Places;

beforeAll(async () => {
  world = await openWorld({ say: (line) => console.log(`world: ${line}`) });
  await world.machine.copyIn(await formerProgram(), `${home}/${FORMER}`, { mode: '0755' });
  await world.writeAnswers();
  // It did not verify signatures of programs, and has no answer for whose.
  const { claudeCode: _, toolchain: __, ...known } = answersFor(world.lab, home) as Record<string, object>;
  await world.machine.run('cat > former.yaml; echo "alias mine=kept" >> .bashrc', { input: JSON.stringify(known) });
  before = await placesBelow(world, home);
  const done = await world.machine.ssh(`${FORMER} --yes --answers former.yaml`, { timeoutMs: 900_000 });
  expect(done, done.stdout).toMatchObject({ exitCode: 0 });
});
afterAll(async () => await world?.close());

const told = async (words: string) => {
  const { exitCode, stdout } = await world.install(words);
  console.log(`${words}: exit code ${exitCode}\n${stdout}`);
  return { exitCode, text: stdout.replace(/\s+/g, ' ') };
};

it('is seen as what it is: an installation that this release would renew, and no fault', async () => {
  expect((await told('status')).exitCode).toBe(2);
  const looked = await told('doctor');
  expect(looked.text).not.toMatch(/edited by hand|fault in this program/);
  expect((await told('usage')).exitCode).toBe(0);
});

it('is taken over by one run, which leaves nothing to do and nothing broken', async () => {
  expect(await told('install --yes --answers answers.yaml')).toMatchObject({ exitCode: 0 });
  expect(await world.machine.run(`${PROGRAM} plan`)).toMatch(/Nothing to do/);
  expect(await told('doctor')).toMatchObject({ exitCode: 0 });
  expect(await told('status')).toMatchObject({ exitCode: 0 });
  expect(await world.machine.run("claude-local -p 'say hi'")).toMatch(/on LM Studio/);
});

it('is updated', async () => {
  expect(await told('update --check')).toMatchObject({ exitCode: 0 });
  expect(await told('update --yes')).toMatchObject({ exitCode: 0 });
});

it('is taken off by this release, with what the former one wrote', async () => {
  const done = await uninstall(world);
  expect(done, done.output).toMatchObject({ exitCode: 0 });
  const changed = differences(before, await placesBelow(world, home));
  console.log(`kept:\n${done.kept.join('\n')}\ndifferent in the home:\n${changed.join('\n')}`);
  expect(unaccounted(changed, done)).toEqual([]);
  expect(await world.machine.run('tail -1 .bashrc')).toBe('alias mine=kept');
  expect(await world.machine.run('docker ps -aq 2> /dev/null; true')).toBe('');
});

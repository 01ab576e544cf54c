import { mkdirSync, writeFileSync } from 'node:fs';
import { expect, it, onTestFinished } from 'vitest';
import { revealed } from '../../src/host/secret.ts';
import { type Baseline, noteBefore } from '../../src/uninstall/baseline.ts';
import { paperHost } from '../machine/paper/paper-host.ts';
import { makePaperMachine } from '../machine/paper/paper-machine.ts';
import { problemIn, valueIn } from '../value-in.ts';

it.each<[string, readonly string[], boolean]>([
  [
    'the traces of a run that was cut off before it noted anything',
    ['lock', 'lock.4711-0123abcd', 'journal.jsonl', 'answers-so-far.json'],
    false,
  ],
  ['a note that was half written', ['lock', 'journal.jsonl', 'before.json.0123abcd.new'], false],
  ['nothing at all', [], false],
  ['something else, too', ['lock', 'of-somebody-else'], true],
])('a state folder with %s', async (_, names, wasThere) => {
  const machine = await makePaperMachine();
  onTestFinished(async () => await machine.destroy());
  const { stateDir, home } = machine.layout;
  mkdirSync(stateDir, { recursive: true });
  for (const name of names) writeFileSync(`${stateDir}/${name}`, '');
  const { places } = await noted(machine);
  const folders = [stateDir, `${home}/.local/state`, `${home}/.local`];
  expect(folders.map((path) => places[path])).toEqual([wasThere, wasThere, wasThere]);
});

it('a folder of the person above it stays theirs', async () => {
  const machine = await makePaperMachine();
  onTestFinished(async () => await machine.destroy());
  const { stateDir, home } = machine.layout;
  mkdirSync(stateDir, { recursive: true });
  mkdirSync(`${home}/.local/share`);
  const { places } = await noted(machine);
  expect([places[stateDir], places[`${home}/.local/state`], places[`${home}/.local`]]).toEqual([false, false, true]);
});

it('a list of packages that broke off is no list: the installation is refused, and says why', async () => {
  const machine = await makePaperMachine();
  onTestFinished(async () => await machine.destroy());
  machine.log.intercept = ({ program }) =>
    program === 'dpkg-query'
      ? { exitCode: 2, stdout: 'ii \tgit\n', stderr: 'dpkg-query: error: out of memory\n' }
      : undefined;
  expect(problemIn(await noteBefore(paperHost(machine), machine.layout))).toEqual({
    code: 'packages-unreadable',
    problem: 'the packages that are installed here cannot be listed: dpkg-query ended with 2: out of memory',
    fix: expect.stringContaining('sudo dpkg --audit') as string,
  });
});

it('the time zone is read from its link where timedatectl does not answer', async () => {
  const machine = await makePaperMachine();
  onTestFinished(async () => await machine.destroy());
  machine.log.intercept = ({ program }) =>
    program === 'timedatectl' ? { exitCode: 1, stdout: '', stderr: 'Failed to connect to bus\n' } : undefined;
  expect(await noted(machine)).toMatchObject({ timezone: 'Etc/UTC' });
});

async function noted(machine: Parameters<typeof paperHost>[0]): Promise<Baseline> {
  const effect = valueIn(await noteBefore(paperHost(machine), machine.layout));
  if (effect === undefined || effect.do !== 'write') throw new Error('nothing was noted');
  return JSON.parse(revealed(effect.content)) as Baseline;
}

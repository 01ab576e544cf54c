import { mkdirSync, symlinkSync } from 'node:fs';
import { expect, it } from 'vitest';
import { machine, models, start } from '../../render/launcher-box.ts';
import { scratchDirectory } from '../../render/scratch.ts';

it.each<[where: string, marks: string]>([
  ['secret', '; in-00000001'],
  ['secret/deep/er', '; in-00000001; in-00000002'],
  ['secret-not', ''],
  ['.', ''],
  ['by-link', '; in-00000001; in-00000002'],
  [`it's "$HOME"`, '; in-00000003'],
])('a session that starts in %s tells the gateway which folders of rules it is in', async (where, marks) => {
  const home = scratchDirectory();
  for (const folder of ['secret/deep/er', 'secret-not', `it's "$HOME"`])
    mkdirSync(`${home}/${folder}`, { recursive: true });
  symlinkSync('secret/deep', `${home}/by-link`);
  symlinkSync('secret', `${home}/link`);
  const directories = [
    { path: '~/link', mark: 'in-00000001' },
    { path: `${home}/secret/deep`, mark: 'in-00000002' },
    { path: `~/it's "$HOME"`, mark: 'in-00000003' },
    { path: '~/gone', mark: 'in-00000004' },
  ];
  const box = machine(home, { ...models, directories });
  const ran = await start(box, 'claude-routed', { cwd: `${home}/${where}` });
  expect(ran.env.get('ANTHROPIC_CUSTOM_HEADERS')).toBe(`x-claude-routing: claude-routed${marks}`);
});

it.each<[where: string, starts: boolean]>([
  ['secret', false],
  ['secret/deep/er', false],
  ['by-link', false],
  ['secret-not', true],
  ['.', true],
])('what goes past the gateway does not start in %s where that is sealed', async (where, starts) => {
  const home = scratchDirectory();
  for (const folder of ['secret/deep/er', 'secret-not']) mkdirSync(`${home}/${folder}`, { recursive: true });
  symlinkSync('secret/deep', `${home}/by-link`);
  symlinkSync('secret', `${home}/link`);
  const box = machine(home, { ...models, sealed: ['~/link', '~/gone'] });
  const ran = await start(box, 'claude-api', { cwd: `${home}/${where}` });
  expect([ran.exitCode, ran.env.size > 0]).toEqual(starts ? [0, true] : [69, false]);
  if (!starts) expect(ran.stderr.trim()).toMatch(/^claude-api: \S+ is in a sealed folder, .* type: claude-local$/);
});

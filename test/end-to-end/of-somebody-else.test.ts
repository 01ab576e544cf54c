import { existsSync, lstatSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { actionsOf, readActionLog } from '../../src/engine/action-log.ts';
import { runInstaller } from '../machine/paper/installer.ts';
import type { PaperMachine } from '../machine/paper/paper-machine.ts';
import { takeSnapshot } from '../machine/paper/snapshot.ts';
import { install, sharedMachine } from './paper.ts';

const everything = [
  ...['system.fail2ban', 'system.firewall', 'launchers.statusLine', 'launchers.sentinel'].map((key) => `${key}=true`),
  ...['localModel.wake.mac=52:54:00:12:34:56', 'launchers.shellFunctions=true'],
].flatMap((setting) => ['--set', setting]);
const little = ['launchers.statusLine', 'launchers.sentinel', 'launchers.shellFunctions'].flatMap((key) => [
  '--set',
  `${key}=false`,
]);

/** A text that each program which reads such a file would take. */
function textFor(path: string): string {
  if (path.endsWith('.json')) return '{"mine": true}\n';
  return path.endsWith('.env') ? 'MINE=1\n' : `# of somebody else, at ${path}\n`;
}

function writtenPaths({ layout }: PaperMachine): readonly string[] {
  const writes = actionsOf(readActionLog(readFileSync(layout.journal, 'utf8'))).filter(
    (action) => action.do === 'write',
  );
  const ownFolders = [layout.stateDir, layout.configDir];
  const paths = writes.flatMap(({ path = '' }) => (ownFolders.some((one) => path.startsWith(`${one}/`)) ? [] : [path]));
  return [...new Set(paths)];
}

describe('where something of somebody else has the name of each file that is ever written', () => {
  let machine: PaperMachine;
  let bare: ReturnType<typeof takeSnapshot>;
  let planted: ReadonlyMap<string, string>;

  beforeAll(async () => {
    machine = await sharedMachine();
    bare = takeSnapshot(machine);
    const done = await install(machine, everything);
    expect(done.exitCode, done.output).toBe(0);
    const paths = writtenPaths(machine);
    expect(paths.length).toBeGreaterThan(40);
    await bare.restore();
    // The key of another repository in the place of ours is refused: test/resources/apt-source.
    const free = paths.filter((path) => !existsSync(machine.onDisk(path)) && !path.endsWith('.asc'));
    planted = new Map(free.map((path) => [path, textFor(path)]));
    for (const [path, text] of planted) {
      mkdirSync(dirname(machine.onDisk(path)), { recursive: true });
      writeFileSync(machine.onDisk(path), text, { mode: 0o640 });
    }
    await bare.discard();
    bare = takeSnapshot(machine);
    return () => bare.discard();
  });

  it.each([
    ['everything', everything],
    ['little', little],
  ])('an installation of %s keeps it, and uninstall gives it back with its mode', async (_, words) => {
    await bare.restore();
    const done = await install(machine, words);
    expect(done.exitCode, done.output).toBe(0);
    const changed = [...planted].filter(([path, text]) => presentText(machine, path) !== text).map(([path]) => path);
    const actions = actionsOf(readActionLog(readFileSync(machine.layout.journal, 'utf8')));
    const kept = new Set(actions.flatMap(({ path = '', backup }) => (backup === undefined ? [] : [path])));
    expect(changed.filter((path) => !kept.has(path))).toEqual([]);
    expect(actions.filter((action) => action.do === 'remove' && planted.has(action.path ?? ''))).toEqual([]);
    const undone = await runInstaller(machine, ['uninstall', '--yes', '--purge']);
    expect(undone.exitCode, undone.output).toBe(0);
    const lost = [...planted].filter(([path, text]) => presentText(machine, path) !== text).map(([path]) => path);
    expect(lost).toEqual([]);
    const modes = [...planted.keys()].map((path) => lstatSync(machine.onDisk(path)).mode & 0o777);
    expect(modes.filter((mode) => mode !== 0o640)).toEqual([]);
  });
});

function presentText({ onDisk }: PaperMachine, path: string): string | undefined {
  return existsSync(onDisk(path)) ? readFileSync(onDisk(path), 'utf8') : undefined;
}

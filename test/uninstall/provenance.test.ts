import { describe, expect, it } from 'vitest';
import { othersHaveEngines } from '../../src/components/docker/remove-decision.ts';
import {
  type ActionLog,
  type ActionRecord,
  fromShownLine,
  type RecordedCommand,
  readActionLog,
  sha256,
} from '../../src/engine/action-log.ts';
import { layoutFor } from '../../src/layout.ts';
import { sinceUninstalled } from '../../src/uninstall/backups.ts';
import {
  imagesPulled,
  isNew,
  isOurs,
  mayBeOurs,
  ourTexts,
  packagesBrought,
  packagesDisplaced,
} from '../../src/uninstall/provenance.ts';
import type { Removal } from '../../src/uninstall/removal.ts';
import { FakeHost } from '../machine/doubles/fake-host.ts';

const layout = layoutFor({ user: 'claude', uid: 1000, home: '/home/claude' });

function action(parts: Partial<ActionRecord>): ActionRecord {
  const command = fromShownLine(parts.what ?? '');
  const about = { at: '', step: 'step', resource: 'resource', do: 'run', what: '', state: 'done' } as const;
  return { ...about, ...(command === undefined ? {} : { command }), ...parts };
}

function history(...runs: readonly (readonly [id: string, command: string, ...actions: ActionRecord[]])[]): ActionLog {
  return {
    unreadable: 0,
    runs: runs.map(([id, command, ...actions]) => ({ id, command, began: id, exitCode: 0, actions })),
  };
}

function removal(parts: Partial<Removal>): Removal {
  return { layout, history: readActionLog(undefined), before: undefined, originals: new Map(), purge: false, ...parts };
}

const apt = 'sudo env LC_ALL=C apt-get -y -q -o DPkg::Lock::Timeout=300';

describe('packages', () => {
  it.each<[string, readonly ActionRecord[], readonly string[]]>([
    ['none', [], []],
    ['those that were installed', [action({ what: `${apt} install git jq` })], ['git', 'jq']],
    [
      'each once',
      [action({ what: `${apt} install git` }), action({ what: `${apt} install git libstdc++6` })],
      ['git', 'libstdc++6'],
    ],
    ['not those of a command that failed', [action({ what: `${apt} install git`, state: 'failed' })], []],
    ['those of a command whose end is not known', [action({ what: `${apt} install git`, state: 'unknown' })], ['git']],
    ['not those that were removed', [action({ what: `${apt} remove docker.io` })], []],
  ])('%s', (_, actions, names) => {
    expect(packagesBrought(history(['1', 'install', ...actions]))).toEqual(names);
  });

  it('that made way are known by their names', () => {
    const past = history(['1', 'install', action({ what: `${apt} remove docker.io runc` })]);
    expect(packagesDisplaced(past)).toEqual(['docker.io', 'runc']);
  });
});

it('images are known by how they were named', () => {
  const docker = 'XDG_RUNTIME_DIR=/run/user/1000 docker';
  const past = history([
    '1',
    'install',
    action({ what: `${docker} run --rm hello-world` }),
    action({ what: `${docker} pull --quiet ghcr.io/x/y:v1` }),
  ]);
  expect(imagesPulled(past)).toEqual(['ghcr.io/x/y:v1', 'hello-world']);
});

describe('whether something came with us', () => {
  const brings = ({ program }: RecordedCommand): boolean => program === 'get-it';
  const brought = history(['1', 'install', action({ what: 'get-it' })]);
  const others = history(['1', 'install', action({ what: 'something else' })]);
  const noted = (there: boolean) => ({ places: { '/it': there }, entries: {} });
  it.each<[string, Partial<Removal>, boolean]>([
    ['the journal says so, and it was not there', { history: brought, before: noted(false) }, true],
    ['the journal says so, and nothing else is known', { history: brought }, true],
    ['the journal says so, but it was there', { history: brought, before: noted(true) }, false],
    ['the journal does not say so', { history: others, before: noted(false) }, false],
    ['no journal, and it was not there', { before: noted(false) }, true],
    ['no journal, and it was there', { before: noted(true) }, false],
    ['nothing is known', {}, false],
  ])('%s', (_, parts, ours) => expect(isOurs(removal(parts), '/it', brings)).toBe(ours));
});

describe('texts', () => {
  const write = (text: string) => action({ do: 'write', path: '/file', sha256: sha256(text), what: 'write /file' });

  it('of an installation are ours; what was put back is not', () => {
    const past = history(['1', 'install', write('a')], ['2', 'restore', write('b')], ['3', 'uninstall', write('c')]);
    expect([...ourTexts(past, '/file')]).toEqual([sha256('a')]);
  });

  it('that we wrote where nothing stood make a file new', () => {
    const past = history(['1', 'install', write('a')]);
    const original = { backup: '/b', text: 'x', mode: 0o600 };
    expect(isNew(removal({ history: past }), '/file')).toBe(true);
    expect(isNew(removal({ history: past, originals: new Map([['/file', original]]) }), '/file')).toBe(false);
    expect(isNew(removal({}), '/file')).toBe(false);
  });
});

describe('a file of the system', () => {
  const wrote = history(['1', 'install', action({ do: 'write', path: '/etc/x', sha256: sha256('a') })]);
  const others = history(['1', 'install', action({ what: 'something else' })]);
  it.each<[string, ActionLog, boolean]>([
    ['may be ours where the journal has it', wrote, true],
    ['is of another account where it has not', others, false],
    ['may be ours where there is no journal', readActionLog(undefined), true],
  ])('%s', (_, past, ours) => expect(mayBeOurs(past, '/etc/x')).toBe(ours));

  it.each([
    ['of another account', 1234, true],
    ['of this account alone', 1000, false],
  ])('an engine %s is known', async (_, uid, foreign) => {
    const host = new FakeHost({ '/proc/4711': { text: undefined, kind: 'directory' } });
    host.tell('pgrep --exact dockerd', { stdout: '4711\n4712\n' });
    expect(await othersHaveEngines(host, layoutFor({ user: 'anna', uid, home: '/home/anna' }))).toBe(foreign);
  });
});

describe('backups of what was there before us', () => {
  const folders = ['1', '2', '3', '4'].map((id) => ({ id }));
  it.each<[string, ActionLog, readonly string[]]>([
    ['all, when there is no journal', readActionLog(undefined), ['1', '2', '3', '4']],
    ['not those that a restore made', history(['2', 'restore']), ['1', '3', '4']],
    ['not those from before the last whole uninstallation', history(['2', 'uninstall']), ['3', '4']],
  ])('%s', (_, past, ids) => expect(sinceUninstalled(folders, past).map(({ id }) => id)).toEqual(ids));

  it('those from before an uninstallation that was stopped', () => {
    const past = history(['2', 'uninstall']);
    const stopped = { ...past, runs: past.runs.map((run) => ({ ...run, exitCode: 130 })) };
    expect(sinceUninstalled(folders, stopped).map(({ id }) => id)).toEqual(['1', '3', '4']);
  });
});

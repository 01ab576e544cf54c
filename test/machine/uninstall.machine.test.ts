import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { customisedHome, foreignLines } from './starting-homes.ts';
import { differences, home, type Places, placesBelow, unaccounted, uninstall } from './uninstalling.ts';
import { openWorld, type World } from './world.ts';

async function installed(world: World): Promise<void> {
  const started = Date.now();
  const done = await world.install('--yes --answers answers.yaml');
  console.log(`installed in ${Date.now() - started} ms`);
  expect(done, done.stdout).toMatchObject({ exitCode: 0 });
}

/** What Debian's maintainer scripts leave in /etc when a package is purged, and why. */
const LEFT_BY_DEBIAN: readonly (readonly [path: RegExp, why: string])[] = [
  [
    /^\/etc\/(group|gshadow)-? /,
    'Debian takes no group back that a package made: its number could come to mean another one',
  ],
  [/^\/etc\/cni(\/net\.d)? /, 'the engine of root makes it at its first start, and no package owns it'],
];

describe('a bare machine', () => {
  let world: World;
  /** As it was before the first installation. */
  let bare: { readonly home: Places; readonly etc: Places };
  /** Folders that were there before the first installation, in a home that was not empty then. */
  let ownFolders: readonly string[];

  beforeAll(async () => {
    world = await openWorld({ say: (line) => console.log(`world: ${line}`) });
    await world.writeAnswers({
      toolchain: { mise: true, tools: ['node@22'] },
      system: { fail2ban: true, firewall: true },
    });
    await world.machine.run('rm -f .bashrc .profile .bash_logout');
    bare = { home: await placesBelow(world, home), etc: await placesBelow(world, '/etc') };
  });
  afterAll(async () => await world?.close());

  it('with a home full of files of its own gets each of them back, and what was added since stays', async () => {
    await world.machine.run('bash -s', { input: customisedHome });
    const before = await placesBelow(world, home);
    const texts = await world.machine.run('cat .bashrc .config/claude-secrets.env');
    await installed(world);
    await world.machine.run('bash -s', { input: foreignLines });
    const done = await uninstall(world);
    expect(done, done.output).toMatchObject({ exitCode: 0 });
    const changed = unaccounted(differences(before, await placesBelow(world, home)), done);
    console.log(`kept:\n${done.kept.join('\n')}\ndifferent in the home:\n${changed.join('\n')}`);
    expect(changed.map((line) => line.split(' ')[0])).toEqual([
      `${home}/.bashrc`,
      `${home}/.claude-routed/settings.json`,
    ]);
    expect(await world.machine.run('head -c -1 .bashrc | tail -1; grep -c . .bashrc')).toMatch(/^alias added=/);
    expect(await world.machine.run('cat .claude-routed/settings.json')).toContain('"addedSince"');
    expect(await world.machine.run('cat .config/claude-secrets.env')).toContain('ADDED_SINCE=1');
    expect(texts).toContain('OTHER_TOOL=kept');
    const own = differences(bare.home, before).map((line) => line.split(' '));
    ownFolders = own.filter(([, kind]) => kind === 'd').map(([path = '']) => path);
    const files = own.filter(([, kind]) => kind !== 'd').map(([path = '']) => path);
    await world.machine.run('xargs -d "\\n" rm -f --', { input: files.join('\n') });
  });

  it('with an empty home is as it was after uninstall, but for what is named as kept', async () => {
    const before = await placesBelow(world, home);
    await installed(world);
    await cutOff(world);
    const done = await uninstall(world);
    expect(done, done.output).toMatchObject({ exitCode: 0 });
    const changed = differences(before, await placesBelow(world, home));
    console.log(`kept:\n${done.kept.join('\n')}\ndifferent in the home:\n${changed.join('\n')}`);
    expect(unaccounted(changed, done)).toEqual([]);
    expect(await world.machine.run('systemctl --user is-active docker; true')).toBe('inactive');
    expect((await world.machine.onHost('nft list table inet claude_routing')).exitCode).not.toBe(0);
  });

  it('finds nothing to do the second time', async () => {
    const again = await uninstall(world);
    expect(again).toMatchObject({ exitCode: 0, effects: 0 });
    expect(again.output).toMatch(/Nothing to remove/);
  });

  it('gives packages, images and keys of both installations back with --purge, too', async () => {
    const done = await uninstall(world, '--purge');
    expect(done, done.output).toMatchObject({ exitCode: 0 });
    const left = differences(bare.etc, await placesBelow(world, '/etc'));
    console.log(`left in /etc:\n${left.join('\n')}`);
    const leftInHome = differences(bare.home, await placesBelow(world, home));
    expect(leftInHome.filter((line) => !ownFolders.includes(line.split(' ')[0] ?? ''))).toEqual([]);
    expect(left.filter((line) => !LEFT_BY_DEBIAN.some(([path]) => path.test(line)))).toEqual([]);
    expect(await uninstall(world, '--purge')).toMatchObject({ exitCode: 0, effects: 0 });
  });
});

/** Starts an uninstallation and ends it as soon as it has written these words into the journal: once for good, once with Ctrl-C. */
async function cutOff(world: World): Promise<void> {
  for (const [signal, words, codes] of [
    ['KILL', 'docker rm --force litellm', [137, 255]],
    ['INT', 'rm -rf /home/claude/.local/bin/claude', [130]],
  ] as const) {
    const journal = '~/.local/state/claude-routing/journal.jsonl';
    const before = Number(await world.machine.run(`wc -l < ${journal}`));
    const running = world.install('uninstall --yes');
    const seen = `for i in $(seq 1200); do tail -n +${before + 1} ${journal} | grep -qF '${words}' && break; sleep 0.1; done`;
    // The brackets keep the pattern from meaning the shell that it stands in.
    await world.machine.ssh(`${seen}; pkill -${signal} -u claude -f '[c]laude-routing-install.mjs uninstall'`);
    const { exitCode, stdout } = await running;
    console.log(`cut off by ${signal}: exit code ${exitCode}\n${stdout.split('\n').slice(-6).join('\n')}`);
    expect(codes).toContain(exitCode);
  }
}

import { afterAll, beforeAll, expect, it } from 'vitest';
import { openInstalledWorld } from './installed-world.ts';
import { PROGRAM, type World } from './world.ts';

let world: World;

beforeAll(async () => {
  world = await openInstalledWorld();
  await asRoot('apt-get -q update && DEBIAN_FRONTEND=noninteractive apt-get -qy install zsh fish tcsh');
});

afterAll(async () => {
  await world?.close();
});

const run: World['machine']['run'] = async (...words) => await world.machine.run(...words);

const asRoot = async (command: string): Promise<string> => await run(command, { user: 'root' });
const program = `/home/claude/${PROGRAM.slice(2)}`;

interface Told {
  readonly severity: string;
  readonly cause: string;
  readonly fix: string;
  readonly fixable: boolean;
}

async function look(words = ''): Promise<readonly Told[]> {
  const { stdout } = await world.machine.ssh(`${program} doctor --json ${words}`, { timeoutMs: 120_000 });
  return (JSON.parse(stdout.trim().split('\n').at(-1) ?? '') as { readonly diagnoses: readonly Told[] }).diagnoses;
}

it.each([
  {
    shell: 'zsh',
    plant: `mkdir -p ~/.config/zsh && printf 'export ZDOTDIR=~/.config/zsh\\n' > ~/.zshenv && printf 'alias claude-local="echo mine"\\nPS1="> "\\n' > ~/.config/zsh/.zshrc`,
    ways: ['zsh -lic', 'zsh -ic', 'zsh -lc'],
    retired: '~/.config/zsh/.zshrc',
    completes: `zsh -ic 'autoload -Uz compinit && compinit -u && whence -v $_comps[claude-routing-install]'`,
  },
  {
    shell: 'fish',
    plant: `mkdir -p ~/.config/fish && printf 'status is-interactive; or exit\\nalias claude-local "echo mine"\\n' > ~/.config/fish/config.fish`,
    ways: ['fish -lic', 'fish -ic', 'fish -lc'],
    retired: '~/.config/fish/config.fish',
    // The command that is completed is there for people only.
    completes: `fish -ic 'complete -C "claude-routing-install unin"' && echo claude-routing-install`,
  },
])(
  '$shell: found by nothing, told, fixed, and found in every way',
  async ({ shell, plant, ways, retired, completes }) => {
    await run(plant);
    await asRoot(`chsh -s /usr/bin/${shell} claude`);
    expect((await world.machine.ssh('claude-local -p hi')).exitCode).toBe(127);
    const [told] = await look('--only path');
    expect(told).toMatchObject({ severity: 'broken', fixable: true });
    expect(told?.cause).toMatch(new RegExp(`login shell is ${shell}.*"ssh HOST claude-local"`));
    await run(`${program} doctor --fix --yes`);
    expect(await run('claude-local -p hi')).toMatch(/on LM Studio/);
    for (const way of ways) expect(await run(`${way} "claude-local -p hi"`), way).toMatch(/on LM Studio/);
    expect(await run(`grep -c claude-routing# ${retired}`)).not.toBe('0');
    expect(await run(completes)).toMatch(
      /uninstall[\s\S]*claude-routing-install|claude-routing-install is an autoload shell function/,
    );
    expect(await look()).toEqual([]);
    expect(await run(`${program} status`)).not.toMatch(/differs/);
    expect((await world.machine.ssh(`${program} plan`)).stdout).toMatch(/Everything is in place/);
  },
);

it('a ~/.bashrc that hands over to one finds them there, too', async () => {
  await asRoot('chsh -s /bin/bash claude');
  await run(`cp -p ~/.bashrc ~/bashrc.kept && printf 'case $- in *i*) exec fish ;; esac\\n' >> ~/.bashrc`);
  expect(await run(`echo 'claude-local -p hi' | bash -li 2>/dev/null`)).toMatch(/on LM Studio/);
  expect(await look('--only path,drift')).toEqual([]);
  await run('mv ~/bashrc.kept ~/.bashrc');
});

it.each([
  ['tcsh', /set path = .*~\/\.tcshrc/],
  ['dash', /~\/\.profile.*ssh HOST \.local\/bin\/claude-local/],
])('%s: what to add is said', async (shell, words) => {
  await asRoot(`chsh -s $(command -v ${shell}) claude`);
  const [told] = await look('--only path');
  expect(told).toMatchObject({ severity: 'note', fixable: false });
  expect(told?.fix).toMatch(words);
  expect(await run('~/.local/bin/claude-local -p hi')).toMatch(/on LM Studio/);
});

it('a line of ~/.bash_profile that takes PATH away is named', async () => {
  await asRoot('chsh -s /bin/bash claude');
  await run(`printf '. ~/.bashrc\\nexport PATH=/usr/bin:/bin\\n' > ~/.bash_profile`);
  const [told] = await look('--only path');
  expect(told?.cause).toMatch(/a login does not find.*line 2 of .*\.bash_profile resets PATH/);
  await run('rm ~/.bash_profile');
  expect(await look('--only path')).toEqual([]);
});

it('uninstall takes our lines out of the files of both shells and gives their own back', async () => {
  await run(`${program} uninstall --yes`);
  expect(await run('grep -x alias.* ~/.config/zsh/.zshrc')).toBe('alias claude-local="echo mine"');
  expect(await run('grep -x alias.* ~/.config/fish/config.fish')).toBe('alias claude-local "echo mine"');
  expect(await run('grep -c claude-routing ~/.zshenv ~/.config/zsh/.zshrc ~/.config/fish/config.fish; true')).toMatch(
    /^(\S+:0\n?)+$/,
  );
});

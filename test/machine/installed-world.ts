import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { withLock } from './lab/cache.ts';
import { prepareLab } from './lab/lab.ts';
import { forgetSaved, formerMachines, isSaved, readSaved } from './lab/machine-root.ts';
import { builtProgram } from './paper/installer.ts';
import { gatewayAnswers, openWorld, type World, type WorldOptions } from './world.ts';

type Say = NonNullable<WorldOptions['say']>;

/**
 * A world whose machine was installed with the usual answers. The first of a build is installed from a bare machine and kept
 * as it is on its disk; the others begin with that disk. What a test wants otherwise is one run more, with `--set`.
 */
export async function openInstalledWorld(say: Say = (line) => console.log(`world: ${line}`)): Promise<World> {
  const name = await savedInstallation(say);
  const key = async (file: string): Promise<string> => (await readSaved(name, `home/claude/${file}`)).trim();
  const keys = { anthropic: await key('claude.key'), foundry: await key('foundry.key') };
  const world = await openWorld({ say, from: name, keys });
  await gatewayAnswers(world);
  return world;
}

async function savedInstallation(say: Say): Promise<string> {
  const { registry, identity } = await prepareLab(say);
  const made = [
    await readFile(await builtProgram()),
    'the package',
    JSON.stringify(registry.digests),
    identity.packageKeyFingerprint,
    WATCH_ARGUMENTS,
  ];
  const hash = made.reduce((sum, part) => sum.update(part), createHash('sha256')).digest('hex');
  const name = `installed-${hash.slice(0, 16)}`;
  await withLock(name, async () => {
    if (!isSaved(name)) await install(name, say);
  });
  return name;
}

/**
 * Watches the arguments of all processes of the machine, twenty times a second and by one process, for what stands in
 * /root/canaries; the generated gateway key joins as soon as it exists. Ends by itself.
 */
export const WATCH_ARGUMENTS = `
use strict;
sub text { open(my $file, "<", $_[0]) or return ""; local $/; return scalar(<$file>) // "" }
my ($key, %seen) = ("");
for my $turn (1 .. 12000) {
  last if -e "/root/watched";
  ($key) = text("/home/claude/.config/claude-secrets.env") =~ /^LITELLM_MASTER_KEY=(.+)$/m if !$key;
  my @sought = grep { length } split(/\\n/, text("/root/canaries")), $key // "";
  for my $path (glob("/proc/[0-9]*/cmdline")) {
    my $line = text($path);
    for (@sought) { $seen{$path} = 1 if index($line, $_) >= 0 }
  }
  select(undef, undef, undef, 0.05);
}
print join("\\n", sort(keys %seen), "sought: " . (1 + !!$key)), "\\n";
`;

/** What is known of the run that installed a saved machine: in /root/installation.json there. */
export interface Installation {
  readonly exitCode: number;
  readonly stdout: string;
  /** What WATCH_ARGUMENTS said of it. */
  readonly watched: string;
}

/** One unattended run, watched. */
async function installWatched({ machine, keys, install: run }: World): Promise<Installation> {
  const asRoot = { user: 'root' };
  await machine.ssh('cat > /root/canaries', { ...asRoot, input: `${keys.anthropic}\n` });
  const watching = machine.ssh('perl -', { ...asRoot, timeoutMs: 900_000, input: WATCH_ARGUMENTS });
  const { exitCode, stdout } = await run('--yes --answers answers.yaml');
  await machine.ssh('touch /root/watched', asRoot);
  return { exitCode, stdout, watched: (await watching).stdout.trim() };
}

async function install(name: string, say: Say): Promise<void> {
  for (const former of await formerMachines('installed-')) await forgetSaved(former);
  const world = await openWorld({ say });
  try {
    await world.writeAnswers();
    const done = await installWatched(world);
    if (done.exitCode !== 0) throw new Error(`the installation ended with ${done.exitCode}:\n${done.stdout}`);
    await world.machine.ssh('cat > /root/installation.json', { user: 'root', input: JSON.stringify(done) });
    // An eighth of what is copied for each world that begins with it.
    await world.machine.ssh('apt-get clean', { user: 'root' });
    await world.machine.poweroff();
    await world.machine.saveAs(name);
  } finally {
    await world.close();
  }
}

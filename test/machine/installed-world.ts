import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { withLock } from './lab/cache.ts';
import { prepareLab } from './lab/lab.ts';
import { forgetSaved, isSaved, readSaved, savedMachines } from './lab/machine-root.ts';
import { builtProgram } from './paper/installer.ts';
import { gatewayAnswers, openWorld, type World, type WorldOptions } from './world.ts';

type Say = NonNullable<WorldOptions['say']>;

/**
 * A world whose machine was installed with the usual answers. The first of a build is installed from a bare machine and kept
 * as it is on its disk; the others begin with that disk. What a test wants otherwise is one run more, with `--set`.
 */
export async function openInstalledWorld(say: Say): Promise<World> {
  const name = await savedInstallation(say);
  const key = async (file: string): Promise<string> => (await readSaved(name, `home/claude/${file}`)).trim();
  const keys = { anthropic: await key('claude.key'), foundry: await key('foundry.key') };
  const world = await openWorld({ say, from: name, keys });
  await gatewayAnswers(world);
  return world;
}

async function savedInstallation(say: Say): Promise<string> {
  const { registry, identity } = await prepareLab(say);
  const made = [await readFile(await builtProgram()), JSON.stringify(registry.digests), identity.packageKeyFingerprint];
  const hash = made.reduce((sum, part) => sum.update(part), createHash('sha256')).digest('hex');
  const name = `installed-${hash.slice(0, 16)}`;
  await withLock(name, async () => {
    if (!isSaved(name)) await install(name, say);
  });
  return name;
}

async function install(name: string, say: Say): Promise<void> {
  for (const former of await savedMachines('installed-', 24 * 3_600_000)) await forgetSaved(former);
  const world = await openWorld({ say });
  try {
    await world.writeAnswers();
    const { exitCode, stdout } = await world.install('--yes --answers answers.yaml');
    if (exitCode !== 0) throw new Error(`the installation ended with ${exitCode}:\n${stdout}`);
    await world.machine.poweroff();
    await world.machine.saveAs(name);
  } finally {
    await world.close();
  }
}

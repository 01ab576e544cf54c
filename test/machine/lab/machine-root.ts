import { randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import { cp, mkdir, readdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { release } from 'node:os';
import { join } from 'node:path';
import { cacheDirectory, withLock } from './cache.ts';
import { must } from './command.ts';
import { INSIDE } from './wire.ts';

/** How the user of a machine may become root. */
export type SudoVariant = 'nopasswd' | 'password' | 'none';

/** What a new machine is like. */
export interface MachineSettings {
  readonly hostname: string;
  /** undefined: nobody but root. */
  readonly user: string | undefined;
  readonly sudo: SudoVariant;
}

/** What has to be known about a root to work with the machine that runs in it. Kept in `machine.json` beside the root. */
export interface MachineFacts extends MachineSettings {
  /** The user's password, made for this machine; root has none and is reached with the key only. */
  readonly password: string;
}

/** Puts a copy of the bare Debian root into `directory/root` and makes it a machine of its own, with a key pair beside it. */
export async function createRoot(base: string, directory: string, settings: MachineSettings): Promise<MachineFacts> {
  const root = join(directory, 'root');
  await copyTree(join(base, 'root'), root);
  await must('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-C', 'lab', '-f', join(directory, 'id_ed25519')]);
  const facts: MachineFacts = { ...settings, password: randomBytes(12).toString('base64url') };
  await writeFile(join(root, 'etc/hostname'), `${settings.hostname}\n`);
  await writeFile(join(root, 'etc/hosts'), `127.0.0.1 localhost\n127.0.1.1 ${settings.hostname}\n`);
  await authorize(root, 'root', '/root', directory);
  if (settings.user !== undefined) await addUser(root, directory, settings.user, facts);
  await writeFile(join(directory, 'machine.json'), JSON.stringify(facts));
  return facts;
}

/** Copies a saved machine into `directory`. */
export async function restoreRoot(name: string, directory: string): Promise<MachineFacts> {
  const saved = savedDirectory(name);
  if (!existsSync(saved)) throw new Error(`there is no saved machine called ${name}`);
  await copyTree(join(saved, 'root'), join(directory, 'root'));
  for (const file of PARTICULARS) await cp(join(saved, file), join(directory, file), { preserveTimestamps: true });
  return JSON.parse(await readFile(join(directory, 'machine.json'), 'utf8')) as MachineFacts;
}

/** Keeps a copy of a machine that is off, for later machines to start from; replaces one of the same name. */
export async function saveRoot(name: string, directory: string): Promise<void> {
  const saved = savedDirectory(name);
  await mkdir(cacheDirectory('saved'), { recursive: true });
  await withLock(saved, async () => {
    const unfinished = `${saved}.unfinished`;
    await rm(unfinished, { recursive: true, force: true });
    await mkdir(unfinished);
    await copyTree(join(directory, 'root'), join(unfinished, 'root'));
    for (const file of PARTICULARS)
      await cp(join(directory, file), join(unfinished, file), { preserveTimestamps: true });
    await rm(saved, { recursive: true, force: true });
    await rename(unfinished, saved);
  });
}

/** Whether a machine was saved under this name. */
export function isSaved(name: string): boolean {
  return existsSync(savedDirectory(name));
}

/** A file of a saved machine, by its path from the root. */
export async function readSaved(name: string, path: string): Promise<string> {
  return await readFile(join(savedDirectory(name), 'root', path), 'utf8');
}

/** Saved machines whose name begins so, those of the last hour and the newest three apart: each takes two gigabytes, and a test may be copying it. */
export async function formerMachines(prefix: string): Promise<readonly string[]> {
  const names = await readdir(cacheDirectory('saved')).catch(() => []);
  const dated = await Promise.all(
    names
      .filter((name) => name.startsWith(prefix))
      .map(async (name) => ({ name, at: (await stat(cacheDirectory('saved', name))).mtimeMs })),
  );
  const newestFirst = dated.sort((one, other) => other.at - one.at);
  return newestFirst.slice(3).flatMap(({ name, at }) => (Date.now() - at > 3_600_000 ? [name] : []));
}

/** Forgets a saved machine; does nothing when there is none. */
export async function forgetSaved(name: string): Promise<void> {
  await rm(savedDirectory(name), { recursive: true, force: true });
}

/** Writes what belongs to this host and this boot rather than to the machine. */
export async function adaptRootToHost(directory: string): Promise<void> {
  const root = join(directory, 'root');
  await rm(join(root, 'etc/resolv.conf'), { force: true });
  await writeFile(join(root, 'etc/resolv.conf'), `nameserver ${INSIDE.gateway}\n`);
  // Docker's setup tool looks for these two among the modules; here the host's kernel has them, whichever way.
  const modules = join(root, 'usr/lib/modules', release());
  await mkdir(modules, { recursive: true });
  const builtIn = ['kernel/net/netfilter/nf_tables.ko', 'kernel/net/ipv4/netfilter/ip_tables.ko'];
  await writeFile(join(modules, 'modules.builtin'), `${builtIn.join('\n')}\n`);
  await makeDevice(join(directory, 'fuse'), '/dev/fuse');
  await makeDevice(join(directory, 'tun'), '/dev/net/tun');
}

const PARTICULARS = ['machine.json', 'id_ed25519', 'id_ed25519.pub'];

function savedDirectory(name: string): string {
  if (!/^[\w.-]+$/.test(name)) throw new Error(`not a name for a saved machine: ${name}`);
  return cacheDirectory('saved', name);
}

function copyTree(from: string, to: string): Promise<string> {
  return must('cp', ['--archive', '--reflink=auto', from, to]);
}

async function addUser(root: string, directory: string, user: string, facts: MachineFacts): Promise<void> {
  const groups = facts.sudo === 'none' ? [] : ['--groups', 'sudo'];
  await must('chroot', [root, 'useradd', '--create-home', '--shell', '/bin/bash', ...groups, user]);
  await must('chroot', [root, 'chpasswd'], { input: `${user}:${facts.password}\n` });
  await authorize(root, user, `/home/${user}`, directory);
  if (facts.sudo !== 'nopasswd') return;
  await writeFile(join(root, 'etc/sudoers.d/lab'), `${user} ALL=(ALL:ALL) NOPASSWD: ALL\n`, { mode: 0o440 });
}

async function authorize(root: string, user: string, home: string, directory: string): Promise<void> {
  const ssh = join(root, home, '.ssh');
  await mkdir(ssh, { recursive: true, mode: 0o700 });
  const key = await readFile(join(directory, 'id_ed25519.pub'));
  await writeFile(join(ssh, 'authorized_keys'), key, { mode: 0o600 });
  await must('chroot', [root, 'chown', '-R', `${user}:`, join(home, '.ssh')]);
}

/** A node of the same device that everybody may open: slirp4netns runs as the user. The host's own node stays as it is. */
async function makeDevice(node: string, original: string): Promise<void> {
  if (existsSync(node)) return;
  const numbers = (await must('stat', ['--format=%Hr %Lr', original])).trim().split(' ');
  await must('mknod', ['--mode=0666', node, 'c', ...numbers]);
}

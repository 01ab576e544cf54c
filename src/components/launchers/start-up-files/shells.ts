import type { Probe } from '../../../host/host.ts';
import type { Layout } from '../../../layout.ts';
import { shellCommands } from '../../../shell/commands.ts';
import { given } from '../../../text/json.ts';
import { lastLine } from '../../../text/said.ts';

/** The shells of an account, as far as their start-up files are ours to keep. bash belongs to every Debian account. */
export interface AccountShells {
  /** As the account has it, e.g. /usr/bin/zsh; undefined where the account is not known. */
  readonly login: string | undefined;
  /** Where bash hands over to another shell, if it does. */
  readonly handover?: { readonly shell: string; readonly path: string; readonly line: number };
  /** Undefined where zsh is not used. */
  readonly zsh?: ZshFiles;
  /** config.fish; undefined where fish is not used. */
  readonly fish?: string;
}

export interface ZshFiles {
  /**
   * The .zshenv that a login reads, for `ssh HOST command`, too; and where that one moves the files after it, the one that a zsh begun by
   * such a zsh reads in its place, as in tmux: ZDOTDIR is inherited. Source: zsh(1), "startup/shutdown files".
   */
  readonly starts: readonly string[];
  /** What a login reads after that, in its order. */
  readonly later: readonly string[];
}

/** The files that a bash reads by itself, the account's own. */
export const bashFiles = ['.bashrc', '.bash_profile', '.bash_login', '.profile'] as const;

/** The same of zsh, in the order in which they are read. */
export const zshFileNames = ['.zshenv', '.zprofile', '.zshrc', '.zlogin'] as const;
const laterNames = zshFileNames.slice(1);

/**
 * A shell is used when it is the login shell, when a file of bash hands over to it, or when one of its start-up files is
 * there: somebody who only types its name now and then wants to find the launchers as well. Asks zsh itself where its
 * files are; never starts fish, which makes folders whenever it runs.
 */
export async function findShells(probe: Probe, layout: Layout): Promise<AccountShells> {
  const [login, handed, settings] = await Promise.all([
    loginShell(probe, layout.user),
    handedOver(probe, layout.home),
    loginVariables(probe, layout.home),
  ]);
  const names = [shellName(login), handed?.shell];
  const config = `${settings['XDG_CONFIG_HOME'] ?? `${layout.home}/.config`}/fish/config.fish`;
  const [zsh, isFish] = await Promise.all([
    zshFiles(probe, layout, names.includes('zsh'), settings['ZDOTDIR']),
    names.includes('fish') || exists(probe, config),
  ]);
  return { login, ...given({ handover: handed, zsh }), ...(isFish ? { fish: config } : {}) };
}

/** The program's name without its folder. */
export function shellName(path = ''): string {
  return path.slice(path.lastIndexOf('/') + 1);
}

async function loginShell(probe: Probe, user: string): Promise<string | undefined> {
  const { exitCode, stdout } = await probe.query({ file: 'getent', args: ['passwd', user] });
  const shell = exitCode === 0 ? stdout.trim().split(':')[6] : undefined;
  // passwd(5): an empty field means /bin/sh.
  return shell === '' ? '/bin/sh' : shell;
}

async function handedOver(probe: Probe, home: string): Promise<AccountShells['handover']> {
  const paths = bashFiles.map((name) => `${home}/${name}`);
  const texts = await Promise.all(paths.map(async (path) => await textOf(probe, path)));
  return paths.flatMap((path, index) => {
    const found = handover(texts[index] ?? '');
    return found === undefined ? [] : [{ ...found, path }];
  })[0];
}

/** What PAM gives every session before a shell starts. Source: pam_env(8). */
async function loginVariables(probe: Probe, home: string): Promise<Readonly<Record<string, string>>> {
  const text = (await textOf(probe, '/etc/environment')) ?? '';
  const rows = [...text.matchAll(/^\s*(?:export\s+)?(XDG_CONFIG_HOME|ZDOTDIR)=["']?([^"'#\n]*?)["']?\s*$/gm)];
  const known = rows.map(([, name, value = '']) => [name, value.replace('@{HOME}', home)]);
  return Object.fromEntries(known.filter(([, value]) => value?.startsWith('/')));
}

async function zshFiles(
  probe: Probe,
  { home }: Layout,
  isUsed: boolean,
  given: string | undefined,
): Promise<ZshFiles | undefined> {
  const usual = given ?? home;
  const there = zshFileNames.map((name) => exists(probe, `${usual}/${name}`));
  if (!isUsed && !(await Promise.all(there)).includes(true)) return undefined;
  const env = given === undefined ? {} : { ZDOTDIR: given };
  // Without the account's files: /etc/zsh/zshenv may move them. With .zshenv: it may move the ones after it.
  const first = (await directoryOf(probe, ['-f'], env)) ?? usual;
  const next = (await directoryOf(probe, [], env)) ?? first;
  return {
    starts: [...new Set([first, next])].map((folder) => `${folder}/.zshenv`),
    later: laterNames.map((name) => `${next}/${name}`),
  };
}

async function directoryOf(
  probe: Probe,
  options: readonly string[],
  env: Readonly<Record<string, string>>,
): Promise<string | undefined> {
  const args = [...options, '-c', 'print -r -- "${ZDOTDIR:-$HOME}"'];
  const { exitCode, stdout } = await probe.query({ file: 'zsh', args, env });
  const said = lastLine(stdout);
  return exitCode === 0 && said?.startsWith('/') ? said.replace(/(?<=.)\/$/, '') : undefined;
}

async function exists(probe: Probe, path: string): Promise<boolean> {
  return (await probe.stat(path)) !== undefined;
}

/** What cannot be read is reported where it matters. */
export async function textOf(probe: Probe, path: string): Promise<string | undefined> {
  return await probe.readFile(path).catch(() => undefined);
}

/** Shells that a start-up file may hand over to. */
const shells = ['zsh', 'fish', 'nu', 'elvish', 'tcsh', 'csh', 'ksh', 'mksh', 'xonsh', 'dash'];

/** Where a start-up file of bash replaces the shell by another one (`exec fish`), and by which; undefined where it does not. */
export function handover(text: string): { readonly shell: string; readonly line: number } | undefined {
  for (const { words } of shellCommands(text)) {
    const at = words.findIndex(({ raw }) => raw === 'exec');
    const [exec, ...rest] = at === -1 ? [] : words.slice(at);
    const shell = rest.flatMap(({ text: word }) => shellIn(word)).at(0);
    if (exec !== undefined && shell !== undefined) return { shell, line: exec.line };
  }
  return undefined;
}

/** `fish`, `/usr/bin/fish`, `$(command -v fish)`. */
function shellIn(word: string): readonly string[] {
  const last = /([\w-]+)[)`]?$/.exec(word)?.[1] ?? '';
  return shells.includes(last) ? [last] : [];
}

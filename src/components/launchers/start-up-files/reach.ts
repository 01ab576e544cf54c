import type { Context } from '../../../context.ts';
import type { Proof } from '../../../engine/step.ts';
import type { Probe } from '../../../host/host.ts';
import type { Layout } from '../../../layout.ts';
import { type Problem, problemOf, success } from '../../../problem.ts';
import { shellCommands } from '../../../shell/commands.ts';
import { type AccountShells, bashFiles, findShells, shellName } from './shells.ts';

/** The ways into a machine on which a launcher must be found. */
export type Way = 'ssh command' | 'login';

/** What the account's own login shell finds, asked as a new session would ask it. */
export interface ShellReach {
  readonly shells: AccountShells;
  /** Where `claude-local` is on each way, undefined where it is not found; a way that could not be tried is left out. */
  readonly found: Readonly<Partial<Record<Way, string | undefined>>>;
  /** The account's start-up files, in the order in which its shell reads them. */
  readonly files: readonly { readonly path: string; readonly text: string }[];
}

/** Known to take `-l -i` and commands on its standard input. */
const families = ['bash', 'zsh', 'fish', 'sh', 'dash', 'ksh', 'ksh93', 'mksh'];

/** Asks the login shell, with nothing of this session but what the account has anyway. */
export async function lookAtShell(probe: Probe, layout: Layout): Promise<ShellReach> {
  const shells = await findShells(probe, layout);
  const { login } = shells;
  if (login === undefined || shellName(login) === 'nologin') return { shells, found: {}, files: [] };
  const [command, session, files] = await Promise.all([
    ask(probe, layout, login, ['-c', question]),
    families.includes(shellName(login)) ? ask(probe, layout, login, ['-l', '-i'], `${question}\n`) : undefined,
    startUpFiles(probe, layout, shells),
  ]);
  return {
    shells,
    found: {
      ...(command === undefined ? {} : { 'ssh command': command.path }),
      ...(session === undefined ? {} : { login: session.path }),
    },
    files,
  };
}

/** The same command in every shell; functions and aliases do not count. */
const question = '/usr/bin/which claude-local';

/**
 * In a session of its own: an interactive shell would take this terminal for itself. On standard input rather than with
 * -c, so that a shell that hands over to another one hands the question over, too.
 */
async function ask(
  probe: Probe,
  { home, binDir }: Layout,
  shell: string,
  args: readonly string[],
  input = '',
): Promise<{ readonly path: string | undefined } | undefined> {
  const env = { ...asSshd, ...withoutHistory, SHELL: shell };
  const { exitCode, stdout } = await probe.query({
    file: '/usr/bin/setsid',
    args: ['-w', shell, ...args],
    env,
    input,
    cwd: home,
  });
  const said = stdout.split('\n').filter((line) => line.endsWith('/claude-local'));
  const path = said.find((line) => line.startsWith(`${binDir}/`)) ?? said.at(-1);
  // A shell that hangs or cannot be started tells nothing about its files.
  return path === undefined && [124, 126, 127].includes(exitCode) ? undefined : { path };
}

/** What sshd gives a session; the second variable tells Debian's bash to read ~/.bashrc. */
const asSshd = { PATH: '/usr/local/bin:/usr/bin:/bin:/usr/games', SSH_CLIENT: '127.0.0.1 1 22', TERM: 'dumb' };

/** An interactive shell keeps a history: bash and zsh in this file, fish under this name (empty: nowhere). */
const withoutHistory = { HISTFILE: '/dev/null', fish_history: '' };

async function startUpFiles(
  probe: Probe,
  { home }: Layout,
  { login, zsh, fish }: AccountShells,
): Promise<ShellReach['files']> {
  const own: Readonly<Record<string, readonly string[]>> = {
    zsh: zsh === undefined ? [] : [...zsh.starts, ...zsh.later],
    fish: fish === undefined ? [] : [fish],
    bash: bashFiles.map((name) => `${home}/${name}`),
  };
  const paths = own[shellName(login)] ?? [`${home}/.profile`];
  const texts = await Promise.all(paths.map(async (path) => await probe.readFile(path).catch(() => undefined)));
  return paths.flatMap((path, index) => {
    const text = texts[index];
    return text === undefined ? [] : [{ path, text }];
  });
}

/** Why the launchers are not found, where not, and what to type; with the line that shows it. */
export interface Unreached extends Problem {
  readonly path?: string;
  readonly line?: number;
}

/** Judges what the login shell found. Undefined if all is well, or if nothing could be asked. */
export function unreached({ shells, found, files }: ShellReach, layout: Layout): Unreached | undefined {
  const missing = Object.entries(found).flatMap(([way, path]) => (path === undefined ? [way as Way] : []));
  if (shells.login === undefined || missing.length === 0) return undefined;
  const name = shellName(shells.login);
  const where = missing.map((way) => (way === 'login' ? 'a login' : '"ssh HOST claude-local"')).join(' and ');
  const lost = `your login shell is ${name}, and in it ${where} does not find the launchers`;
  const { handover } = shells;
  if (missing.includes('login') && handover !== undefined && !supported.includes(handover.shell)) {
    const { path, line, shell } = handover;
    return {
      code: 'launchers-not-in-path',
      problem: `${lost}: ${path} hands over to ${shell} in line ${line}`,
      fix: lineFor(shell, layout),
      path,
      line,
    };
  }
  if (!supported.includes(name))
    return {
      code: 'launchers-not-in-path',
      problem: `${lost}; start-up files of ${name} are left to you`,
      fix: lineFor(name, layout),
    };
  const reset = resetting(files);
  if (reset !== undefined) {
    const { path, line } = reset;
    return {
      code: 'launchers-not-in-path',
      problem: `${lost}: line ${line} of ${path} resets PATH without ${layout.binDir}`,
      fix: `put $PATH into its new value:  nano +${line} ${path}`,
      path,
      line,
    };
  }
  return name === 'bash' && missing.includes('login')
    ? { ...unread(files, lost, layout) }
    : {
        code: 'launchers-not-in-path',
        problem: lost,
        fix: `put our block back with  claude-routing-install  and see what it says:  ${shells.login} -lic 'echo $PATH'`,
      };
}

const supported: readonly string[] = ['bash', 'zsh', 'fish'];

/** A login bash reads one file only, and Debian's reads ~/.bashrc from there. */
function unread(files: ShellReach['files'], lost: string, { home }: Layout): Unreached {
  const order = ['.bash_profile', '.bash_login', '.profile'].map((name) => `${home}/${name}`);
  const path = order.find((candidate) => files.some((file) => file.path === candidate));
  const why = path === undefined ? 'there is no ~/.profile that reads ~/.bashrc' : `${path} does not read ~/.bashrc`;
  return {
    code: 'launchers-not-in-path',
    problem: `${lost}: ${why}`,
    fix: `echo '. ~/.bashrc' >> ${path ?? `${home}/.profile`}`,
  };
}

/** The last line that gives PATH a value without its former one. */
function resetting(files: ShellReach['files']): { readonly path: string; readonly line: number } | undefined {
  return files
    .flatMap(({ path, text }) =>
      shellCommands(text).flatMap(({ words }) =>
        setsPath(words.map(({ raw }) => raw)) ? [{ path, line: words[0]?.line ?? 1 }] : [],
      ),
    )
    .at(-1);
}

function setsPath(words: readonly string[]): boolean {
  const text = words.join(' ');
  return (
    /^(?:(?:export|typeset|declare)\s+(?:-\S+\s+)?)?(?:PATH|path)=|^set\s+(?:-\S+\s+)+PATH\s/.test(text) &&
    !/\$\{?(?:PATH|path)\b/.test(text)
  );
}

/** What to add to a shell whose files are not edited by this program, and what has to be typed where it reads none. */
export function lineFor(shell: string, { home }: Pick<Layout, 'home'>): string {
  const full =
    'and over ssh use the full path, because this shell reads no start-up file for a command:  ssh HOST .local/bin/claude-local';
  const bin = `${home}/.local/bin`;
  switch (shell) {
    case 'csh':
    case 'tcsh':
      return `echo 'set path = (${bin} $path)' >> ~/.${shell}rc   (if there is only a ~/.cshrc, there)`;
    case 'nu':
      return `echo '$env.PATH = ($env.PATH | prepend "${bin}")' >> ~/.config/nushell/env.nu   ${full}`;
    case 'elvish':
      return `echo 'set paths = [${bin} $@paths]' >> ~/.config/elvish/rc.elv   ${full}`;
    case 'xonsh':
      return `echo '$PATH.insert(0, "${bin}")' >> ~/.xonshrc   ${full}`;
    case 'sh':
    case 'dash':
    case 'ksh':
    case 'ksh93':
    case 'mksh':
      return `echo 'export PATH="${bin}:$PATH"' >> ~/.profile   ${full}`;
    default:
      return `put ${bin} into PATH in the start-up file of ${shell}, or call them by their full paths:  ${bin}/claude-local`;
  }
}

/** That a new session of this account finds the launchers. Its own shell is asked: nothing else knows what its files do. */
export const reachesShells: Proof<Context> = {
  name: 'launchers in your shell',
  run: async (probe, { layout }) => {
    const reach = await lookAtShell(probe, layout);
    const ways = Object.entries(reach.found).flatMap(([way, path]) => (path === undefined ? [] : [way]));
    const note = `${shellName(reach.shells.login) || 'no login shell'}: ${ways.length === 0 ? 'not found' : `found by ${ways.join(' and ')}`}`;
    const problem = unreached(reach, layout);
    if (problem === undefined) return success({ note });
    return success({ note, warning: problemOf(problem) });
  },
};

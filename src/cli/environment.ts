import { type UserInfo, userInfo } from 'node:os';
import { resolve } from 'node:path';
import { refusalIn, refusalProblem } from '../engine/errno.ts';
import type { Account } from '../layout.ts';
import type { Problem } from '../problem.ts';
import { exitCodes } from '../session/exit-codes.ts';
import { type Program, Refused } from '../session/program.ts';
import { shellWord } from '../shell/word.ts';
import type { Ui } from '../ui/ui.ts';

/** Programs cannot be started in a directory that was removed, or that this account may not enter: root's, after `su` or `sudo -u`. */
export function workingDirectory(ui: Pick<Ui, 'say'>): string {
  try {
    // Entering it once more asks for the permission that starting a program there takes.
    process.chdir(process.cwd());
    return process.cwd();
  } catch (error) {
    process.chdir('/');
    const closed = refusalIn(error)?.code === 'EACCES';
    const what = closed ? 'may not be used by this account' : 'no longer exists';
    ui.say(`     Note: the current directory ${what}. Relative paths are looked up in /.`, 'warning');
    return process.cwd();
  }
}

/** What the system knows about this user id; a container may run with an id that it does not know. */
export function ownEntry(): UserInfo<string> | undefined {
  try {
    return userInfo();
  } catch {
    return undefined;
  }
}

/** What programs get: enough to find things and to be reached, nothing that could carry a key or change a route. */
export function plainEnvironment(account: Account, searchPath: string | undefined): Record<string, string> {
  const passed = ['SHELL', 'TERM', 'TZ', 'SSL_CERT_FILE', 'SSL_CERT_DIR', ...proxyVariables];
  const entries = passed.flatMap((name) =>
    process.env[name] === undefined ? [] : [[name, process.env[name]] as const],
  );
  const usual = `${process.env['PATH'] ?? ''}:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin`;
  return {
    ...Object.fromEntries(entries),
    // Programs' output is parsed here, and sudo and the system would translate theirs.
    LC_ALL: 'C.UTF-8',
    HOME: account.home,
    USER: account.user,
    LOGNAME: account.user,
    PATH: searchPath ?? usual,
  };
}

const proxyVariables = ['http_proxy', 'https_proxy', 'no_proxy', 'HTTP_PROXY', 'HTTPS_PROXY', 'NO_PROXY'];

/** What this process knows about itself. */
export interface Process {
  readonly uid: number;
  /** Name and home as the system keeps them; undefined for a user id that it does not know. */
  readonly entry: { readonly username: string; readonly homedir: string } | undefined;
  /** The variable HOME, which overrides the system's entry. */
  readonly home: string | undefined;
}

/** The account that this program works for. With `problem` it is good for reading files that are named, and for nothing else. */
export function ownAccount({ uid, entry, home }: Process): { readonly account: Account; readonly problem?: Problem } {
  const usual = entry?.homedir ?? '';
  const wanted = home === undefined || home === '' ? usual : home;
  const account: Account = {
    user: entry?.username ?? String(uid),
    uid,
    home: wanted === '' ? '/' : resolve('/', wanted),
  };
  const problem = entry === undefined ? unknownUser(uid) : homeProblem(wanted, usual);
  return problem === undefined ? { account } : { account, problem };
}

function unknownUser(uid: number): Problem {
  return {
    code: 'account-unknown',
    problem: `this program runs as user id ${uid}, which has no account on this machine`,
    fix: `see:  getent passwd ${uid}  and log in as a user that has one, e.g. by ssh`,
  };
}

function homeProblem(home: string, usual: string): Problem | undefined {
  // A path in units, compose files and start-up files has to mean the same to all of them.
  const why = !home.startsWith('/')
    ? 'is not an absolute path'
    : /[\p{C}\p{Zl}\p{Zp}"'\\$`:]/u.test(home)
      ? 'contains characters that settings files cannot hold'
      : undefined;
  if (why === undefined) return undefined;
  return {
    code: 'home-wrong',
    problem: `HOME is ${home === '' ? 'not known' : home}, which ${why}`,
    fix: `correct it:  export HOME=${ownHome(usual)}`,
  };
}

function ownHome(usual: string): string {
  return usual.startsWith('/') ? shellWord(usual) : '/home/YOUR-USER';
}

/** Refuses a home that belongs to another account and is closed, e.g. root's after `sudo -u`. */
export async function requireOpenHome({ host, account, layout }: Program, usual: string): Promise<void> {
  try {
    await host.stat(layout.savedAnswers);
  } catch (error) {
    const refusal = refusalIn(error);
    if (refusal === undefined) throw error;
    const own = usual !== '' && resolve('/', usual) !== account.home;
    const found = refusalProblem(refusal);
    if (!own) throw new Refused(exitCodes.preconditionNotMet, found);
    throw new Refused(exitCodes.preconditionNotMet, {
      code: 'home-wrong',
      problem: `HOME names a folder that ${account.user} cannot use: ${found.problem}`,
      fix: `set your own:  export HOME=${ownHome(usual)}`,
    });
  }
}

import { type UserInfo, userInfo } from 'node:os';
import type { Account } from '../layout.ts';
import type { Ui } from '../ui/ui.ts';

/** A directory that was taken away meanwhile is none to start programs in. */
export function workingDirectory(ui: Pick<Ui, 'say'>): string {
  try {
    return process.cwd();
  } catch {
    process.chdir('/');
    ui.say('     Note: the current directory no longer exists. Relative paths are looked up in /.', 'warning');
    return process.cwd();
  }
}

/** What the system knows of this user id; a container may run with one that it does not know. */
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
    // What programs say is read: sudo's and the system's words are translated, and then mean nothing to anybody here.
    LC_ALL: 'C.UTF-8',
    HOME: account.home,
    USER: account.user,
    LOGNAME: account.user,
    PATH: searchPath ?? usual,
  };
}

const proxyVariables = ['http_proxy', 'https_proxy', 'no_proxy', 'HTTP_PROXY', 'HTTPS_PROXY', 'NO_PROXY'];

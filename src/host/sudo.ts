import { execa } from 'execa';

/** Milliseconds between two refreshes; Debian's sudo forgets after fifteen minutes. */
const refreshEvery = 4 * 60_000;

/** Makes sure that later commands can use sudo without a question. Asks for the password now, on the terminal itself, where that is allowed. */
export async function acquireSudo(uid: number, interactive: boolean): Promise<boolean> {
  if (uid === 0 || (await sudo(['-n', 'true'], 'ignore'))) return true;
  if (!interactive || !(await sudo(['-v'], 'inherit'))) return false;
  setInterval(() => void sudo(['-n', '-v'], 'ignore'), refreshEvery).unref();
  return true;
}

async function sudo(args: readonly string[], stdio: 'inherit' | 'ignore'): Promise<boolean> {
  const { exitCode } = await execa('sudo', [...args], { stdio, reject: false });
  return exitCode === 0;
}

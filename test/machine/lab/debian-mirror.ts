import { readFileSync } from 'node:fs';
import { attempt, must } from './command.ts';

/** The release of the machines that the lab boots. */
export const MACHINE_RELEASE = 'trixie';

/** Where this build host gets Debian from; the machine's archive is fetched from the same place. No trailing slash. */
export interface DebianMirror {
  readonly main: string;
  readonly security: string | undefined;
  /** apt settings of this host about the age of lists, which the machine needs as well when its mirror does. */
  readonly settings: readonly string[];
}

/** Reads the mirror out of this host's own apt configuration, fetching its package lists when there are none yet. */
export async function readDebianMirror(): Promise<DebianMirror> {
  const codename = /^VERSION_CODENAME=(\w+)/m.exec(readFileSync('/etc/os-release', 'utf8'))?.[1] ?? '';
  let targets = await readTargets();
  if (!targets.some((target) => target.origin === 'Debian')) {
    await must('apt-get', ['-q', '-o', 'DPkg::Lock::Timeout=300', 'update'], { env: { LC_ALL: 'C' } });
    targets = await readTargets();
  }
  const find = (release: string) =>
    targets.find((target) => target.release === release && target.origin === 'Debian' && target.component === 'main');
  const main = find(codename);
  if (main === undefined) throw new Error(`this host's apt sources name no Debian archive for ${codename}`);
  return { main: main.uri, security: find(`${codename}-security`)?.uri, settings: await readAgeSettings() };
}

interface Target {
  readonly uri: string;
  readonly release: string;
  readonly component: string;
  readonly origin: string;
}

async function readTargets(): Promise<Target[]> {
  const format = '$(CREATED_BY)|$(REPO_URI)|$(RELEASE)|$(COMPONENT)|$(ORIGIN)';
  const listed = await attempt('apt-get', ['indextargets', '--format', format], { env: { LC_ALL: 'C' } });
  return listed.stdout
    .split('\n')
    .map((line) => line.split('|'))
    .filter(([createdBy]) => createdBy === 'Packages')
    .map(([, uri = '', release = '', component = '', origin = '']) => ({
      uri: uri.replace(/\/$/, ''),
      release,
      component,
      origin,
    }));
}

async function readAgeSettings(): Promise<string[]> {
  const dump = await attempt('apt-config', ['dump'], { env: { LC_ALL: 'C' } });
  const lines = dump.stdout.split('\n').filter((line) => /^Acquire::(Check-Valid-Until|Check-Date) "/.test(line));
  return [...new Set(lines)];
}

import type { Check, CheckFinding, InstalledCheckContext, Words } from '../../checks/check.ts';
import type { Context } from '../../context.ts';
import type { Probe } from '../../host/host.ts';
import type { LauncherName, Layout } from '../../layout.ts';
import type { Resource, ResourceId } from '../../resources/resource.ts';
import { hasBlock } from '../../shell/block.ts';
import { given } from '../../text/json.ts';
import { launchersFor } from './launchers.ts';
import { lookAtShell, type ShellReach, type Unreached, unreached } from './start-up-files/reach.ts';
import { shellBlockName } from './start-up-files/shell-environment.ts';
import { shellName } from './start-up-files/shells.ts';
import { launchers } from './step.ts';

/** Row "command not found: adduser" of the guide, and shells in which nothing is found at all. */
export const searchPath: Check = {
  id: 'path',
  about: 'PATH of this shell, and what the login shell finds',
  on: 'machine',
  look: async ({ probe, layout, environment, installed }) => {
    const here = missingFolders(layout, foldersIn(environment['PATH']), installed !== undefined);
    if (installed === undefined || layout.uid === 0 || here.some(({ code }) => code === 'path-overwritten'))
      return here;
    // No shell can find a launcher that does not exist; that it is missing is reported elsewhere.
    if ((await probe.stat(layout.launchers['claude-local'])) === undefined) return here;
    const reach = await lookAtShell(probe, layout);
    const cause = unreached(reach, layout);
    // A new login finds them: nothing is broken on the machine, and --fix has nothing left to do.
    return cause === undefined
      ? here.map((found) => ({ ...found, severity: 'note' }))
      : [lost(cause, await missingBlock(reach, installed, probe), reach)];
  },
};

/** What the login shell does not find is reported instead of what this shell lacks: it is the cause. */
function lost(cause: Unreached, fixWith: readonly Resource[], { shells }: ShellReach): CheckFinding {
  const { code, problem, fix, path, line } = cause;
  const text = `asked: ${shells.login ?? ''}`;
  const words: Words = {
    code,
    symptom: 'command not found: claude-local',
    problem,
    evidence: [{ ...given({ path, line }), text }],
    severity: isKept(shells.login) ? ('broken' as const) : ('note' as const),
  };
  return fixWith.length > 0 ? { ...words, fixWith } : { ...words, fix };
}

/** The resources that put our block into the login shell's files; none if it is there. */
async function missingBlock(reach: ShellReach, installed: Context, probe: Probe): Promise<readonly Resource[]> {
  const { zsh, fish } = reach.shells;
  const all = { bash: [installed.layout.bashrc], zsh: zsh?.starts ?? [], fish: fish === undefined ? [] : [fish] };
  const starts = all[shellName(reach.shells.login) as keyof typeof all] ?? [];
  const [first] = starts;
  if (first === undefined || reach.files.some(({ path, text }) => path === first && hasBlock(text, shellBlockName)))
    return [];
  const ids = environmentIds(shellName(reach.shells.login));
  const own = await launchers.resources(installed, probe);
  return own.filter(
    (resource) => ids.includes(resource.id) || (resource.kind === 'file' && starts.includes(resource.path)),
  );
}

/** Ids of the files that the start-up file of a shell sources. */
function environmentIds(shell: string): readonly ResourceId[] {
  if (shell === 'zsh') return ['zsh-environment', 'shell-environment'];
  return shell === 'fish' ? ['fish-environment', 'shell-environment'] : ['shell-environment'];
}

function isKept(login: string | undefined): boolean {
  return ['bash', 'zsh', 'fish'].includes(shellName(login));
}

/** Folders that should be in PATH and are not; judged by what the account is for. */
export function missingFolders(
  layout: Pick<Layout, 'uid' | 'binDir'>,
  folders: readonly string[],
  installed: boolean,
): readonly CheckFinding[] {
  const root = layout.uid === 0;
  const wanted = root ? ['/usr/sbin', '/usr/bin'] : ['/usr/bin', ...(installed ? [layout.binDir] : [])];
  const missing = wanted.filter((folder) => !folders.includes(folder));
  if (missing.length === 0) return [];
  const lost = missing.includes('/usr/bin') ? 'ls' : root ? 'adduser' : 'claude-routed';
  const fix = root
    ? `exit, then  su -   or type  export PATH=${missing.join(':')}:$PATH`
    : `export PATH=${missing.join(':')}:$PATH`;
  return [
    {
      symptom: `command not found: ${lost}`,
      code: missing.includes('/usr/bin') ? 'path-overwritten' : 'shell-outdated',
      problem: root
        ? 'plain su was used to become root, which keeps the PATH of an ordinary account'
        : 'this shell was started before the installation, or one of its files removed the folder again',
      evidence: [{ text: `this shell: PATH=${folders.join(':')}` }],
      fix,
    },
  ];
}

export function foldersIn(path = ''): readonly string[] {
  return path.split(':').filter((folder) => folder !== '');
}

/** Programs of the same name that come before ours. */
export const shadowed: Check = {
  id: 'shadowed',
  about: 'nothing stands before the launchers in PATH, and there is one Claude Code',
  on: 'installation',
  look: async (examination) => [...(await shadowedLaunchers(examination)), ...(await otherClients(examination))],
};

async function shadowedLaunchers({
  probe,
  layout,
  environment,
  installed,
}: InstalledCheckContext): Promise<readonly CheckFinding[]> {
  const folders = foldersIn(environment['PATH']);
  const at = folders.indexOf(layout.binDir);
  const before = at === -1 ? [] : folders.slice(0, at);
  const places = launchersFor(installed.answers).flatMap((name) =>
    before.map((folder) => ({ name, path: `${folder}/${name}` })),
  );
  const there = await Promise.all(places.map(async ({ path }) => (await probe.stat(path)) !== undefined));
  return places.filter((_, index) => there[index]).map(({ name, path }) => standsBefore(name, path, layout));
}

function standsBefore(name: LauncherName, path: string, layout: Layout): CheckFinding {
  return {
    symptom: `${name} starts something else`,
    code: 'program-in-front',
    problem: `a program of that name stands before ${layout.launchers[name]} in PATH`,
    evidence: [{ path, text: `comes before ${layout.binDir}` }],
    fix: `look at it, then move it away:  mv ${path} ${path}.before`,
  };
}

async function otherClients({
  probe,
  layout,
  environment,
  installed,
}: InstalledCheckContext): Promise<readonly CheckFinding[]> {
  const ours = installed.answers.claudeCode.source === 'apt' ? '/usr/bin/claude' : layout.claudeBinary;
  const folders = [...foldersIn(environment['PATH']), `${layout.home}/.claude/local`, `${layout.home}/.npm-global/bin`];
  // /bin is /usr/bin by another name.
  const places = [...new Set(folders.filter((folder) => folder !== '/bin').map((folder) => `${folder}/claude`))].filter(
    (path) => path !== ours,
  );
  const there = await Promise.all(places.map(async (path) => (await probe.stat(path)) !== undefined));
  const others = places.filter((_, index) => there[index]);
  return severalClients(ours, others);
}

/** More than one Claude Code: each updates itself on its own, and which one starts depends on the shell. */
export function severalClients(ours: string, others: readonly string[]): readonly CheckFinding[] {
  const [first] = others;
  if (first === undefined) return [];
  const fix = first.includes('/.claude/local/')
    ? `rm -r ${first.replace(/\/claude$/, '')}`
    : `npm uninstall -g @anthropic-ai/claude-code   or, if npm does not know it:  mv ${first} ${first}.before`;
  return [
    {
      symptom: 'claude is a different version from the one you installed',
      code: 'several-clients',
      problem: `there is more than one Claude Code; the launchers start ${ours}`,
      evidence: others.map((path) => ({ path, text: 'another Claude Code' })),
      severity: 'note',
      fix,
    },
  ];
}

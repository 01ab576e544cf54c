import { dirname } from 'node:path';
import { type Precedence, precedences, type Surroundings, type VariablePlaces } from '../checks/variable-source.ts';
import { bashFiles, findShells, zshFileNames } from '../components/launchers/start-up-files/shells.ts';
import type { Probe } from '../host/host.ts';
import type { Layout } from '../layout.ts';
import {
  fishVariables,
  lineVariables,
  managerVariables,
  pamVariables,
  shellEnvironmentVariables,
  universalVariables,
} from './line-variables.ts';
import { type FoundVariable, listedProjects, settingsVariables } from './settings-variables.ts';
import { type SourcedFile, shellVariables } from './shell-variables.ts';
import { type About, filesIn, placed, placesInFile, placesInSettings, type Seen } from './variable-file.ts';

/**
 * Every place on this machine that gives a watched variable a value, with its line. Looks only. A file that exists and
 * cannot be read or understood is told as such. Settings of the projects that Claude Code remembers are read too; those that
 * do not count in `cwd` are marked `elsewhere`.
 */
export async function findVariablePlaces(probe: Probe, where: Surroundings): Promise<VariablePlaces> {
  const looked = await Promise.all([
    managedPlaces(probe),
    userPlaces(probe, where),
    projectPlaces(probe, where),
    launcherFiles(probe, where.layout),
    placesInFile(probe, 'secrets-file', where.layout.secretsFile, lineVariables),
    shellFiles(probe, where.layout),
    systemFiles(probe, where.layout.home),
    userManager(probe, where.layout),
    environmentD(probe, where.layout.home),
  ]);
  const all = [...looked.flat(), ...placed('this-shell', {}, shellEnvironmentVariables(where.environment))];
  const rank = (seen: Seen): number => precedences.indexOf((seen.ok ? seen.value : seen.problem).layer);
  const sorted = [...all].sort((a, b) => rank(a) - rank(b));
  return {
    places: sorted.flatMap((seen) => (seen.ok ? [seen.value] : [])),
    unreadable: sorted.flatMap((seen) => (seen.ok ? [] : [seen.problem])),
  };
}

/** A launcher is a small text; the client itself lies in the same directory and is none. */
const largestLauncher = 100_000;

async function launcherFiles(probe: Probe, { binDir, home }: Layout): Promise<readonly Seen[]> {
  const names = (await probe.list(binDir)).filter((name) => name.startsWith('claude')).sort();
  const looked = names.map(async (name): Promise<readonly Seen[]> => {
    const path = `${binDir}/${name}`;
    const found = await probe.stat(path);
    if (found?.kind !== 'file' || found.size > largestLauncher) return [];
    return await placesInFile(probe, 'launcher', path, (text) => shellVariables(text, home).found, { within: name });
  });
  return (await Promise.all(looked)).flat();
}

async function shellFiles(probe: Probe, layout: Layout): Promise<readonly Seen[]> {
  const { home } = layout;
  const { zsh, fish } = await findShells(probe, layout);
  const usual = [...bashFiles, '.bash_aliases', ...zshFileNames].map((name) => `${home}/${name}`);
  const paths = [...new Set([...usual, ...(zsh === undefined ? [] : [...zsh.starts, ...zsh.later])])];
  return [
    ...(await shellTexts(probe, 'shell-file', paths, home)),
    ...(fish === undefined ? [] : await fishFiles(probe, fish)),
  ];
}

/** config.fish, what fish reads before it, and the variables that it keeps for all its sessions. */
async function fishFiles(probe: Probe, config: string): Promise<readonly Seen[]> {
  const folder = dirname(config);
  const parts = await filesIn(probe, 'shell-file', `${folder}/conf.d`, '.fish');
  const seen = [...parts.paths, config].map((path) => placesInFile(probe, 'shell-file', path, fishVariables));
  const kept = placesInFile(probe, 'shell-file', `${folder}/fish_variables`, universalVariables);
  return [...parts.unreadable, ...(await Promise.all([...seen, kept])).flat()];
}

/** These files and, once, those that they source. */
async function shellTexts(
  probe: Probe,
  layer: Precedence,
  paths: readonly string[],
  home: string,
): Promise<readonly Seen[]> {
  const sourced = new Map<string, SourcedFile>();
  const read = (text: string): readonly FoundVariable[] => {
    const { found, sourced: more } = shellVariables(text, home);
    for (const one of more) if (!paths.includes(one.path)) sourced.set(one.path, one);
    return found;
  };
  const seen = await Promise.all(paths.map((path) => placesInFile(probe, layer, path, read)));
  const below = [...sourced.values()].map(({ path, exported }) =>
    placesInFile(probe, layer, path, (text) => shellVariables(text, home, { exported }).found),
  );
  return [...seen.flat(), ...(await Promise.all(below)).flat()];
}

async function systemFiles(probe: Probe, home: string): Promise<readonly Seen[]> {
  const profiles = await filesIn(probe, 'system-file', '/etc/profile.d', '.sh');
  const zsh = ['zshenv', 'zprofile', 'zshrc', 'zlogin'].map((name) => `/etc/zsh/${name}`);
  const shells = ['/etc/profile', ...profiles.paths, '/etc/bash.bashrc', ...zsh];
  return [
    ...profiles.unreadable,
    ...(await placesInFile(probe, 'system-file', '/etc/environment', lineVariables)),
    ...(await shellTexts(probe, 'system-file', shells, home)),
    ...(await placesInFile(probe, 'system-file', `${home}/.pam_environment`, pamVariables)),
  ];
}

/** What the user's systemd gives every unit it starts; nothing where it does not answer, which is told elsewhere. */
async function userManager(probe: Probe, { sessionEnv }: Layout): Promise<readonly Seen[]> {
  const { exitCode, stdout } = await probe.query({
    file: 'systemctl',
    args: ['--user', 'show-environment'],
    env: sessionEnv,
  });
  return exitCode === 0 ? placed('user-manager', {}, managerVariables(stdout)) : [];
}

async function environmentD(probe: Probe, home: string): Promise<readonly Seen[]> {
  const folders = [`${home}/.config/environment.d`, '/etc/environment.d'];
  const looked = folders.map(async (folder) => {
    const { paths, unreadable } = await filesIn(probe, 'environment-d', folder, '.conf');
    const found = await Promise.all(paths.map((path) => placesInFile(probe, 'environment-d', path, lineVariables)));
    return [...found.flat(), ...unreadable];
  });
  return (await Promise.all(looked)).flat();
}

/** The drop-ins come after the file itself, in the order of their names. */
async function managedPlaces(probe: Probe): Promise<readonly Seen[]> {
  const folder = '/etc/claude-code';
  const dropIns = await filesIn(probe, 'managed-settings', `${folder}/managed-settings.d`, '.json');
  const paths = [`${folder}/managed-settings.json`, ...dropIns.paths];
  const found = await Promise.all(
    paths.map((path) => placesInSettings(probe, 'managed-settings', path, settingsVariables)),
  );
  return [...found.flat(), ...dropIns.unreadable];
}

/** Where Claude Code may keep its settings: the usual place, those of the launchers, and that of this shell. */
function configDirectories({ layout, environment }: Omit<Surroundings, 'cwd'>): readonly string[] {
  const usual = [usualConfigDir(layout), layout.routedConfigDir, layout.apiConfigDir];
  const own = environment['CLAUDE_CONFIG_DIR'];
  return [...new Set(own === undefined || own === '' ? usual : [...usual, own])];
}

/** Where plain `claude` keeps its settings when nothing else is said. */
export function usualConfigDir({ home }: Layout): string {
  return `${home}/.claude`;
}

/** The client's own notes; those of the usual directory lie beside it. */
function stateFile(layout: Layout, configDir: string): string {
  return configDir === usualConfigDir(layout) ? `${configDir}.json` : `${configDir}/.claude.json`;
}

/** Settings of the person, and `env` of the client's own notes. */
async function userPlaces(probe: Probe, where: Surroundings): Promise<readonly Seen[]> {
  const looked = configDirectories(where).map(async (configDir) => {
    const state = (text: string) => settingsVariables(text, false);
    return [
      ...(await placesInSettings(probe, 'user-settings', `${configDir}/settings.json`, settingsVariables, {
        configDir,
      })),
      ...(await placesInSettings(probe, 'client-state', stateFile(where.layout, configDir), state, { configDir })),
    ];
  });
  return (await Promise.all(looked)).flat();
}

/** Settings of this directory, of its repository, and of every project that the client remembers. */
async function projectPlaces(probe: Probe, where: Surroundings): Promise<readonly Seen[]> {
  const { cwd } = where;
  const root = await repositoryOf(probe, cwd);
  const states = configDirectories(where).map((configDir) => stateFile(where.layout, configDir));
  const texts = await Promise.all(states.map((path) => probe.readFile(path).catch(() => undefined)));
  const listed = texts.flatMap((text) => listedProjects(text ?? ''));
  // Local settings of the repository win over those of the directory, and its other settings are not read below it.
  const all = [...new Set([cwd, ...(root === undefined ? [] : [root]), ...listed])];
  const looked = all.map(async (project) => {
    const about = (here: boolean): About => ({ project, ...(here ? {} : { elsewhere: true }) });
    const local = about(project === root || project === cwd);
    return [
      ...(await placesInSettings(
        probe,
        'local-settings',
        `${project}/.claude/settings.local.json`,
        settingsVariables,
        local,
      )),
      ...(await placesInSettings(
        probe,
        'project-settings',
        `${project}/.claude/settings.json`,
        settingsVariables,
        about(project === cwd),
      )),
    ];
  });
  return (await Promise.all(looked)).flat();
}

/** The nearest directory, upwards, that holds a repository. */
async function repositoryOf(probe: Probe, directory: string): Promise<string | undefined> {
  for (let at = directory; at.startsWith('/'); at = at.slice(0, at.lastIndexOf('/'))) {
    if ((await probe.stat(`${at}/.git`).catch(() => undefined)) !== undefined) return at;
  }
  return undefined;
}

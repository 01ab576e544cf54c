import type { Surroundings } from '../../checks/variable-source.ts';
import type { Probe } from '../../host/host.ts';
import type { Layout } from '../../layout.ts';
import { type About, filesIn, placesInSettings, type Seen } from '../variable-file.ts';
import { listedProjects, settingsVariables } from './settings-variables.ts';

/** The drop-ins come after the file itself, in the order of their names. */
export async function managedPlaces(probe: Probe): Promise<readonly Seen[]> {
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
export async function userPlaces(probe: Probe, where: Surroundings): Promise<readonly Seen[]> {
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
export async function projectPlaces(probe: Probe, where: Surroundings): Promise<readonly Seen[]> {
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

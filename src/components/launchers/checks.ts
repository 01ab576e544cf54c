import { byId, type Check, type CheckFinding } from '../../checks/check.ts';
import type { FileStat, Probe } from '../../host/host.ts';
import type { Layout } from '../../layout.ts';
import type { Problem } from '../../problem.ts';
import { closedProblem, folderObstacle, obstacleOf, unreadableProblem } from '../../resources/obstacle.ts';
import type { EditedText, Resource } from '../../resources/resource.ts';
import { shellWord } from '../../shell/word.ts';
import { launchersFor } from './launchers.ts';
import { findAliases, findFishAliases, retireAliases } from './start-up-files/bashrc.ts';
import { bashFiles, findShells, textOf, zshFileNames } from './start-up-files/shells.ts';
import { launchers } from './step.ts';

/** Row "syntax error near unexpected token '('" of the guide. */
export const aliases: Check = {
  id: 'alias',
  about: 'no alias with the name of a launcher in any file of the shells',
  on: 'installation',
  look: async ({ probe, layout, installed }) => {
    const { zsh, fish } = await findShells(probe, layout);
    const names = [...bashFiles, '.bash_aliases', ...zshFileNames].map((name) => `${layout.home}/${name}`);
    const paths = [...new Set([...names, ...(zsh?.later ?? []), fish ?? []].flat())];
    const texts = await Promise.all(paths.map(async (path) => await textOf(probe, path)));
    const own = await launchers.resources(installed, probe);
    return paths.flatMap((path, index) => {
      const known = own.find((resource) => resource.kind === 'file' && resource.path === path);
      const fixWith = known ?? withoutAliases(path.replace(`${layout.home}/`, '~/'), path);
      return aliasesIn(path, texts[index] ?? '', fixWith);
    });
  },
};

/** The aliases of a file that stand in the way of the launchers' functions. */
export function aliasesIn(path: string, text: string, fixWith: Resource): readonly CheckFinding[] {
  const found = path.endsWith('.fish') ? findFishAliases(text) : findAliases(text);
  if (found.length === 0) return [];
  return [
    {
      symptom: "syntax error near unexpected token '(' when a shell starts, or the alias instead of the launcher",
      code: 'alias-hides-launcher',
      problem: `an alias has the name of a launcher: ${[...new Set(found.map(({ name }) => name))].join(', ')}`,
      evidence: found.map(({ line, name }) => ({ path, line, text: `alias ${name}` })),
      fixWith: [fixWith],
    },
  ];
}

function withoutAliases(title: string, path: string): Resource {
  const content = (current: string | undefined): EditedText => retireAliases(current ?? '', title);
  return { kind: 'file', id: `start-up-file:${path}`, title, path, content, mode: 0o644, keepMode: true };
}

/** Row "model may not exist" of the guide, its first cause. */
export const betas: Check = {
  id: 'betas',
  about: 'the launchers leave out headers that the gateway cannot pass on',
  on: 'installation',
  look: async ({ probe, layout, installed }) => {
    const names = launchersFor(installed.answers).filter((name) => name !== 'claude-api');
    const texts = await Promise.all(names.map(async (name) => await probe.readFile(layout.launchers[name])));
    const without = names.filter((_, index) => texts[index] !== undefined && !leavesBetasOut(texts[index]));
    if (without.length === 0) return [];
    return [
      {
        symptom: '“The selected model may not exist or you may not have access to it”',
        code: 'edited-by-hand',
        problem:
          'a launcher lacks CLAUDE_CODE_DISABLE_EXPERIMENTAL_BETAS=1, and sends a header that the gateway cannot pass on',
        evidence: without.map((name) => ({ path: layout.launchers[name], text: 'the switch is not there' })),
        fixWith: byId(
          await launchers.resources(installed, probe),
          ...without.map((name) => `launcher:${name}` as const),
        ),
      },
    ];
  },
};

/** Whether a launcher's text switches the experimental headers off. */
export function leavesBetasOut(launcher: string): boolean {
  return /^\s*(?:export\s+)?CLAUDE_CODE_DISABLE_EXPERIMENTAL_BETAS=["']?1/m.test(launcher);
}

const files = [...bashFiles, '.bash_aliases', ...zshFileNames];
const folders = [
  ...['.config', '.config/systemd', '.config/systemd/user', '.local', '.local/bin', '.local/share', '.local/state'],
  ...['.ssh', '.docker', '.claude', '.cache'],
];

/** A place of the home as it is. */
export interface HomePlace {
  readonly path: string;
  readonly wanted: 'file' | 'folder';
  readonly stat: FileStat | undefined;
  /** For files: whether this account may read it. */
  readonly readable?: boolean;
}

/** What the shells read and what we write into has to be a file or a folder that this account may use. */
export const home: Check = {
  id: 'home',
  about: 'start-up files and folders of the home, and our own, can be used',
  on: 'machine',
  look: async ({ probe, layout, installed }) => {
    const { home } = layout;
    const looks = [
      folderAt(probe, home),
      ...files.map(async (name) => await fileAt(probe, `${home}/${name}`)),
      ...folders.map(async (name) => await folderAt(probe, `${home}/${name}`)),
    ];
    const places = await Promise.all(looks);
    const severity = installed === undefined ? ('note' as const) : ('broken' as const);
    const found = [...places.flatMap((place) => unusable(place)), ...(await takenPlaces(probe, layout))];
    return found.map((one) => ({ ...one, severity }));
  },
};

/** What is ours, and was made somebody else's: by an editor that root ran, or a backup that came back with another account's number. */
async function takenPlaces(probe: Probe, layout: Layout): Promise<readonly CheckFinding[]> {
  const owner = (await statOf(probe, layout.home))?.uid;
  const { configDir, gatewayDir, stateDir, routedConfigDir, apiConfigDir, secretsFile, launchers: ways } = layout;
  const places = [configDir, gatewayDir, stateDir, routedConfigDir, apiConfigDir, secretsFile, ...Object.values(ways)];
  const taken = await Promise.all(
    places.map(async (path) => {
      const within = (await probe.list(path).catch(() => [])).map((name) => `${path}/${name}`);
      const stats = await Promise.all([path, ...within].map(async (one) => [one, await statOf(probe, one)] as const));
      return takenPlace(path, owner, stats);
    }),
  );
  return taken.flat();
}

/** Judges a place and what is directly in it, by the owner of the home: what is only linked there may be anybody's. */
export function takenPlace(
  path: string,
  owner: number | undefined,
  stats: readonly (readonly [path: string, stat: FileStat | undefined])[],
): readonly CheckFinding[] {
  const foreign = stats.flatMap(([one, stat]) =>
    stat === undefined || stat.link !== undefined || stat.uid === owner
      ? []
      : [{ path: one, text: `owner ${stat.uid}` }],
  );
  if (foreign.length === 0) return [];
  return [
    {
      symptom: `${path} cannot be used`,
      code: 'permission-denied',
      problem: `${foreign.length === 1 ? foreign[0]?.path : `${path} with what is in it`} belongs to another account`,
      evidence: foreign,
      fix: `let it be yours again:  sudo chown -R "$USER": ${shellWord(path)}`,
    },
  ];
}

async function statOf(probe: Probe, path: string): Promise<FileStat | undefined> {
  return await probe.stat(path).catch(() => undefined);
}

async function folderAt(probe: Probe, path: string): Promise<HomePlace> {
  return { path, wanted: 'folder', stat: await statOf(probe, path) };
}

async function fileAt(probe: Probe, path: string): Promise<HomePlace> {
  const read = probe.readFile(path).then(
    () => true,
    () => false,
  );
  return { path, wanted: 'file', stat: await statOf(probe, path), readable: await read };
}

/** What is wrong with a place; nothing if it does not exist. */
export function unusable(place: HomePlace): readonly CheckFinding[] {
  const problem = place.wanted === 'file' ? problemOfFile(place) : problemOfFolder(place);
  if (problem === undefined) return [];
  return [
    {
      symptom: `${place.path} cannot be used`,
      ...problem,
      evidence: [{ path: place.path, text: kinds[place.stat?.kind ?? 'other'] }],
      explains: [`start-up-file:${place.path}`],
    },
  ];
}

const kinds: Readonly<Record<FileStat['kind'], string>> = {
  file: 'a file',
  directory: 'a directory',
  socket: 'a socket',
  link: 'a link that leads nowhere',
  other: 'neither a file nor a directory',
};

function problemOfFile({ path, stat, readable }: HomePlace): Problem | undefined {
  const file = {
    kind: 'file',
    id: `start-up-file:${path}`,
    title: 'start-up file',
    path,
    mode: 0,
    content: '',
  } as const;
  const obstacle = obstacleOf(file, { stat });
  return obstacle ?? (stat?.kind === 'file' && readable === false ? unreadableProblem(path) : undefined);
}

function problemOfFolder({ path, stat }: HomePlace): Problem | undefined {
  // A disk that can only be read is told by the look at the disks.
  const closed = stat === undefined || stat.closed === 'read-only' ? undefined : closedProblem({ path, stat });
  return folderObstacle(path, stat) ?? closed;
}

import type { Check, CheckFinding } from '../../checks/check.ts';
import type { FileStat, Probe } from '../../host/host.ts';
import type { Problem } from '../../problem.ts';
import { closedProblem, folderObstacle, obstacleOf, unreadableProblem } from '../../resources/obstacle.ts';
import { bashFiles, zshFileNames } from './start-up-files/shells.ts';

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
  /** Whether this account may read it; of files. */
  readonly readable?: boolean;
}

/** What the shells read and what we write into has to be a file or a folder that this account may use. */
export const home: Check = {
  id: 'home',
  about: 'start-up files and folders of the home can be used',
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
    return places.flatMap((place) => unusable(place)).map((found) => ({ ...found, severity }));
  },
};

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

/** What is wrong with a place; nothing where it is not there. */
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

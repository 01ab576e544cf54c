import { lstatSync, readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { readSecrets } from '../../src/components/secrets-file/secrets-env.ts';
import type { PaperMachine } from '../machine/paper/paper-machine.ts';

/** Everything about a machine that a run is to leave the same: files by path, and what its programs remember, by name. */
export type EndState = Readonly<Record<string, string>>;

/** The gateway key, where one has been made. */
export function gatewayKey({ layout }: PaperMachine): string | undefined {
  try {
    return readSecrets(readFileSync(layout.secretsFile, 'utf8')).gatewayKey?.reveal();
  } catch {
    return undefined;
  }
}

/** The machine as it is. What every run does anew (keys, times, its own number) is made plain; journal and backups are judged elsewhere. */
export function endState(machine: PaperMachine): EndState {
  const key = gatewayKey(machine);
  const plain = (text: string): string =>
    (key === undefined ? text : text.replaceAll(key, 'KEY'))
      .replaceAll(/\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d[.\d]*Z/g, 'TIME')
      // YAML puts a hash in quotes where it could be read as a number.
      .replaceAll(/"?\b[0-9a-f]{12}([0-9a-f]{4}([0-9a-f]{48})?)?\b"?/g, 'HASH')
      .replaceAll(/^600 \d+ \d+\n$/g, '600 PROCESS');
  const below = (path: string): string => path.slice(machine.folder.length);
  const apart = [machine.layout.journal, machine.layout.backupsDir].map(below);
  const files = readdirSync(machine.folder, { recursive: true, encoding: 'utf8' })
    .map((name) => `/${name}`)
    .filter((path) => path !== '/machine.json' && !path.startsWith('/run/'))
    .filter((path) => !apart.some((other) => path === other || path.startsWith(`${other}/`)))
    .sort()
    .map((path) => [path.replace(draft, '.DRAFT.new'), plain(fileWords(machine.folder + path))] as const);
  const remembered = Object.entries(machine.state).map(
    ([name, value]) => [name, plain(JSON.stringify(value, inOrder))] as const,
  );
  return Object.fromEntries([...files, ...remembered]);
}

/** What another run leaves in its place until the file is whole. */
const draft = /\.(\d+-)?[0-9a-f]{8}(\.new)?$/;

/** Drafts that nobody took away. */
export function drafts(state: EndState): readonly string[] {
  return Object.keys(state).filter((path) => path.startsWith('/') && /\.new$|\.DRAFT/.test(path));
}

/** What is not the same, in words. */
export function differences(found: EndState, wanted: EndState): readonly string[] {
  const names = [...new Set([...Object.keys(found), ...Object.keys(wanted)])].sort();
  return names.flatMap((name) => {
    const [is, should] = [found[name], wanted[name]];
    if (is === should) return [];
    if (should === undefined) return [`${name} is there`];
    return is === undefined ? [`${name} is missing`] : [`${name} differs: ${firstDifference(is, should)}`];
  });
}

function firstDifference(is: string, should: string): string {
  const at = [...is].findIndex((letter, index) => letter !== should[index]);
  const from = Math.max(0, (at < 0 ? is.length : at) - 20);
  return `${JSON.stringify(is.slice(from, from + 60))}, not ${JSON.stringify(should.slice(from, from + 60))}`;
}

function fileWords(path: string): string {
  const stat = lstatSync(path);
  const mode = (stat.mode & 0o7777).toString(8);
  if (stat.isSymbolicLink()) return `link ${readlinkSync(path)}`;
  return stat.isFile() ? `${mode} ${readFileSync(path, 'utf8')}` : `${mode} directory`;
}

/** Sets and the keys of objects in one order, so that the order of changes does not count. */
function inOrder(key: string, value: unknown): unknown {
  if (key === 'startedAt' || key === 'environment') return undefined;
  if (value instanceof Set) return [...value].map(String).sort();
  if (value === null || typeof value !== 'object' || Array.isArray(value)) return value;
  return Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)));
}

/** Lines of the journal that are not whole; a line that a fault cut off is one, and may stand alone. */
export function brokenLines({ layout }: PaperMachine): readonly string[] {
  let text = '';
  try {
    text = readFileSync(layout.journal, 'utf8');
  } catch {
    return [];
  }
  return text
    .split('\n')
    .filter((line) => line !== '')
    .filter((line) => !isJson(line));
}

function isJson(line: string): boolean {
  try {
    JSON.parse(line);
    return true;
  } catch {
    return false;
  }
}

/** Processes that still work in the machine's folder. */
export function orphans({ folder }: PaperMachine): readonly string[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name) && Number(name) !== process.pid)
    .flatMap((pid) => {
      try {
        const words = readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ');
        return words.includes(`${folder}/`) ? [words.trim()] : [];
      } catch {
        return [];
      }
    });
}

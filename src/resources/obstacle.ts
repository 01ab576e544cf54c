import type { FileStat } from '../host/host.ts';
import type { Problem } from '../problem.ts';
import { shellWord } from '../shell/word.ts';
import { type FileResource, titleOf } from './resource.ts';

/** The nearest directory above a place, or what is in the place of one. */
export interface Above {
  readonly path: string;
  readonly stat: FileStat;
}

/** Something else where a file, or a folder above it, has to be; with the command that moves it out of the way. */
export function obstacleOf(
  file: FileResource,
  { stat, above }: { readonly stat: FileStat | undefined; readonly above?: Above },
): Problem | undefined {
  const { path, content } = file;
  const title = titleOf(file);
  if (stat?.kind === 'link') return content === undefined ? undefined : brokenLink(path, stat);
  if (stat?.kind === 'directory') return directoryInTheWay(path, title, stat);
  if (stat !== undefined && stat.kind !== 'file')
    return movedAway(path, `${path} is not a plain file, but the ${title} has to be one`);
  if (above === undefined || content === undefined) return undefined;
  return folderObstacle(above.path, above.stat);
}

/** Why this account can neither add nor replace anything in the nearest directory that is there; `link` is one that leads into it. */
export function closedProblem(above: Above | undefined, link?: string): Problem | undefined {
  if (above?.stat.closed === undefined) return undefined;
  const { path, stat } = above;
  const folder = shellWord(path);
  if (stat.closed === 'read-only')
    return {
      code: 'disk-read-only',
      problem: `nothing can be written in ${path}: the disk that holds it is read-only`,
      fix: `see how it is mounted:  findmnt -T ${folder}  and why:  sudo dmesg | tail`,
    };
  if (link !== undefined)
    return {
      code: 'permission-denied',
      problem: `${link} is a link into ${path}, where this account may not write`,
      fix: `make it a file of your own:  cp --remove-destination "$(readlink -f ${shellWord(link)})" ${shellWord(link)}`,
    };
  return {
    code: 'permission-denied',
    problem: `this account may not write in ${path}`,
    fix: `see whose it is:  ls -ld ${folder}  and where it should be yours:  sudo chown "$USER": ${folder}`,
  };
}

/** Why a file cannot be looked into that another account, or its mode, keeps from this one. */
export function unreadableProblem(path: string, sudo = false): Problem {
  const file = shellWord(path);
  return {
    code: 'permission-denied',
    problem: `this account may not read ${path}`,
    fix: sudo
      ? `let it be read:  sudo chmod a+r ${file}`
      : `see whose it is:  ls -l ${file}  and where it should be yours:  sudo chown "$USER": ${file} && chmod u+rw ${file}`,
  };
}

/** The same of a folder. */
export function folderObstacle(path: string, stat: FileStat | undefined): Problem | undefined {
  if (stat === undefined || stat.kind === 'directory') return undefined;
  if (stat.kind === 'link') return brokenLink(path, stat);
  return movedAway(path, `${path} has to be a directory, but something else is there`);
}

function directoryInTheWay(path: string, title: string, { link }: FileStat): Problem {
  const what = link === undefined ? 'a directory' : `a link to the directory ${link}`;
  return movedAway(path, `${path} is ${what}, but the ${title} has to be a file there`);
}

function movedAway(path: string, problem: string): Problem {
  return {
    code: 'wrong-kind-of-file',
    problem,
    fix: `see what it is, then move it away:  mv ${shellWord(path)} ${shellWord(`${path}.before`)}`,
  };
}

/** Whether the file is meant to come back, e.g. with a disk or a repository, only the person knows. */
function brokenLink(path: string, { link, broken }: FileStat): Problem {
  if (broken === 'loop')
    return {
      code: 'link-broken',
      problem: `${path} is a link that leads back to itself`,
      fix: `remove the link:  rm ${shellWord(path)}`,
    };
  const why = broken === 'closed' ? 'which this account may not look at' : 'and nothing is there';
  const fix = `bring back what it leads to, or remove the link:  rm ${shellWord(path)}`;
  return {
    code: 'link-broken',
    problem: `${path} is a link to ${link}, ${why}`,
    fix,
  };
}

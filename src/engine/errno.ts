import { type Mount, mountHolding } from '../host/files/mounts.ts';
import type { Problem } from '../problem.ts';
import type { ProblemCode } from '../problem-codes/index.ts';
import { shellWord } from '../shell/word.ts';
import { fullDisk } from './full-disk.ts';

/** What the system refused, and to what. */
interface Refusal {
  /** `EACCES` */
  readonly code: string;
  readonly path?: string;
  /** What was being done, e.g. `open`. */
  readonly call?: string;
  /** In the words of Node. */
  readonly message: string;
}

interface Row {
  readonly code: ProblemCode;
  readonly what: (where: string) => string;
  readonly fix: (where: string) => string;
}

const look = (where: string) => `see who owns it and what its mode is:  ls -ld ${where}`;
const lookAbove = (where: string) => `see whose it is, and each folder above it:  namei -l ${where}`;
const again = 'then run this again: it goes on where it stopped';
const space = (where: string) => `see how full it is:  df -h ${where}  make room, ${again}`;
const mounting = (where: string) => `see how it is mounted:  findmnt -T ${where}`;

/** What an answer of the system means to a person, and what to type. Names as in errno(3); `where` is a path, quoted for a shell. */
const rows: Readonly<Record<string, Row>> = {
  EACCES: {
    code: 'permission-denied',
    what: (where) => `this account may not use ${where} (permission denied)`,
    fix: lookAbove,
  },
  EPERM: {
    code: 'permission-denied',
    what: (where) => `this account may not do that to ${where} (not permitted)`,
    fix: look,
  },
  ENOENT: {
    code: 'file-missing',
    what: (where) => `${where} does not exist, or no longer exists`,
    fix: () => 'is it spelled correctly? Then run this again',
  },
  ENOTDIR: {
    code: 'wrong-kind-of-file',
    what: (where) => `a part of ${where} is a file, not a directory`,
    fix: (where) => `see which:  namei -l ${where}`,
  },
  EISDIR: {
    code: 'wrong-kind-of-file',
    what: (where) => `${where} is a directory, not a file`,
    fix: (where) => `see what it holds:  ls -la ${where}`,
  },
  EEXIST: {
    code: 'file-exists',
    what: (where) => `${where} already exists`,
    fix: (where) => `see what it is:  ls -ld ${where}`,
  },
  ENOTEMPTY: {
    code: 'file-exists',
    what: (where) => `${where} is not empty`,
    fix: (where) => `see what it holds:  ls -la ${where}`,
  },
  ELOOP: {
    code: 'link-broken',
    what: (where) => `${where} is a link that leads back to itself`,
    fix: (where) => `see where it leads:  namei -l ${where}  and make it a file or a link to one`,
  },
  ENAMETOOLONG: {
    code: 'refused-by-system',
    what: (where) => `${where} is a longer name than the disk allows`,
    fix: () => 'use a shorter one',
  },
  ENOSPC: {
    code: 'disk-full',
    what: (where) => `the disk that holds ${where} is full`,
    fix: space,
  },
  EDQUOT: {
    code: 'quota-used-up',
    what: (where) => `the quota for ${where} is used up`,
    fix: () => `see it:  quota -s  make room, ${again}`,
  },
  EFBIG: {
    code: 'file-too-large',
    what: (where) => `${where} would become larger than is allowed`,
    fix: () => 'see the limit:  ulimit -f',
  },
  EROFS: {
    code: 'disk-read-only',
    what: (where) => `the disk that holds ${where} is read-only`,
    fix: (where) => `${mounting(where)}  and why:  sudo dmesg | tail`,
  },
  EIO: {
    code: 'disk-gone',
    what: (where) => `the disk that holds ${where} is failing (input/output error)`,
    fix: () => 'see what the kernel says:  sudo dmesg | tail -50',
  },
  ENODEV: {
    code: 'disk-gone',
    what: (where) => `the device that holds ${where} is gone`,
    fix: (where) => `see the mount:  findmnt -T ${where}`,
  },
  ENXIO: {
    code: 'disk-gone',
    what: (where) => `there is no device behind ${where}`,
    fix: look,
  },
  ESTALE: {
    code: 'disk-gone',
    what: (where) => `the network share that holds ${where} is gone`,
    fix: (where) => `mount it again:  findmnt -T ${where}`,
  },
  ENOTCONN: {
    code: 'disk-gone',
    what: (where) => `the network share that holds ${where} is gone`,
    fix: (where) => `mount it again:  findmnt -T ${where}`,
  },
  EBUSY: {
    code: 'file-in-use',
    what: (where) => `${where} is in use, or mounted by itself`,
    fix: (where) => `see which:  fuser -v ${where}  or  findmnt ${where}`,
  },
  ETXTBSY: {
    code: 'file-in-use',
    what: (where) => `${where} is a program that is running`,
    fix: (where) => `see what uses it:  fuser -v ${where}`,
  },
  EXDEV: {
    code: 'refused-by-system',
    what: (where) => `${where} is on a different disk from its folder`,
    fix: (where) => `see the mounts:  findmnt -T ${where}`,
  },
  EMLINK: {
    code: 'refused-by-system',
    what: (where) => `${where} has too many links`,
    fix: look,
  },
  EINVAL: {
    code: 'refused-by-system',
    what: (where) => `the system does not accept ${where}`,
    fix: look,
  },
  EMFILE: {
    code: 'limit-of-session',
    what: () => 'this session may not open more files',
    fix: () => `allow more:  ulimit -n 4096  ${again}`,
  },
  ENFILE: {
    code: 'limit-of-session',
    what: () => 'this machine has no room for more open files',
    fix: () => 'see who has them:  sudo lsof | wc -l',
  },
  ENOMEM: {
    code: 'memory-short',
    what: () => 'there is no memory left',
    fix: () => `see who has it:  free -h && ps aux --sort -rss | head  ${again}`,
  },
  EAGAIN: {
    code: 'limit-of-session',
    what: () => 'this account may not start more programs',
    fix: () => 'see the limit:  ulimit -u  and what runs:  ps ux',
  },
  E2BIG: {
    code: 'limit-of-session',
    what: () => 'there is too much in the environment to start a program',
    fix: () => 'see what it is:  env | wc -c',
  },
  ENOEXEC: {
    code: 'refused-by-system',
    what: (where) => `${where} is not a program for this machine`,
    fix: (where) => `see what it is:  file ${where}`,
  },
  EPIPE: {
    code: 'command-failed',
    what: () => 'a program ended before it had read its input',
    fix: () => `see why:  journalctl -e  ${again}`,
  },
};

/** What the system refused, in the words of Node's errors; undefined for an error of another kind. */
export function refusalIn(error: unknown): Refusal | undefined {
  if (!(error instanceof Error)) return undefined;
  const { path, syscall, message } = error as NodeJS.ErrnoException;
  const code = codeOf(error);
  if (code !== undefined && /^(?!ERR_)(E[A-Z0-9_]+|UNKNOWN)$/.test(code))
    return {
      code,
      message,
      ...(path === undefined ? {} : { path }),
      ...(syscall === undefined ? {} : { call: syscall }),
    };
  return refusalInWords(message) ?? refusalIn(error.cause);
}

/** Some functions of Node look first, and refuse in the system's place: ERR_FS_EISDIR, with what the system would say inside. */
function codeOf(error: Error): string | undefined {
  const { code, info } = error as { readonly code?: unknown; readonly info?: { readonly code?: unknown } };
  const told = info?.code ?? code;
  return typeof told === 'string' ? told : undefined;
}

/** The same out of a message alone: `ENOSPC: no space left on device, open '/x'`. */
export function refusalInWords(message: string): Refusal | undefined {
  const found = /\b(E[A-Z0-9]{2,}): [a-z][^,']*, (\w+)(?: '([^']*)')?/.exec(message);
  if (found === null) return undefined;
  const [, code = '', call = '', path] = found;
  return { code, call, message, ...(path === undefined ? {} : { path }) };
}

/** The problem that it is to a person. There is no answer of the system that has none. A disk without room is named. */
export function refusalProblem(
  { code, path, call, message }: Refusal,
  mountOf: (path: string) => Mount | undefined = mountHolding,
): Problem {
  const row = rows[code];
  const where = path === undefined ? '.' : shellWord(path);
  const full = code === 'ENOSPC' && path !== undefined ? mountOf(path) : undefined;
  if (full !== undefined) {
    const found = fullDisk(full);
    return {
      ...found,
      problem: `there is no room for ${path}: ${found.problem}`,
      fix: `${found.fix}  make room, ${again}`,
    };
  }
  if (row !== undefined)
    return { code: row.code, problem: row.what(path ?? `something (${call ?? code})`), fix: row.fix(where) };
  return {
    code: 'refused-by-system',
    problem: `the system refused something: ${message}`,
    fix: path === undefined ? `look at it, ${again}` : look(where),
  };
}

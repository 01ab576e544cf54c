import { fullestMount, type Mount, mountHolding } from '../host/files/mounts.ts';
import type { Problem } from '../problem.ts';
import type { ProblemCode } from '../problem-codes/index.ts';
import { shellWord } from '../shell/word.ts';

/** What the system refused, and for which path. */
interface Refusal {
  /** `EACCES` */
  readonly code: string;
  readonly path?: string;
  /** What was being done, e.g. `open`. */
  readonly call?: string;
  /** In Node's words. */
  readonly message: string;
}

/** Its code, what it means, and what to type. PLACE stands for the path. */
type Row = readonly [code: ProblemCode, what: string, fix: string];

const look = 'see who owns it and what its mode is:  ls -ld PLACE';
const again = 'then run this again: it goes on where it stopped';

/** What an answer of the system means to a person. Names as in errno(3). */
const rows: Readonly<Record<string, Row>> = {
  EACCES: [
    'permission-denied',
    'this account may not use PLACE (permission denied)',
    'see whose it is, and each folder above it:  namei -l PLACE  and where it should be yours:  sudo chown "$USER": PLACE',
  ],
  EPERM: ['permission-denied', 'this account may not do that to PLACE (not permitted)', look],
  ENOENT: ['file-missing', 'PLACE does not exist, or no longer exists', 'is it spelled correctly? Then run this again'],
  ENOTDIR: ['wrong-kind-of-file', 'a part of PLACE is a file, not a directory', 'see which:  namei -l PLACE'],
  EISDIR: ['wrong-kind-of-file', 'PLACE is a directory, not a file', 'see what it holds:  ls -la PLACE'],
  EEXIST: ['file-exists', 'PLACE already exists', 'see what it is:  ls -ld PLACE'],
  ENOTEMPTY: ['file-exists', 'PLACE is not empty', 'see what it holds:  ls -la PLACE'],
  ELOOP: [
    'link-broken',
    'PLACE is a link that leads back to itself',
    'see where it leads:  namei -l PLACE  and make it a file or a link to one',
  ],
  ENAMETOOLONG: ['refused-by-system', 'PLACE is a longer name than the disk allows', 'use a shorter one'],
  ENOSPC: ['disk-full', 'the disk that holds PLACE is full', `see how full it is:  df -h PLACE  make room, ${again}`],
  EDQUOT: ['quota-used-up', 'the quota for PLACE is used up', `see it:  quota -s  make room, ${again}`],
  EFBIG: ['file-too-large', 'PLACE would become larger than is allowed', 'see the limit:  ulimit -f'],
  EROFS: [
    'disk-read-only',
    'the disk that holds PLACE is read-only',
    'see how it is mounted:  findmnt -T PLACE  and why:  sudo dmesg | tail',
  ],
  EIO: [
    'disk-gone',
    'the disk that holds PLACE is failing (input/output error)',
    'see what the kernel says:  sudo dmesg | tail -50',
  ],
  ENODEV: ['disk-gone', 'the device that holds PLACE is gone', 'see the mount:  findmnt -T PLACE'],
  ENXIO: ['disk-gone', 'there is no device behind PLACE', look],
  ESTALE: ['disk-gone', 'the network share that holds PLACE is gone', 'mount it again:  findmnt -T PLACE'],
  ENOTCONN: ['disk-gone', 'the network share that holds PLACE is gone', 'mount it again:  findmnt -T PLACE'],
  EBUSY: ['file-in-use', 'PLACE is in use, or mounted by itself', 'see which:  fuser -v PLACE  or  findmnt PLACE'],
  ETXTBSY: ['file-in-use', 'PLACE is a program that is running', 'see what uses it:  fuser -v PLACE'],
  EXDEV: ['refused-by-system', 'PLACE is on a different disk from its folder', 'see the mounts:  findmnt -T PLACE'],
  EMLINK: ['refused-by-system', 'PLACE has too many links', look],
  EINVAL: ['refused-by-system', 'the system does not accept PLACE', look],
  EMFILE: ['limit-of-session', 'this session may not open more files', `allow more:  ulimit -n 4096  ${again}`],
  ENFILE: [
    'limit-of-session',
    'this machine has no room for more open files',
    'see how many are open:  sudo lsof | wc -l',
  ],
  ENOMEM: [
    'memory-short',
    'there is no memory left',
    `see what uses it:  free -h && ps aux --sort -rss | head  ${again}`,
  ],
  EAGAIN: [
    'limit-of-session',
    'this account may not start more programs',
    'see the limit:  ulimit -u  and what runs:  ps ux',
  ],
  E2BIG: [
    'limit-of-session',
    'there is too much in the environment to start a program',
    'see what it is:  env | wc -c',
  ],
  ENOEXEC: ['refused-by-system', 'PLACE is not a program for this machine', 'see what it is:  file PLACE'],
  EPIPE: ['command-failed', 'a program ended before it had read its input', `see why:  journalctl -e  ${again}`],
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

/** The problem in words for people; every answer of the system has one. A full disk is named. */
export function refusalProblem(
  { code, path, call, message }: Refusal,
  mountOf: (path: string) => Mount | undefined = mountHolding,
): Problem {
  const full = code === 'ENOSPC' && path !== undefined ? mountOf(path) : undefined;
  if (full !== undefined) {
    const found = fullDisk(full);
    return {
      ...found,
      problem: `there is no room for ${path}: ${found.problem}`,
      fix: `${found.fix}  make room, ${again}`,
    };
  }
  const row = rows[code];
  const where = path === undefined ? '.' : shellWord(path);
  if (row === undefined)
    return {
      code: 'refused-by-system',
      problem: `the system refused something: ${message}`,
      fix: path === undefined ? `look at it, ${again}` : at(look, where),
    };
  const [known, what, fix] = row;
  return { code: known, problem: at(what, path ?? `something (${call ?? code})`), fix: at(fix, where) };
}

function at(words: string, place: string): string {
  return words.replaceAll('PLACE', () => place);
}

/** Which disk it is that has no room, and what to type. */
function fullDisk({ point, free, size, noMoreFiles }: Mount): Problem {
  const where = shellWord(point);
  if (noMoreFiles)
    return {
      code: 'disk-full',
      problem: `what is mounted at ${point} has no room for another file`,
      fix: `see:  df -i ${where}  and where they are:  sudo du -x --inodes ${where} | sort -n | tail`,
    };
  return {
    code: 'disk-full',
    problem: `what is mounted at ${point} is full (${amount(free)} of ${amount(size)} free)`,
    fix: `see what takes the space:  sudo du -xh ${where} | sort -h | tail`,
  };
}

/** What a program means if it only says that no space is left, without saying where. */
export function someFullDisk(): Problem {
  const fullest = fullestMount();
  if (fullest === undefined) return { code: 'disk-full', problem: 'a disk is full', fix: 'see which:  df -h' };
  const full = fullest.noMoreFiles || fullest.free < 2 ** 20;
  const { problem, fix } = fullDisk(fullest);
  if (full) return { code: 'disk-full', problem: `the disk is full: ${problem}`, fix };
  const { point, free, size } = fullest;
  return {
    code: 'disk-full',
    problem: `a disk was full; the fullest one is mounted at ${point} (${amount(free)} of ${amount(size)} free)`,
    fix: `look at all of them:  df -h  and ${fix}`,
  };
}

function amount(bytes: number): string {
  if (bytes >= 1e9) return `${(bytes / 1e9).toFixed(1)} GB`;
  return bytes >= 1e6 ? `${(bytes / 1e6).toFixed(1)} MB` : `${Math.round(bytes / 1e3)} kB`;
}

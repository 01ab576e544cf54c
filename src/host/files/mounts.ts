import { existsSync, readFileSync, realpathSync, statfsSync } from 'node:fs';
import { dirname } from 'node:path';

/** Where a file system is mounted, and what room is left in it for an account without rights of its own. */
export interface Mount {
  readonly point: string;
  /** Bytes. */
  readonly free: number;
  readonly size: number;
  /** There may be bytes left, but no file can be added. */
  readonly noMoreFiles: boolean;
}

/** The mount that holds a path, or would hold it; undefined where the system does not tell. Looks at the disk at once: for what goes wrong, and for nothing else. */
export function mountHolding(path: string): Mount | undefined {
  const place = nearestPlace(path);
  const holding = mountPoints()
    .filter(({ point }) => point === '/' || point === place || place.startsWith(`${point}/`))
    // The later one covers what was mounted at the same place before.
    .reduce<string>((longest, { point }) => (point.length >= longest.length ? point : longest), '');
  return holding === '' ? undefined : measured(holding);
}

/** The local file system with the smallest part of it free. A network share that hangs is not asked. */
export function fullestMount(): Mount | undefined {
  const all = mountPoints()
    .filter(({ kind, writable }) => writable && localKinds.test(kind))
    .flatMap(({ point }) => measured(point) ?? [])
    .filter(({ size }) => size > 0);
  const share = ({ free, size, noMoreFiles }: Mount) => (noMoreFiles ? 0 : free / size);
  return all.sort((a, b) => share(a) - share(b))[0];
}

const localKinds = /^(ext[234]|xfs|btrfs|zfs|f2fs|tmpfs|overlay|vfat|exfat|bcachefs)$/;

/** A file that is not there yet will be where the nearest folder is that is. */
function nearestPlace(path: string): string {
  let place = path;
  while (!existsSync(place) && dirname(place) !== place) place = dirname(place);
  try {
    return realpathSync(place);
  } catch {
    return place;
  }
}

interface MountPoint {
  readonly point: string;
  readonly kind: string;
  readonly writable: boolean;
}

/** Source: proc_pid_mountinfo(5): fields 5 and 6 are place and options, the kind comes after a lone dash. */
function mountPoints(): readonly MountPoint[] {
  return mountLines().flatMap((line) => {
    const [before = '', after = ''] = line.split(' - ');
    const [, , , , point, options = ''] = before.split(' ');
    const [kind = '', , whole = ''] = after.split(' ');
    const writable = ![...options.split(','), ...whole.split(',')].includes('ro');
    return point === undefined ? [] : [{ point: unescaped(point), kind, writable }];
  });
}

function mountLines(): readonly string[] {
  try {
    return readFileSync('/proc/self/mountinfo', 'utf8').trimEnd().split('\n');
  } catch {
    return [];
  }
}

/** A path as the kernel's tables of mounts write it: blanks and the like by their octal number. Source: proc(5). */
export function unescaped(point: string): string {
  return point.replace(/\\([0-7]{3})/g, (_, digits: string) => String.fromCharCode(Number.parseInt(digits, 8)));
}

function measured(point: string): Mount | undefined {
  try {
    const { bavail, blocks, bsize, files, ffree } = statfsSync(point);
    return { point, free: bavail * bsize, size: blocks * bsize, noMoreFiles: files > 0 && ffree === 0 };
  } catch {
    return undefined;
  }
}

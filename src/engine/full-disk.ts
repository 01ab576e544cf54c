import { fullestMount, type Mount } from '../host/files/mounts.ts';
import type { Problem } from '../problem.ts';
import { shellWord } from '../shell/word.ts';

/** Which disk it is that has no room, and what to type. */
export function fullDisk({ point, free, size, noMoreFiles }: Mount): Problem {
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

/** What a program means that says only that no space is left: it does not tell where. */
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

import { existsSync, readdirSync, rmdirSync, rmSync } from 'node:fs';
import { changes, failed, type Program, said } from './program.ts';

/** `rm -rf PATH` */
const rm: Program = ({ args }, { onDisk }) => {
  const [option, path = ''] = args;
  if (option !== '-rf' || !path.startsWith('/')) return undefined;
  return changes(() => {
    rmSync(onDisk(path), { recursive: true, force: true });
    return said();
  });
};

/** Refuses a folder that is not empty, as the real one does. */
const rmdir: Program = ({ args }, { onDisk }) => {
  if (!args.every((path) => path.startsWith('/'))) return undefined;
  return changes(() => {
    for (const path of args) {
      if (!existsSync(onDisk(path))) return failed(`rmdir: failed to remove '${path}': No such file or directory`);
      if (readdirSync(onDisk(path)).length > 0) return failed(`rmdir: failed to remove '${path}': Directory not empty`);
      rmdirSync(onDisk(path));
    }
    return said();
  });
};

export const filePrograms = { rm, rmdir } as const satisfies Record<string, Program>;

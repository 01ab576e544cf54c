import { existsSync, readdirSync, rmdirSync, rmSync, statSync } from 'node:fs';
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
const rmdir: Program = ({ args: [path = ''] }, { onDisk }) => {
  if (!path.startsWith('/')) return undefined;
  return changes(() => {
    if (!existsSync(onDisk(path))) return failed(`rmdir: failed to remove '${path}': No such file or directory`);
    if (readdirSync(onDisk(path)).length > 0) return failed(`rmdir: failed to remove '${path}': Directory not empty`);
    rmdirSync(onDisk(path));
    return said();
  });
};

/** `find FOLDER -depth -type d -empty -delete` */
const find: Program = ({ args }, { onDisk }) => {
  const [folder = '', ...test] = args;
  if (test.join(' ') !== '-depth -type d -empty -delete') return undefined;
  return changes(() => {
    removeEmpty(onDisk(folder));
    return said();
  });
};

function removeEmpty(folder: string): void {
  for (const name of readdirSync(folder))
    if (statSync(`${folder}/${name}`).isDirectory()) removeEmpty(`${folder}/${name}`);
  if (readdirSync(folder).length === 0) rmdirSync(folder);
}

export const filePrograms = { rm, rmdir, find } as const satisfies Record<string, Program>;

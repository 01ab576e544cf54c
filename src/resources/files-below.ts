import type { Probe } from '../host/host.ts';

/** Every plain file below a folder. */
export async function filesBelow(probe: Probe, folder: string): Promise<readonly string[]> {
  const names = await probe.list(folder);
  const found = await Promise.all(
    names.map(async (name) => {
      const path = `${folder}/${name}`;
      const found = await probe.stat(path);
      if (found?.link !== undefined) return [];
      if (found?.kind === 'directory') return await filesBelow(probe, path);
      return found?.kind === 'file' ? [path] : [];
    }),
  );
  return found.flat();
}

/** Whether a folder is empty, or one below it; false where there is none. */
export async function holdsEmptyFolder(probe: Probe, folder: string): Promise<boolean> {
  const found = await probe.stat(folder);
  if (found?.kind !== 'directory' || found.link !== undefined) return false;
  const names = await probe.list(folder);
  const below = await Promise.all(names.map(async (name) => await holdsEmptyFolder(probe, `${folder}/${name}`)));
  return names.length === 0 || below.includes(true);
}

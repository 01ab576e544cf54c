import type { Probe } from '../host/host.ts';

/** Every plain file below a folder, as far as this account may look. */
export async function filesBelow(probe: Probe, folder: string): Promise<readonly string[]> {
  const names = await probe.list(folder).catch(() => []);
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

/** Folders, from this one down, that are empty or will be once some files are gone: innermost first. */
export async function foldersLeftEmpty(
  probe: Probe,
  folder: string,
  going: ReadonlySet<string> = new Set(),
): Promise<readonly string[]> {
  const found = await probe.stat(folder);
  if (found?.kind !== 'directory' || found.link !== undefined) return [];
  const names = await probe.list(folder);
  const paths = names.map((name) => `${folder}/${name}`);
  const below = await Promise.all(paths.map(async (path) => await foldersLeftEmpty(probe, path, going)));
  const left = below.flat();
  return paths.every((path) => going.has(path) || left.includes(path)) ? [...left, folder] : left;
}

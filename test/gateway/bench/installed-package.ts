import { execFile } from 'node:child_process';
import { access, mkdir } from 'node:fs/promises';
import { promisify } from 'node:util';
import { labCache } from '../litellm-program.ts';

/** Where the newest of a package lies that the index and this Node can install. */
export async function installed(name: string): Promise<string> {
  const home = `${labCache}/bench-${name.replace(/\W+/g, '-')}`;
  const place = `${home}/node_modules/${name}`;
  const there = await access(place).then(
    () => true,
    () => false,
  );
  if (!there) {
    await mkdir(home, { recursive: true });
    await promisify(execFile)('npm', [
      'install',
      '--prefix',
      home,
      '--ignore-scripts',
      '--no-audit',
      '--no-fund',
      name,
    ]);
  }
  return place;
}

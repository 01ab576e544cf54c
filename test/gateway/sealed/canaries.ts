import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { directoryMark } from '../../../src/components/gateway/routing/rules.ts';
import { sealedEnvironment } from '../../../src/components/gateway/routing/sealed.ts';
import { put } from '../../render/scratch.ts';
import type { Scene } from '../scene.ts';

/** What stands in a sealed file and nowhere else. */
export const canary = 'the seventh canary sings below the copper mountain until nobody listens';
/** Words of the canary, any of which in a cloud's hands is one too many. */
const telling = /canary|copper mountain|K4n4ry/i;

/** A person's home with a sealed folder in it. */
export interface SealedHome {
  readonly home: string;
  readonly folder: string;
  readonly mark: string;
  /** For the gateway. */
  readonly environment: Readonly<Record<string, string>>;
}

/** Makes one; `files` by their path below the folder. */
export function sealedHome(files: Readonly<Record<string, string>> = { 'notes.md': notes }): SealedHome {
  const home = mkdtempSync(`${tmpdir()}/sealed-`);
  const folder = `${home}/clients/private`;
  for (const [path, text] of Object.entries(files)) put(`${folder}/${path}`, text);
  const mark = directoryMark('~/clients/private');
  return { home, folder, mark, environment: sealedEnvironment([{ path: folder, mark, at: folder }], { home }) };
}

export const notes = `# Of the bird\n\nA line before it.\n${canary}\nNumber: K4n4ry2719Zq88\nA line behind it.\n`;

/** What the clouds were sent that has any of it. */
export function leaked({ anthropic, foundry }: Pick<Scene, 'anthropic' | 'foundry'>): readonly string[] {
  return [...anthropic.requests, ...foundry.requests]
    .map(({ body }) => JSON.stringify(body))
    .filter((text) => telling.test(text));
}

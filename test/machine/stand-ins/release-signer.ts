import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { withLock } from '../lab/cache.ts';
import type { LabIdentity } from '../lab/identity.ts';

const run = promisify(execFile);

/** Signs what the download sites give out, as Anthropic and the maker of mise sign theirs. */
export interface ReleaseSigner {
  /** The public key, armoured. */
  readonly key: () => Promise<string>;
  /** A detached signature of a text, as `manifest.json.sig`. */
  readonly detached: (text: string) => Promise<Buffer>;
  /** A text in its signature, as `install.sh.sig`. */
  readonly around: (text: string) => Promise<Buffer>;
}

/** Signs with the package key of the lab; each text once. */
export function releaseSigner({ gnupgHome, packageKeyFile }: LabIdentity): ReleaseSigner {
  const known = new Map<string, Promise<Buffer>>();
  const sign = (verb: string, text: string): Promise<Buffer> => {
    // Whoever ends the agent of this key ends it for all who sign at that moment: two worlds, or two test files.
    const made = known.get(verb + text) ?? withLock(`signing ${gnupgHome}`, () => signed(gnupgHome, verb, text));
    known.set(verb + text, made);
    return made;
  };
  return {
    key: async () => await readFile(packageKeyFile, 'utf8'),
    detached: async (text) => await sign('--detach-sign', text),
    around: async (text) => await sign('--sign', text),
  };
}

async function signed(home: string, verb: string, text: string): Promise<Buffer> {
  const work = await mkdtemp(join(tmpdir(), 'signing-'));
  try {
    await writeFile(join(work, 'text'), text);
    const args = ['--homedir', home, '--batch', '--quiet', '--armor', '--output', join(work, 'signed'), verb];
    await run('gpg', [...args, join(work, 'text')]);
    return await readFile(join(work, 'signed'));
  } finally {
    await rm(work, { recursive: true, force: true });
    await run('gpgconf', ['--homedir', home, '--kill', 'all']);
  }
}

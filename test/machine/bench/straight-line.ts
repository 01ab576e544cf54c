import { readFile } from 'node:fs/promises';
import { shellWord } from '../../../src/shell/word.ts';
import releaseScript from '../../../templates/signed-release.bash?raw';

interface Entry {
  readonly state?: string;
  readonly id?: string;
  readonly do?: string;
  readonly what?: string;
  readonly path?: string;
  readonly command?: { readonly program: string };
}

/** Where the files of the finished installation lie in the machine that the script runs in, below their own paths. */
export const CONTENTS = '/root/contents';

/**
 * What an installation did, as its journal has it, as a shell script of the same commands in the same order: no looks, no
 * checks, no proofs. It ends when the gateway answers. `written`: the files that it takes from CONTENTS.
 */
export async function straightLine(
  journal: string,
): Promise<{ readonly script: string; readonly written: readonly string[] }> {
  const entries = (await readFile(journal, 'utf8')).split('\n').filter(Boolean);
  const begun = entries
    .map((line) => JSON.parse(line) as Entry)
    // A straight line does one thing at a time.
    .filter(({ state, id }) => state === 'begun' && id?.endsWith('-ahead') !== true);
  const answers = 'curl -sf -m 3 http://127.0.0.1:4000/health/readiness >/dev/null';
  const script = ['set -e', ...begun.map(lineOf), `until ${answers}; do sleep 0.2; done`, ''].join('\n');
  return { script, written: begun.flatMap((entry) => (entry.do === 'write' ? (entry.path ?? []) : [])) };
}

function lineOf(entry: Entry): string {
  const { what = '', path = '' } = entry;
  const mode = /\(mode (\d+)\)$/.exec(what)?.[1] ?? '644';
  if (entry.do === 'make-directory') return `${asOwner(path)} install -d -m ${mode} ${shellWord(path)}`;
  if (entry.do === 'write')
    return `${asOwner(path)} install -m ${mode} ${shellWord(`${CONTENTS}${path}`)} ${shellWord(path)}`;
  if (entry.do !== 'run') throw new Error(`no line for ${JSON.stringify(entry)}`);
  return entry.command?.program === 'bash' ? `${what} <<'SCRIPT'\n${releaseScript}\nSCRIPT` : what;
}

function asOwner(path: string): string {
  return path.startsWith('/home/') ? '' : 'sudo';
}

import type { Effect, HttpReply, Probe } from '../host/host.ts';
import { noCloudReply } from '../http/no-reply.ts';
import type { AptSourceResource, Plan } from './resource.ts';

interface FoundSource {
  readonly sources: string | undefined;
  readonly key: string | undefined;
  /** Fetched only when the key is not there yet. */
  readonly fetchedKey?: HttpReply;
  /** Fingerprints of all keys in the file that is there, or else in the fetched one; undefined while gpg is not installed. */
  readonly fingerprints: readonly string[] | undefined;
  /** Other lists that name the same repository: apt would warn about it twice. */
  readonly duplicates: readonly string[];
}

const listsFolder = '/etc/apt/sources.list.d';

export async function inspectAptSource(probe: Probe, wanted: AptSourceResource): Promise<FoundSource> {
  const [sources, key, duplicates] = await Promise.all([
    probe.readFile(sourcesPath(wanted)),
    probe.readFile(wanted.keyPath),
    findDuplicates(probe, wanted),
  ]);
  if (key !== undefined) return { sources, key, duplicates, fingerprints: await fingerprintsOf(probe, key) };
  const fetchedKey = await probe.http({ url: wanted.keyUrl, timeoutMs: 15_000 });
  const fingerprints = isFetched(fetchedKey) ? await fingerprintsOf(probe, fetchedKey.body) : [];
  return { sources, key, fetchedKey, duplicates, fingerprints };
}

async function findDuplicates(probe: Probe, wanted: AptSourceResource): Promise<string[]> {
  const names = (await probe.list(listsFolder)).filter((name) => /\.(list|sources)$/.test(name));
  const paths = names.map((name) => `${listsFolder}/${name}`).filter((path) => path !== sourcesPath(wanted));
  const texts = await Promise.all(paths.map(async (path) => [path, await probe.readFile(path)] as const));
  return texts.filter(([, text]) => activeLines(text ?? '').includes(wanted.uri)).map(([path]) => path);
}

function activeLines(text: string): string {
  return text
    .split('\n')
    .filter((line) => !line.trimStart().startsWith('#'))
    .join('\n');
}

async function fingerprintsOf(probe: Probe, key: string): Promise<string[] | undefined> {
  // No key ring and no trust are asked for, so that gpg neither needs nor makes a folder in the home.
  const quiet = ['--batch', '--no-options', '--homedir', '/', '--no-keyring', '--trust-model', 'always'];
  const args = [...quiet, '--show-keys', '--with-colons'];
  const { exitCode, stdout } = await probe.query({ file: 'gpg', args, input: key });
  if (exitCode === 127) return undefined;
  // Behind the row of a key comes its fingerprint; subkeys have fingerprints too, and no say.
  const rows = stdout.split('\n').map((row) => row.split(':'));
  return rows.flatMap((row, index) =>
    row[0] === 'fpr' && row[9] !== undefined && rows[index - 1]?.[0] === 'pub' ? [row[9]] : [],
  );
}

function isFetched(reply: HttpReply | undefined): reply is HttpReply & { reached: true } {
  return reply?.reached === true && reply.status === 200;
}

/** The lists are refreshed by what is installed from it: nothing else needs them. */
export function planAptSource(wanted: AptSourceResource, found: FoundSource): Plan {
  if (found.fingerprints === undefined) return { status: 'later', waitsFor: 'gnupg, to check the repository key' };
  if (found.key === undefined && !isFetched(found.fetchedKey)) return unreachable(wanted, found);
  // apt trusts every key in the file, so there may be no other beside the right one.
  if (found.fingerprints.join() !== wanted.fingerprint) return wrongKey(wanted, found);
  const effects = [...keyEffects(wanted, found), ...sourcesEffects(wanted, found), ...duplicateEffects(found)];
  if (effects.length === 0) return { status: 'ok', note: `${wanted.uri}, key ${shortKey(wanted)}` };
  return {
    status: 'change',
    summary: `add ${wanted.uri} (key ${shortKey(wanted)})`,
    effects,
    ...(found.duplicates.length === 0
      ? {}
      : {
          notes: found.duplicates.map((path) => `${path} names the same repository and is removed (kept as a backup)`),
        }),
  };
}

function keyEffects(wanted: AptSourceResource, { key, fetchedKey }: FoundSource): Effect[] {
  if (key !== undefined || !isFetched(fetchedKey)) return [];
  return [
    { do: 'make-directory', path: '/etc/apt/keyrings', mode: 0o755, sudo: true },
    { do: 'write', path: wanted.keyPath, content: fetchedKey.body, mode: 0o644, sudo: true },
  ];
}

function sourcesEffects(wanted: AptSourceResource, { sources }: FoundSource): Effect[] {
  const content = sourcesText(wanted);
  if (sources === content) return [];
  return [{ do: 'write', path: sourcesPath(wanted), content, mode: 0o644, sudo: true }];
}

function duplicateEffects({ duplicates }: FoundSource): Effect[] {
  return duplicates.map((path) => ({ do: 'remove', path, sudo: true }));
}

function sourcesPath({ name }: AptSourceResource): string {
  return `${listsFolder}/${name}.sources`;
}

/** The deb822 form, one stanza. Source: sources.list(5). */
export function sourcesText(wanted: AptSourceResource): string {
  const fields = [
    ['Types', 'deb'],
    ['URIs', wanted.uri],
    ['Suites', wanted.suite],
    ['Components', wanted.components],
    ['Architectures', wanted.architecture],
    ['Signed-By', wanted.keyPath],
  ];
  return `${fields.map(([name, value]) => `${name}: ${value}`).join('\n')}\n`;
}

function shortKey({ fingerprint }: AptSourceResource): string {
  return `${fingerprint.slice(0, 4)}…${fingerprint.slice(-4)}`;
}

function unreachable({ keyUrl }: AptSourceResource, { fetchedKey }: FoundSource): Plan {
  if (fetchedKey?.reached === false) {
    const { code, problem, fix } = noCloudReply(new URL(keyUrl).hostname, fetchedKey.failure, fetchedKey.detail);
    return { status: 'blocked', code, problem: `the repository key could not be fetched: ${problem}`, fix };
  }
  const why = fetchedKey === undefined ? 'no reply' : `HTTP ${fetchedKey.status}`;
  return {
    status: 'blocked',
    code: 'download-unreachable',
    problem: `the repository key could not be fetched from ${keyUrl} (${why})`,
    fix: `check this machine's internet access:  curl -I ${keyUrl}`,
  };
}

function wrongKey(wanted: AptSourceResource, { fingerprints, key }: FoundSource): Plan {
  const where = key === undefined ? wanted.keyUrl : wanted.keyPath;
  const seen = fingerprints?.join(', ') || 'no key';
  return {
    status: 'blocked',
    code: 'apt-key-wrong',
    problem: `the key in ${where} has the fingerprint ${seen}, not ${wanted.fingerprint}`,
    fix:
      key === undefined
        ? 'do not go on: something in between answers in its place (a proxy, a captive portal)'
        : `move it away and run this again:  sudo mv ${wanted.keyPath} ${wanted.keyPath}.before`,
  };
}

import type { Effect, HttpReply, Probe } from '../host/host.ts';
import { noCloudReply } from '../http/no-reply.ts';
import type { AptSourceResource, Plan } from './resource.ts';

interface FoundSource {
  readonly sources: string | undefined;
  readonly key: string | undefined;
  /** Fetched only if the key is not there yet. */
  readonly fetchedKey?: HttpReply;
  /** Fingerprints of all keys in the file that is there, or else in the fetched one; undefined while gpg is not installed. */
  readonly fingerprints: readonly string[] | undefined;
  /** Other lists that name the same repository, about which apt would warn. */
  readonly duplicates: readonly Duplicate[];
}

interface Duplicate {
  readonly path: string;
  readonly mode: number;
  /** What is left of a list that names other repositories, too; a list of nothing else goes. */
  readonly without?: string;
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

/** Also the list of former days, which the rows of two files with two keys make unreadable as a whole. */
async function findDuplicates(probe: Probe, wanted: AptSourceResource): Promise<readonly Duplicate[]> {
  const names = (await probe.list(listsFolder)).filter((name) => /\.(list|sources)$/.test(name));
  const paths = [mainList, ...names.map((name) => `${listsFolder}/${name}`)].filter(
    (one) => one !== sourcesPath(wanted),
  );
  const found = paths.map(async (path): Promise<readonly Duplicate[]> => {
    const text = await probe.readFile(path);
    const without = text === undefined ? undefined : commentedOut(path, text, wanted.uri);
    if (without === undefined || without === text) return [];
    const mode = (await probe.stat(path))?.mode ?? 0o644;
    return [{ path, mode, ...(saysNothing(without) && path !== mainList ? {} : { without }) }];
  });
  return (await Promise.all(found)).flat();
}

const mainList = '/etc/apt/sources.list';

/** Stands before each line that is taken out of a list of other repositories as well; an uninstallation takes it off again. */
const mark = '# in a file of its own, by claude-routing-install: ';

/** The text with what names the repository commented out; a list has rows, a file `.sources` stanzas. Source: sources.list(5). */
function commentedOut(path: string, text: string, uri: string): string {
  if (!path.endsWith('.sources'))
    return text.replace(/^[ \t]*deb(?:-src)?[ \t].*$/gm, (row) => (names(row, uri) ? mark + row : row));
  const stanzas = text.split(/(\n[ \t]*\n)/);
  return stanzas.map((stanza) => (isStanzaOf(stanza, uri) ? stanza.replace(/^(?=.)/gm, mark) : stanza)).join('');
}

function names(words: string, uri: string): boolean {
  return words.split(/\s+/).some((word) => word.replace(/\/$/, '') === uri);
}

/** A list that names other repositories, too, is left alone: apt says what conflicts. */
function isStanzaOf(stanza: string, uri: string): boolean {
  const uris = /^URIs:[ \t]*(.*)$/im.exec(stanza)?.[1]?.trim() ?? '';
  return uris.split(/\s+/).every((one) => names(one, uri)) && !/^Enabled:[ \t]*no\b/im.test(stanza);
}

function saysNothing(text: string): boolean {
  return text.split('\n').every((line) => /^\s*(#|$)/.test(line));
}

/** The text of a list with what was commented out in it back in its place. */
export function withRepositoryBack(text: string): string {
  return text.replaceAll(mark, '');
}

async function fingerprintsOf(probe: Probe, key: string): Promise<string[] | undefined> {
  // No key ring and no trust database, so that gpg neither needs nor creates a folder in the home.
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
  // apt trusts every key in the file, so there must be no other key besides the right one.
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
          notes: found.duplicates.map(
            ({ path, without }) =>
              `${path} names the same repository and is ${without === undefined ? 'removed (kept as a backup)' : 'left without it (the lines are commented out)'}`,
          ),
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
  return duplicates.map(({ path, mode, without }) =>
    without === undefined
      ? { do: 'remove', path, sudo: true }
      : { do: 'write', path, mode, content: without, sudo: true },
  );
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

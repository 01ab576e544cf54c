import { createHash } from 'node:crypto';
import type { RequestListener } from 'node:http';
import { gzipSync } from 'node:zlib';
import {
  DOWNLOAD_VERSIONS,
  downloadArch,
  type PreparedDownloads,
  type PreparedFile,
  preparedDownloads,
  pythonArchive,
  pythonPlatform,
} from './download-cache.ts';
import { CLAUDE_INSTALL_SCRIPT, fakeClaude, miseInstallScript } from './download-scripts.ts';
import type { Exchange } from './exchange.ts';
import type { ReleaseSigner } from './release-signer.ts';
import { type CommonSettings, createStandIn, type StandIn } from './stand-in.ts';

/** How the download sites of the stand-in are set up. */
export interface DownloadSettings extends CommonSettings {
  /** What the two channels of Claude Code offer. `2.1.275` is the refused release, a script in its place. */
  stable: string;
  latest: string;
  /** The newest Node of its line in the lists; whatever its number, the archive is the same. */
  node: string;
  /** Hosts, or hosts with the beginning of a path (`nodejs.org/dist/v22`), that answer 404. */
  gone: string[];
  /** Every published checksum is wrong. */
  wrongChecksums: boolean;
  /** What is given out as a signature: the right one, that of another text, or none. */
  signatures: 'good' | 'other' | 'none';
}

/** The names under which the sites are known. */
export const DOWNLOAD_HOSTS = [
  'claude.ai',
  'downloads.claude.ai',
  'mise.run',
  'mise.jdx.dev',
  'mise-versions.jdx.dev',
  'nodejs.org',
  'github.com',
  'downloads.python.org',
] as const;

/** All download sites in one; which one is asked stands in the Host header. The cache must have been prepared. */
export function downloads(
  cacheDir: string,
  signer: ReleaseSigner,
  options: Partial<DownloadSettings> = {},
): StandIn<DownloadSettings> {
  const prepared = preparedDownloads(cacheDir);
  const { claude } = DOWNLOAD_VERSIONS;
  return createStandIn({
    name: 'downloads',
    initial: () => ({
      faults: [],
      stable: claude,
      latest: claude,
      node: DOWNLOAD_VERSIONS.node,
      gone: [],
      wrongChecksums: false,
      signatures: 'good',
      ...structuredClone(options),
    }),
    answer: (exchange, settings) => answer(exchange, settings, prepared, signer),
  });
}

/** The request listener for each host name; one log and one set of settings for all. */
export function downloadSites(standIn: StandIn<DownloadSettings>): Record<string, RequestListener> {
  return Object.fromEntries(DOWNLOAD_HOSTS.map((host) => [host, standIn.handle]));
}

async function answer(
  exchange: Exchange,
  settings: DownloadSettings,
  prepared: PreparedDownloads,
  signer: ReleaseSigner,
): Promise<void> {
  if (await exchange.meetFault('download')) return;
  const host = (exchange.headers.host ?? '').replace(/:\d+$/, '');
  const address = `${host}${decodeURIComponent(exchange.path)}`;
  if (settings.gone.some((prefix) => address.startsWith(prefix))) return notFound(exchange);
  if (exchange.method === 'POST' && address.startsWith('mise-versions.jdx.dev/api/')) return exchange.json(200, {});
  const all = pages(settings, prepared);
  const page = all[address] ?? (await signedPage(address, all, settings, signer));
  if (page === undefined) return notFound(exchange);
  if (typeof page === 'string') return exchange.text(200, page);
  return Buffer.isBuffer(page) ? exchange.bytes(200, page) : exchange.file(page.path);
}

function notFound(exchange: Exchange): Promise<void> {
  return exchange.text(404, 'Not Found\n');
}

/** Keys and signatures, where the makers have theirs. */
async function signedPage(
  address: string,
  all: Readonly<Record<string, Page>>,
  { signatures }: DownloadSettings,
  signer: ReleaseSigner,
): Promise<Page | undefined> {
  if (['downloads.claude.ai/keys/claude-code.asc', 'mise.jdx.dev/gpg-key.pub'].includes(address))
    return await signer.key();
  const installer = address === 'mise.jdx.dev/install.sh.sig';
  if (!installer && !address.endsWith('/manifest.json.sig')) return undefined;
  const page = all[installer ? MISE_INSTALLER : address.slice(0, -'.sig'.length)];
  if (typeof page !== 'string' || signatures === 'none') return undefined;
  if (installer) return signatures === 'good' ? await signer.around(page) : page;
  return await signer.detached(signatures === 'good' ? page : `${page} `);
}

type Page = string | Buffer | PreparedFile;

const MISE_INSTALLER = 'mise.run/';

/** Everything there is, by address without the scheme. */
function pages(settings: DownloadSettings, prepared: PreparedDownloads): Readonly<Record<string, Page>> {
  const checksum = (file: PreparedFile): string => (settings.wrongChecksums ? '0'.repeat(64) : file.sha256);
  return {
    ...claudePages(settings, prepared, checksum),
    ...misePages(prepared, checksum),
    ...nodePages(settings, prepared, checksum),
    ...pythonPages(prepared),
  };
}

type Checksum = (file: PreparedFile) => string;

function claudePages(
  settings: DownloadSettings,
  prepared: PreparedDownloads,
  checksum: Checksum,
): Record<string, Page> {
  const releases = 'downloads.claude.ai/claude-code-releases';
  const platform = `linux-${downloadArch()}`;
  const release = (version: string, file: PreparedFile): Record<string, Page> => ({
    [`${releases}/${version}/${platform}/claude`]: file,
    [`${releases}/${version}/manifest.json`]: JSON.stringify({
      version,
      buildDate: '2026-11-20T00:00:00Z',
      platforms: { [platform]: { binary: 'claude', checksum: checksum(file), size: file.bytes } },
    }),
  });
  return {
    // Asked for by release 1.1.0.
    'claude.ai/install.sh': CLAUDE_INSTALL_SCRIPT,
    [`${releases}/stable`]: settings.stable,
    [`${releases}/latest`]: settings.latest,
    ...release(DOWNLOAD_VERSIONS.claude, prepared.claude),
    ...release(DOWNLOAD_VERSIONS.refusedClaude, prepared.refusedClaude),
    ...muteRelease(`${releases}/${MUTE_CLAUDE}`, platform),
  };
}

/** A release that says its version and answers nothing: one that nobody knows yet to be broken. */
export const MUTE_CLAUDE = '2.1.399';

function muteRelease(address: string, platform: string): Record<string, Page> {
  const binary = Buffer.from(fakeClaude(MUTE_CLAUDE));
  const checksum = createHash('sha256').update(binary).digest('hex');
  const platforms = { [platform]: { binary: 'claude', checksum, size: binary.length } };
  return {
    [`${address}/${platform}/claude`]: binary,
    [`${address}/manifest.json`]: JSON.stringify({ version: MUTE_CLAUDE, platforms }),
  };
}

function misePages(prepared: PreparedDownloads, checksum: Checksum): Record<string, Page> {
  const { mise } = DOWNLOAD_VERSIONS;
  const arch = downloadArch();
  return {
    'mise.jdx.dev/VERSION': `${mise}\n`,
    [MISE_INSTALLER]: miseInstallScript(mise, arch, checksum(prepared.mise)),
    [`mise.jdx.dev/v${mise}/mise-v${mise}-linux-${arch}.tar.gz`]: prepared.mise,
  };
}

function nodePages(settings: DownloadSettings, prepared: PreparedDownloads, checksum: Checksum): Record<string, Page> {
  const arch = downloadArch();
  const versions = [...new Set([DOWNLOAD_VERSIONS.node, settings.node])];
  const archives = versions.flatMap((version): [string, Page][] => {
    const archive = `node-v${version}-linux-${arch}.tar.gz`;
    return [
      [`nodejs.org/dist/v${version}/${archive}`, prepared.node],
      [`nodejs.org/dist/v${version}/SHASUMS256.txt`, `${checksum(prepared.node)}  ${archive}\n`],
    ];
  });
  const rows = versions.map((version) => `"${version}" = { created_at = 2026-10-20T00:00:00Z }\n`);
  const entry = { date: '2026-10-20', files: [`linux-${arch}`], npm: DOWNLOAD_VERSIONS.npm, lts: 'Jod' };
  return {
    'mise-versions.jdx.dev/data/node.toml': `[versions]\n${rows.join('')}`,
    'nodejs.org/dist/index.json': JSON.stringify(
      versions.toReversed().map((version) => ({ version: `v${version}`, ...entry })),
    ),
    ...Object.fromEntries(archives),
  };
}

function pythonPages(prepared: PreparedDownloads): Record<string, Page> {
  const builds = `github.com/astral-sh/python-build-standalone/releases/download/${DOWNLOAD_VERSIONS.pythonRelease}`;
  return {
    [`mise-versions.jdx.dev/tools/python-precompiled-${pythonPlatform()}.gz`]: gzipSync(`${pythonArchive()}\n`),
    'downloads.python.org/pypy/versions.json': '[]',
    [`${builds}/${pythonArchive()}`]: prepared.python,
  };
}

import { randomBytes } from 'node:crypto';
import { type AnthropicSettings, anthropic } from '../stand-ins/anthropic.ts';
import { type FoundrySettings, foundry } from '../stand-ins/foundry.ts';
import { type LmStudioOptions, type LmStudioSettings, lmStudio } from '../stand-ins/lm-studio.ts';
import { closedAddress, type Listening, listen, type StandIn } from '../stand-ins/stand-in.ts';
import { paperClaudeVersion, paperMiseVersion } from './client-programs.ts';
import { publishedDigest } from './docker-images.ts';

/** Where the answers of a paper machine find LM Studio, and which Foundry resource there is. */
export const paperLmStudio = 'http://192.168.1.20:1234';
export const paperFoundry = 'paper-foundry';

/** Everything that a paper machine can dial, on loopback ports of this process. */
export interface OutsideWorld {
  readonly lmStudio: StandIn<LmStudioSettings>;
  readonly claudeApi: StandIn<AnthropicSettings>;
  readonly foundry: StandIn<FoundrySettings>;
  /** Texts of the download sites by address; change them at will. */
  readonly pages: Map<string, string>;
  /** Random, and accepted by their services. */
  readonly keys: { readonly anthropic: string; readonly foundry: string; readonly lmStudio: string };
  /** For machine.json: beginnings of addresses and where they really are. */
  readonly addresses: Readonly<Record<string, string>>;
  /** LM Studio stops listening, or listens again at its port. */
  readonly sleep: () => Promise<void>;
  readonly wake: () => Promise<void>;
  close(): Promise<void>;
}

export interface OutsideOptions {
  readonly lmStudio?: LmStudioOptions;
  /** Told of every address that there is nothing for. */
  readonly surprise: (what: string) => void;
}

/** Starts all of it; nothing that is dialled through `addresses` leaves the loopback. */
export async function openOutsideWorld({ lmStudio: options = {}, surprise }: OutsideOptions): Promise<OutsideWorld> {
  const keys = { anthropic: `sk-ant-api03-${canary()}`, foundry: canary(), lmStudio: `sk-lm-${canary()}` };
  const local = lmStudio(options);
  const claudeApi = anthropic({ keys: { [keys.anthropic]: null } });
  const azure = foundry({ keys: { [keys.foundry]: null } });
  const pages = new Map(paperPages);
  const [localAt, claudeAt, foundryAt, pagesAt, nowhere] = await Promise.all([
    listen(local),
    listen(claudeApi),
    listen(azure),
    servePages(pages),
    serveNothing(surprise),
  ]);
  const closed = await closedAddress();
  let localNow: Listening | undefined = localAt;
  const sleep = async (): Promise<void> => {
    await localNow?.close();
    localNow = undefined;
  };
  return {
    lmStudio: local,
    claudeApi,
    foundry: azure,
    pages,
    keys,
    addresses: {
      [paperLmStudio]: localAt.url,
      // Its other ports.
      [paperLmStudio.replace(/\d+$/, '')]: `${closed}/`,
      'https://api.anthropic.com': claudeAt.url,
      [`https://${paperFoundry}.services.ai.azure.com`]: foundryAt.url,
      ...Object.fromEntries(pageHosts.map((host) => [`https://${host}`, `${pagesAt.url}/${host}`])),
      'http://127.0.0.1': 'http://127.0.0.1',
      'http://': `${nowhere.url}/`,
      'https://': `${nowhere.url}/`,
    },
    sleep,
    wake: async () => {
      localNow ??= await listen(local, { port: localAt.port });
    },
    close: async () => {
      await Promise.all([sleep(), ...[claudeAt, foundryAt, pagesAt, nowhere].map((listening) => listening.close())]);
    },
  };
}

function canary(): string {
  return `CANARY${randomBytes(20).toString('hex')}`;
}

const pageHosts = ['download.docker.com', 'mise.jdx.dev', 'downloads.claude.ai', 'ghcr.io'] as const;

/** The text of a repository key as the paper gpg reads it. */
export function paperKey(fingerprint: string): string {
  return `-----BEGIN PGP PUBLIC KEY BLOCK-----\n\nFingerprint: ${fingerprint}\n-----END PGP PUBLIC KEY BLOCK-----\n`;
}

const paperPages: readonly (readonly [string, string])[] = [
  ['download.docker.com/linux/debian/gpg', paperKey('9DC858229FC7DD38854AE2D88D81803C0EBFCD88')],
  ['downloads.claude.ai/keys/claude-code.asc', paperKey('31DDDE24DDFAB679F42D7BD2BAA929FF1A7ECACE')],
  ['downloads.claude.ai/claude-code-releases/stable', paperClaudeVersion],
  ['mise.jdx.dev/VERSION', `${paperMiseVersion}\n`],
];

async function servePages(pages: ReadonlyMap<string, string>): Promise<Listening> {
  return await listen({
    handle: (request, response) => {
      const path = (request.url ?? '').replace(/^\/|\/$/g, '');
      const page = pages.get(path);
      const digest = publishedAt(path);
      const status = page === undefined && digest === undefined ? 404 : 200;
      const headers = digest === undefined ? {} : { 'docker-content-digest': digest };
      response.writeHead(status, { 'content-type': 'text/plain', ...headers }).end(page ?? 'not found\n');
    },
  });
}

/** `ghcr.io/v2/PATH/manifests/TAG`, as a registry answers it. */
function publishedAt(path: string): string | undefined {
  const [, host, name, tag] = /^([^/]+)\/v2\/(.+)\/manifests\/(.+)$/.exec(path) ?? [];
  return name === undefined || tag === undefined ? undefined : publishedDigest(`${host}/${name}`, tag);
}

async function serveNothing(surprise: (what: string) => void): Promise<Listening> {
  return await listen({
    handle: (request, response) => {
      surprise(`dialled ${request.url}`);
      response.destroy();
    },
  });
}

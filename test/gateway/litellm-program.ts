import { execFile } from 'node:child_process';
import { access, mkdir, rename, rm } from 'node:fs/promises';
import { promisify } from 'node:util';
import { gatewayImage, parseImageReference } from '../../src/components/gateway/image.ts';
import { packageLock, withLock } from '../machine/lab/cache.ts';
import { DOWNLOAD_VERSIONS } from '../machine/stand-ins/download-cache.ts';

const run = promisify(execFile);

/** Where downloads that several runs share are kept. */
export const labCache = process.env.CLAUDE_ROUTING_LAB_CACHE ?? '/var/cache/claude-routing-lab';

/** The version inside the gateway image of this release, or the one that is asked for, to see what a newer one does. */
export const litellmVersion =
  process.env.LITELLM_VERSION ?? parseImageReference(gatewayImage)?.tag?.replace(/^v/, '') ?? 'none';

/**
 * Asks for what the package's metadata asks for, except pins that a package index may not have yet:
 * a certificate bundle of a certain day, and companion packages whose features are not used here. Of `litellm-proxy`, which 1.110
 * asks for, nothing is imported: the proxy is in LiteLLM's own package.
 */
const RELAXED_REQUIREMENTS = `
import importlib.metadata as metadata
from pip._vendor.packaging.requirements import Requirement
relaxed = {name: name for name in ("certifi", "litellm-enterprise", "litellm-proxy-extras")}
for line in metadata.requires("litellm"):
    wanted = Requirement(line)
    if wanted.name == "litellm-proxy":
        continue
    if wanted.marker is None or wanted.marker.evaluate({"extra": "proxy"}):
        print(relaxed.get(wanted.name, str(wanted).split(";")[0]))
`;

/** The directory of a virtual environment with the gateway's LiteLLM, made on first use. Needs Python 3.10 and a package index. */
export async function litellmEnvironment(): Promise<string> {
  const home = `${labCache}/litellm-${litellmVersion}`;
  if (await exists(`${home}/complete`)) return home;
  return await withLock(home, async () => {
    if (await exists(`${home}/complete`)) return home;
    await rm(home, { recursive: true, force: true });
    await mkdir(labCache, { recursive: true });
    await run('python3', ['-m', 'venv', home]);
    await install(home);
    await mkdir(`${home}/complete`);
    return home;
  });
}

/** The image holds prisma too; without it LiteLLM answers 500 where it means 401. */
async function install(home: string): Promise<void> {
  const pip = (...args: string[]) => run(`${home}/bin/pip`, ['install', '--quiet', ...args], { maxBuffer: 64_000_000 });
  const name = `litellm==${litellmVersion}`;
  await pip('prisma');
  const asPublished = await pip(`litellm[proxy]==${litellmVersion}`).then(
    () => true,
    () => false,
  );
  if (asPublished) return;
  await pip('--no-deps', name);
  const { stdout } = await run(`${home}/bin/python`, ['-c', RELAXED_REQUIREMENTS]);
  await pip(...stdout.trim().split('\n'));
}

/** Claude Code's real binary, unpacked from the npm package in the cache on first use. */
export async function claudeBinary(
  version: string = process.env.CLAUDE_VERSION ?? DOWNLOAD_VERSIONS.claude,
): Promise<string> {
  const home = `${labCache}/claude-code-${version}`;
  const unpack = async (): Promise<void> => {
    if (await exists(home)) return;
    const unfinished = `${home}.${process.pid}`;
    await mkdir(unfinished, { recursive: true });
    await run('tar', ['-xzf', await claudePackage(version), '--strip-components=1', '-C', unfinished]);
    await rename(unfinished, home);
  };
  if (!(await exists(home))) await withLock(packageLock, unpack);
  return `${home}/claude`;
}

async function claudePackage(version: string): Promise<string> {
  const file = `${labCache}/anthropic-ai-claude-code-linux-x64-${version}.tgz`;
  if (await exists(file)) return file;
  await run('npm', [
    'pack',
    '--silent',
    '--pack-destination',
    labCache,
    `@anthropic-ai/claude-code-linux-x64@${version}`,
  ]);
  return file;
}

async function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}

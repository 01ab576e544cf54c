import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { basename } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { openIdentity } from './lab/identity.ts';
import { bootLab, type Lab, type LabOptions } from './lab/lab.ts';
import { INSIDE } from './lab/wire.ts';
import { builtProgram } from './paper/installer.ts';
import { type AnthropicSettings, anthropic } from './stand-ins/anthropic.ts';
import { labCache, prepareDownloads } from './stand-ins/download-cache.ts';
import { MISE_SYSTEM_CONFIG } from './stand-ins/download-scripts.ts';
import { type DownloadSettings, downloadSites, downloads } from './stand-ins/downloads.ts';
import { deployment, type FoundrySettings, foundry } from './stand-ins/foundry.ts';
import { type LmStudioSettings, lmStudio } from './stand-ins/lm-studio.ts';
import { releaseSigner } from './stand-ins/release-signer.ts';
import type { StandIn } from './stand-ins/stand-in.ts';

/** A bare machine with everything around it that an installation meets, and the built program on it. */
export interface World {
  readonly lab: Lab;
  readonly machine: Lab['machine'];
  readonly lmStudio: StandIn<LmStudioSettings>;
  readonly anthropic: StandIn<AnthropicSettings>;
  readonly foundry: StandIn<FoundrySettings>;
  /** Every site that programs are fetched from. */
  readonly downloads: StandIn<DownloadSettings>;
  /** Random keys, each found nowhere but where the test put it. */
  readonly keys: { readonly anthropic: string; readonly foundry: string };
  /** Puts an answers file into the machine's home as answers.yaml, with the keys in closed files beside it. */
  writeAnswers(more?: Readonly<Record<string, object>>): Promise<void>;
  /** Runs the program over SSH, as the machine's user. */
  install(
    words?: string,
    options?: { readonly timeoutMs?: number; readonly user?: string },
  ): ReturnType<Lab['machine']['ssh']>;
  close(): Promise<void>;
}

/** The name by which the program is called in the machine. */
export const PROGRAM = './claude-routing-install.mjs';

export type WorldOptions = Omit<LabOptions, 'sites' | 'lmStudio'> & {
  readonly model?: Partial<LmStudioSettings>;
  /** New ones unless told otherwise. */
  readonly keys?: World['keys'];
  /** Which of the two forms of a release is put into the machine. Default: the package, as npx unpacks it. */
  readonly program?: 'package' | 'single file';
};

/** Waits in the machine for its gateway: one session, for a login a second is work for a small host. */
export async function gatewayAnswers({ machine }: Pick<World, 'machine'>, user = machine.user): Promise<void> {
  const asked = 'curl -sf -m 3 http://127.0.0.1:4000/health/readiness';
  const { exitCode } = await machine.ssh(`for i in $(seq 360); do ${asked} && exit; sleep 0.5; done; exit 1`, {
    timeoutMs: 240_000,
    user,
  });
  if (exitCode !== 0) throw new Error('the gateway did not answer within three minutes');
}

/** Boots a world. Slow the first time, when its parts are built. */
export async function openWorld({
  model = {},
  keys = newKeys(),
  program,
  ...options
}: WorldOptions = {}): Promise<World> {
  options.say?.('preparing the download sites');
  await prepareDownloads(labCache());
  const local = lmStudio({ contextLength: 65_536, strictTemplate: true, ...model });
  const claude = anthropic({ keys: { [keys.anthropic]: null } });
  const azure = foundry({
    keys: { [keys.foundry]: null },
    deployments: [deployment('claude-sonnet-4-6'), deployment('claude-haiku-4-5')],
  });
  const sites = downloads(labCache(), releaseSigner(await openIdentity()));
  const lab = await bootLab({
    ...options,
    lmStudio: local.handle,
    sites: {
      ...downloadSites(sites),
      'api.anthropic.com': claude.handle,
      'myfoundry.services.ai.azure.com': azure.handle,
    },
  });
  await putProgramIn(lab, program);
  return {
    lab,
    machine: lab.machine,
    lmStudio: local,
    anthropic: claude,
    foundry: azure,
    downloads: sites,
    keys,
    writeAnswers: async (more) => await writeAnswers(lab, keys, more),
    install: async (words = '', { timeoutMs = 15 * 60_000, ...more } = {}) =>
      await lab.machine.ssh(`${PROGRAM} ${words}`, { timeoutMs, ...more }),
    close: async () => await lab.close(),
  };
}

function newKeys(): World['keys'] {
  return { anthropic: `sk-ant-api03-${randomBytes(24).toString('hex')}`, foundry: randomBytes(32).toString('hex') };
}

async function putProgramIn(lab: Lab, program: WorldOptions['program']): Promise<void> {
  const { machine } = lab;
  const home = machine.user === 'root' ? '/root' : `/home/${machine.user}`;
  const path = `${home}/${basename(PROGRAM)}`;
  if (program === 'single file') await machine.copyIn(await builtProgram(), path, { mode: '0755' });
  else await unpackPackage(machine, path);
  // Real mise would clone a build system and ask for attestations of Python builds; no stand-in can give those.
  await machine.onHost('mkdir -p /etc/mise && cat > /etc/mise/config.toml', { input: MISE_SYSTEM_CONFIG });
}

/** Where npm puts what is installed for everybody. */
const GLOBAL_PACKAGE = '/usr/local/lib/node_modules/claude-routing-install';

async function unpackPackage(machine: Lab['machine'], link: string): Promise<void> {
  await builtProgram();
  const { stdout } = await promisify(execFile)('tar', ['-cz', 'package.json', 'dist/package'], {
    cwd: fileURLToPath(new URL('../../', import.meta.url)),
    encoding: 'buffer',
    maxBuffer: 50_000_000,
  });
  const entry = `${GLOBAL_PACKAGE}/dist/package/claude-routing-install.cjs`;
  const unpack = `mkdir -p ${GLOBAL_PACKAGE} && tar -xz --no-same-owner -C ${GLOBAL_PACKAGE} && ln -sf ${entry} ${link}`;
  const done = await machine.onHost(unpack, { input: stdout });
  if (done.exitCode !== 0) throw new Error(`the package could not be unpacked: ${done.stderr}`);
}

async function writeAnswers(lab: Lab, keys: World['keys'], more: Readonly<Record<string, object>> = {}): Promise<void> {
  const { machine } = lab;
  await machine.ssh('umask 077; cat > ~/claude.key', { input: `${keys.anthropic}\n` });
  await machine.ssh('umask 077; cat > ~/foundry.key', { input: `${keys.foundry}\n` });
  await machine.ssh('cat > ~/answers.yaml', { input: JSON.stringify(answersFor(lab, `/home/${machine.user}`, more)) });
}

/** Answers for a lab: Claude API behind, failover allowed. JSON, which is YAML too. */
export function answersFor(
  lab: Pick<Lab, 'packageKeyFingerprint'>,
  home: string,
  more: Readonly<Record<string, object>> = {},
): object {
  const fingerprint = lab.packageKeyFingerprint;
  return {
    version: 1,
    localModel: { address: INSIDE.lmStudio, model: 'qwen/qwen3.6-35b-a3b' },
    cloud: { anthropic: { key: `file:${home}/claude.key` } },
    failover: { allowed: true },
    docker: { repository: { fingerprint } },
    ...more,
    claudeCode: { fingerprint, ...more['claudeCode'] },
    toolchain: { fingerprint, ...more['toolchain'] },
  };
}

import { createHash } from 'node:crypto';
import type { Secrets } from '../../config/secrets.ts';
import type { Context, InstallerStep } from '../../context.ts';
import { ask, imageInspect, imagePull, imagePullAhead, rootlessTool } from '../../docker-client/docker.ts';
import type { Probe } from '../../host/host.ts';
import { GATEWAY_PROJECT, type Layout } from '../../layout.ts';
import { folderObstacle } from '../../resources/obstacle.ts';
import type { Resource, ResourceId } from '../../resources/resource.ts';
import { composeFile } from './compose.ts';
import { gatewayImage, gatewayImageDigest, imageProblem, parseImageReference, withDigest } from './image.ts';
import { litellmConfig } from './litellm-config.ts';
import { gatewayModules, modulePath } from './modules.ts';
import { gatewayProofs } from './proofs.ts';
import { sealedFoldersThere } from './routing/sealed.ts';
import { timeZoneRule } from './spending.ts';
import { gatewayUse, useWords } from './use.ts';
import { wakeResources } from './wake.ts';

export const gateway: InstallerStep = {
  id: 'gateway',
  title: 'gateway',
  guidePhase: 'phase 9',
  why: 'LiteLLM decides for each request which model answers. It listens on this machine only and gets the keys in a file, never in a command.',
  requires: [
    {
      name: 'image',
      run: async (_probe, { answers }) => {
        const problem = imageProblem(answers.gateway.image ?? gatewayImage);
        return problem === undefined
          ? { status: 'ok', note: answers.gateway.image ?? gatewayImage }
          : { status: 'stop', ...problem };
      },
    },
  ],
  resources: gatewayResources,
  ahead: (context) => imageAhead(context, wantedImage(context)),
  proofs: gatewayProofs,
  advice: ({ layout }) => [
    `Gateway: ${layout.gatewayUrl}   log: docker logs -f ${layout.containerName}   after editing by hand: docker restart ${layout.containerName}`,
  ],
};

async function gatewayResources(context: Context, probe: Probe): Promise<readonly Resource[]> {
  const { answers, secrets, layout } = context;
  const timeZone = await timeZoneRule(probe, answers.system.timezone);
  const reference = wantedImage(context);
  const pinned = await pinnedImage(probe, context, reference);
  const config = litellmConfig(answers, secrets);
  const files: Resource[] = [
    image(context, reference),
    {
      kind: 'file',
      id: 'gateway-configuration',
      path: layout.gatewayConfig,
      content: config,
      mode: 0o600,
      directoryMode: 0o700,
    },
    ...gatewayModules.map(
      (module): Resource => ({
        kind: 'file',
        id: module.id,
        title: module.title,
        path: modulePath(layout, module),
        content: module.text,
        mode: 0o644,
        directoryMode: 0o700,
      }),
    ),
    requestLogDirectory(layout),
    ...(await wakeResources(context, probe)),
    ...sealedFoldersThere(answers, layout),
  ];
  if (pinned === undefined) return [...files, waiting('compose-file'), waiting('gateway-container')];
  const inputsHash = hashOf([
    pinned,
    config,
    ...gatewayModules.map(({ text }) => text),
    composeFile(answers, layout, pinned, '', timeZone),
    ...secretFingerprints(secrets),
  ]);
  const compose = composeFile(answers, layout, pinned, inputsHash, timeZone);
  return [
    ...files,
    { kind: 'file', id: 'compose-file', path: layout.composeFile, content: compose, mode: 0o600, directoryMode: 0o700 },
    {
      kind: 'container',
      id: 'gateway-container',
      name: layout.containerName,
      composeFile: layout.composeFile,
      project: GATEWAY_PROJECT,
      service: 'litellm',
      inputsHash,
      mounted: [
        { path: layout.gatewayConfig, content: config },
        ...gatewayModules.map((module) => ({ path: modulePath(layout, module), content: module.text })),
      ],
      port: layout.gatewayPort,
      inUse: async (looking) => useWords(await gatewayUse(looking, layout, Date.now())),
      env: layout.sessionEnv,
    },
  ];
}

/** Created before the container: Docker would give it a mode that lets others read who asked what and when. */
function requestLogDirectory({ requestLogDir }: Layout): Resource {
  const mode = 0o700;
  return {
    kind: 'script',
    id: 'folder-of-the-request-log',
    inspect: async (probe) => {
      const found = await probe.stat(requestLogDir);
      const obstacle = folderObstacle(requestLogDir, found);
      if (obstacle !== undefined) return { status: 'blocked', ...obstacle };
      if (found?.kind === 'directory' && found.mode === mode) return { status: 'ok', note: requestLogDir };
      return { status: 'change', summary: `make ${requestLogDir}, for this account only` };
    },
    effects: [{ do: 'make-directory', path: requestLogDir, mode }],
  };
}

function waiting(id: ResourceId): Resource {
  return { kind: 'script', id, inspect: async () => ({ status: 'later', waitsFor: 'the gateway image' }) };
}

function wantedImage({ answers }: Context): string {
  if (answers.gateway.image !== undefined) return answers.gateway.image;
  return gatewayImageDigest === undefined ? gatewayImage : withDigest(gatewayImage, gatewayImageDigest);
}

/** The reference with the digest that was pulled: a tag can be moved by others, a digest cannot. */
export async function pinnedImage(probe: Probe, context: Context, reference: string): Promise<string | undefined> {
  const parts = parseImageReference(reference);
  if (parts?.digest !== undefined) return reference;
  const { exists, said } = await ask(probe, imageInspect(context.layout, reference, '{{json .RepoDigests}}'));
  if (!exists || parts === undefined) return undefined;
  // An image that was loaded from a file has no digest of a registry: then its tag has to do.
  const digest = said
    .split('"')
    .find((part) => part.startsWith(`${parts.repository}@sha256:`))
    ?.split('@')[1];
  return digest === undefined ? reference : withDigest(reference, digest);
}

/** The image on this machine; pulled if it is not there. */
export function image({ layout }: Context, reference: string): Resource {
  return {
    kind: 'script',
    id: 'gateway-image',
    inspect: async (probe) => {
      const { exists, answers } = await ask(probe, imageInspect(layout, reference));
      if (exists) return { status: 'ok', note: reference };
      return answers
        ? { status: 'change', summary: `pull ${reference}` }
        : { status: 'later', waitsFor: 'rootless Docker' };
    },
    effects: [imagePull(layout, reference)],
  };
}

/** The largest download: begun as soon as there will be an engine, while tools and client are installed. */
function imageAhead({ layout }: Context, reference: string): Resource {
  return {
    kind: 'script',
    id: 'gateway-image-ahead',
    title: 'gateway image, beside the other steps',
    inspect: async (probe) => {
      if ((await probe.stat(rootlessTool)) === undefined) return { status: 'later', waitsFor: 'the Docker packages' };
      const { exists } = await ask(probe, imageInspect(layout, reference));
      return exists ? { status: 'ok', note: reference } : { status: 'change', summary: `pull ${reference}` };
    },
    effects: [imagePullAhead(layout, reference)],
  };
}

function secretFingerprints(secrets: Secrets): readonly string[] {
  return Object.entries(secrets).map(([name, secret]) => `${name}=${secret?.fingerprint()}`);
}

function hashOf(parts: readonly string[]): string {
  return createHash('sha256').update(parts.join('\0')).digest('hex').slice(0, 16);
}

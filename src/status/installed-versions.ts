import { createHash } from 'node:crypto';
import type { Context } from '../context.ts';
import { containerInspect } from '../docker-client/docker.ts';
import { readContainer } from '../docker-client/inspected-container.ts';
import type { Probe } from '../host/host.ts';

/** What can become another one without a run of this program, or by one: the client, the gateway's image, its configuration. */
export interface Installed {
  readonly claude: string | undefined;
  /** sha256:… of the image that the gateway's container was made from. */
  readonly image: string | undefined;
  /** SHA-256 of the gateway's configuration. */
  readonly config: string | undefined;
}

/** Looks what is installed. What cannot be told is undefined. */
export async function lookAtInstalled(probe: Probe, { answers, layout }: Context): Promise<Installed> {
  const file = answers.claudeCode.source === 'apt' ? 'claude' : layout.claudeBinary;
  const [version, container, config] = await Promise.all([
    probe.query({ file, args: ['--version'] }),
    probe.query(containerInspect(layout, layout.containerName)),
    probe.readFile(layout.gatewayConfig).catch(() => undefined),
  ]);
  const image = container.exitCode === 0 ? readContainer(container.stdout)?.imageId : undefined;
  return {
    claude: /\d+\.\d+\.\d+/.exec(version.stdout)?.[0],
    image,
    config: config === undefined ? undefined : createHash('sha256').update(config).digest('hex'),
  };
}

/** The same in one word, as `templates/sentinel/sentinel.bash` makes it, too: by it each knows what the other has proven. */
export function wordOf({ claude, image, config }: Installed): string {
  return [claude ?? '', image?.replace(/^sha256:/, '').slice(0, 12) ?? '', config?.slice(0, 12) ?? ''].join(':');
}

/** The parts of such a word; undefined where it is none. */
export function partsOf(word: string | undefined): Installed | undefined {
  const [claude, image, config, ...more] = word?.split(':') ?? [];
  if (claude === undefined || image === undefined || config === undefined || more.length > 0) return undefined;
  const part = (text: string) => (text === '' ? undefined : text);
  return { claude: part(claude), image: part(image), config: part(config) };
}

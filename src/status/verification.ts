import { createHash } from 'node:crypto';
import { savedAnswersText } from '../config/saved.ts';
import type { Context } from '../context.ts';
import { readContainer } from '../docker-client/container.ts';
import { containerInspect } from '../docker-client/docker.ts';
import type { Effect, Probe } from '../host/host.ts';

/** What can change with or without a run of this program: the client, the gateway's image, its configuration. */
export interface Installed {
  readonly claude: string | undefined;
  /** sha256:… of the image that the gateway's container was made from. */
  readonly image: string | undefined;
  /** SHA-256 of the gateway's configuration. */
  readonly config: string | undefined;
}

/** Finds out what is installed. What is not known is undefined. */
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

/** The stamp as it stands on the disk. */
interface Stamp {
  /** Over answers and keys. */
  readonly fingerprint: string;
  /** ISO 8601. */
  readonly at: string;
  /** What was installed then, as one word; undefined in stamps of the first release. */
  readonly installed: string | undefined;
}

/** Whether the installation was proven with exactly these answers and keys. It decides only whether proofs are run again, never what is done to the machine. */
export async function readStamp(probe: Pick<Probe, 'readFile'>, context: Context): Promise<boolean> {
  const text = await probe.readFile(context.layout.proofStamp);
  return text?.split(' ')[0] === fingerprintOf(context);
}

/** The parts of a stamp's text; undefined when there is none. */
export function parseStamp(text: string | undefined): Stamp | undefined {
  const [fingerprint = '', at, installed] = text?.trim().split(' ') ?? [];
  return at === undefined ? undefined : { fingerprint, at, installed };
}

/** What is written once every proof has held. `installed` tells the sentinel what needs no proof of its own. */
function stamp(context: Context, installed?: string): Effect {
  const words = [fingerprintOf(context), new Date().toISOString(), ...(installed === undefined ? [] : [installed])];
  return {
    do: 'write',
    path: context.layout.proofStamp,
    content: `${words.join(' ')}\n`,
    mode: 0o600,
    disposable: true,
  };
}

/** What is done once every proof has held: the stamp is given, and what the sentinel found before counts no more. */
export async function stampEffects(probe: Probe, context: Context): Promise<readonly Effect[]> {
  const { sentinelState } = context.layout;
  const found = await probe.stat(sentinelState);
  const given = stamp(context, wordOf(await lookAtInstalled(probe, context)));
  return found === undefined ? [given] : [given, { do: 'remove', path: sentinelState, disposable: true }];
}

/** What is done before anything is changed: from then on nothing is proven until it is proven again. */
export function clearVerification({ layout }: Context): Effect {
  return { do: 'remove', path: layout.proofStamp, disposable: true };
}

/** One word for these answers and keys. */
export function fingerprintOf({ answers, secrets }: Context): string {
  const keys = Object.entries(secrets).map(([name, secret]) => `${name}=${secret?.fingerprint()}`);
  return createHash('sha256')
    .update([savedAnswersText(answers), ...keys].join('\n'))
    .digest('hex')
    .slice(0, 16);
}

import { createHash } from 'node:crypto';
import { savedAnswersText } from '../config/saved.ts';
import type { Context } from '../context.ts';
import type { Effect, Probe } from '../host/host.ts';
import { lookAtInstalled, wordOf } from './installed-versions.ts';

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

import { createHash } from 'node:crypto';
import { savedAnswersText } from './answers/saved.ts';
import type { Context } from './context.ts';
import type { Effect, Probe } from './host/host.ts';

/** Whether the installation was proven with exactly these answers and keys. It decides only whether proofs are run again, never what is done to the machine. */
export async function readStamp(probe: Pick<Probe, 'readFile'>, context: Context): Promise<boolean> {
  const text = await probe.readFile(path(context));
  return text?.split(' ')[0] === fingerprint(context);
}

/** What is written once every proof has held. */
export function stamp(context: Context): Effect {
  const content = `${fingerprint(context)} ${new Date().toISOString()}\n`;
  return { do: 'write', path: path(context), content, mode: 0o600, disposable: true };
}

/** What is done before anything is changed: from then on nothing is proven until it is proven again. */
export function unstamp(context: Context): Effect {
  return { do: 'remove', path: path(context), disposable: true };
}

function path({ layout }: Context): string {
  return `${layout.stateDir}/proven`;
}

function fingerprint({ answers, secrets }: Context): string {
  const keys = Object.entries(secrets).map(([name, secret]) => `${name}=${secret?.fingerprint()}`);
  return createHash('sha256')
    .update([savedAnswersText(answers), ...keys].join('\n'))
    .digest('hex')
    .slice(0, 16);
}

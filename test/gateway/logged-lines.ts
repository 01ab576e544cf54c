import { readdir, readFile, rm } from 'node:fs/promises';
import type { LitellmProcess } from './litellm-process.ts';

type Log = Pick<LitellmProcess, 'requestLogDir'>;
export type Line = Readonly<Record<string, unknown>>;

/** Every line of a gateway's request log, oldest first. */
export async function loggedLines({ requestLogDir }: Log): Promise<readonly Line[]> {
  const names = (await readdir(requestLogDir)).filter((name) => name.endsWith('.jsonl')).sort();
  const texts = await Promise.all(names.map((name) => readFile(`${requestLogDir}/${name}`, 'utf8')));
  const lines = texts.join('').split('\n').filter(Boolean);
  return lines.map((line) => JSON.parse(line) as Line);
}

/** Takes the log away, and with it what was spent. */
export async function forgetLog({ requestLogDir }: Log): Promise<void> {
  for (const name of await readdir(requestLogDir)) await rm(`${requestLogDir}/${name}`);
}

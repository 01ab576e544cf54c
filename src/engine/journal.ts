import { mkdir, open } from 'node:fs/promises';
import { dirname } from 'node:path';
import { revealed } from '../host/secret.ts';
import { harmlessJson } from '../text/harmless.ts';
import { describeEffect } from './describe-effect.ts';
import { sha256 } from './history.ts';
import type { EffectRecord } from './run-step.ts';

/** Append-only record of what this program set out to do and what came of it, one JSON line each. For people, `restore` and `uninstall`; never read to decide. */
export interface Journal {
  write(entry: Record<string, unknown>): Promise<void>;
  effect(record: EffectRecord): Promise<void>;
  close(): Promise<void>;
}

/** Opens the journal; each line is on the disk before the call returns. */
export async function openJournal(path: string, run: string): Promise<Journal> {
  await mkdir(dirname(path), { recursive: true, mode: 0o700 });
  const file = await open(path, 'a', 0o600);
  async function write(entry: Record<string, unknown>): Promise<void> {
    await file.appendFile(`${harmlessJson({ at: new Date().toISOString(), run, ...entry })}\n`);
    await file.datasync();
  }
  return {
    write,
    effect: async (record) => await write(journalled(record)),
    close: async () => await file.close(),
  };
}

/** Contents are recorded as hashes, so that no secret and no foreign text comes to stand here. */
function journalled({ state, step, resource, effect, backup }: EffectRecord): Record<string, unknown> {
  return {
    state,
    step,
    resource,
    do: effect.do,
    what: describeEffect(effect),
    ...('path' in effect ? { path: effect.path } : {}),
    ...(effect.do === 'write' ? { sha256: sha256(revealed(effect.content)) } : {}),
    ...(backup === undefined ? {} : { backup }),
  };
}

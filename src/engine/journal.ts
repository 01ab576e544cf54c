import { type FileHandle, open } from 'node:fs/promises';
import { dirname } from 'node:path';
import { makeFolders, toldOf } from '../host/files/file-writing.ts';
import { revealed } from '../host/secret.ts';
import { harmlessJson } from '../text/harmless.ts';
import { recordedCommand, sha256 } from './action-log.ts';
import { describeEffect } from './event.ts';
import type { EffectRecord } from './run-step.ts';

/** Append-only record of what this program set out to do and what came of it, one JSON line each. For people, `restore`, `uninstall`, and to find what a run left that was cut off; never read to decide what is wanted. */
export interface Journal {
  write(entry: Record<string, unknown>): Promise<void>;
  effect(record: EffectRecord): Promise<void>;
  close(): Promise<void>;
}

/** What the journal's lines are made like. A reader that knows a lower number cannot tell what they mean. */
export const journalFormat = 1;

/** Opens the journal; each line is on the disk before the call returns. Errors name the journal's path. */
export async function openJournal(path: string, run: string): Promise<Journal> {
  await makeFolders(dirname(path), 0o700);
  const file = await open(path, 'a+', 0o600);
  let before = await unfinished(file);
  async function write(entry: Record<string, unknown>): Promise<void> {
    const line = `${harmlessJson({ at: new Date().toISOString(), run, ...entry })}\n`;
    try {
      await file.appendFile(`${before}${line}`);
      await file.datasync();
      before = '';
    } catch (error) {
      before = '\n';
      throw toldOf(path, error);
    }
  }
  return { write, effect: async (record) => await write(journalled(record)), close: async () => await file.close() };
}

/** A line break if the last line has none: it was cut off by a power failure or a full disk, and would swallow the next one. */
async function unfinished(file: FileHandle): Promise<string> {
  const { size } = await file.stat();
  if (size === 0) return '';
  const { buffer } = await file.read(Buffer.alloc(1), 0, 1, size - 1);
  return buffer.toString() === '\n' ? '' : '\n';
}

/** Contents are recorded as hashes, so that no secret and no foreign text gets in here. */
function journalled({ state, step, resource, id, effect, backup }: EffectRecord): Record<string, unknown> {
  return {
    state,
    step,
    resource,
    id,
    do: effect.do,
    what: describeEffect(effect),
    ...(effect.do === 'run' ? { command: recordedCommand(effect.command) } : {}),
    ...('path' in effect ? { path: effect.path } : {}),
    ...(effect.do === 'write' ? { sha256: sha256(revealed(effect.content)) } : {}),
    ...(backup === undefined ? {} : { backup }),
  };
}

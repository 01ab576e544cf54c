import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { cacheDirectory } from './cache.ts';
import { isAbandoned, releaseSlot, type Slot } from './slot.ts';

const held = new Set<Slot>();

/** Takes down what dead runs of the lab left on this host: processes, namespaces, links, roots. */
export function sweepAbandonedSlots(): void {
  const runs = cacheDirectory('runs');
  if (!existsSync(runs)) return;
  for (const name of readdirSync(runs)) {
    const directory = join(runs, name);
    if (/^\d+$/.test(name) && isAbandoned(directory)) releaseSlot({ number: Number(name), directory });
  }
}

/** From now on the slot is taken down when this process ends, however it ends short of SIGKILL. */
export function holdSlot(slot: Slot): void {
  if (held.size === 0) watchForTheEnd();
  held.add(slot);
}

/** Takes a held slot down now. */
export function dropSlot(slot: Slot): void {
  held.delete(slot);
  releaseSlot(slot);
}

let watching = false;

function watchForTheEnd(): void {
  if (watching) return;
  watching = true;
  process.on('exit', releaseAll);
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    process.once(signal, () => {
      releaseAll();
      process.kill(process.pid, signal);
    });
  }
}

function releaseAll(): void {
  for (const slot of held) releaseSlot(slot);
  held.clear();
}

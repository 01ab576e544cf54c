import type { Resource } from '../resources/resource.ts';
import type { ResourceId } from '../resources/resource-id.ts';
import { ask, dockerRun, type Engine, imageInspect } from './docker.ts';

/** That an image is not there. */
export function imageGone(engine: Engine, id: ResourceId, title: string, reference: string): Resource {
  return {
    kind: 'script',
    id,
    title,
    inspect: async (probe) =>
      (await ask(probe, imageInspect(engine, reference))).exists
        ? { status: 'change', summary: `remove ${reference}`, destructive: true }
        : { status: 'ok', note: 'none' },
    effects: [dockerRun(engine, ['rmi', reference], `remove ${reference}`)],
  };
}

import { ask, dockerRun, type Engine, imageInspect } from '../docker-client/docker.ts';
import type { Resource } from './resource.ts';
import type { ResourceId } from './resource-id.ts';

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

import type { Probe } from '../../host/host.ts';
import type { Layout } from '../../layout.ts';
import type { Resource } from '../../resources/resource.ts';
import { success } from '../../result.ts';

/**
 * What the client 2.1.332 keeps when its first screens are over, a choice of colours and two remarks on safety; seen, not
 * documented. Nothing about trust: the client asks that for each folder, and what it is told of the home folder it
 * deliberately forgets, because it takes every folder below a trusted one for trusted, a cloned repository too.
 */
export const pastFirstScreens = '{\n  "hasCompletedOnboarding": true\n}\n';

/** The client's own state of the routed sessions, only as long as there is none: what the client has made is left alone. */
export async function firstStart({ routedState }: Layout, probe: Probe): Promise<readonly Resource[]> {
  if ((await probe.stat(routedState)) !== undefined) return [];
  const notes = ['its screens on colours and safety are skipped, that on trust stays'];
  return [
    {
      kind: 'file',
      id: 'first-start',
      title: 'first start of Claude Code',
      path: routedState,
      content: (current) => success({ text: current ?? pastFirstScreens, ...(current === undefined ? { notes } : {}) }),
      mode: 0o600,
      keepMode: true,
      directoryMode: 0o700,
    },
  ];
}

import type { Probe } from '../host/host.ts';
import type { Plan, ScriptFound, ScriptResource } from './resource.ts';

export async function inspectScript(probe: Probe, wanted: ScriptResource): Promise<ScriptFound> {
  return await wanted.inspect(probe);
}

export function planScript({ effects }: ScriptResource, found: ScriptFound): Plan {
  return found.status === 'change' ? { effects, ...found } : found;
}

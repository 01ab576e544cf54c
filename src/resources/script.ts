import type { Probe } from '../host/host.ts';
import type { Plan, ScriptFound, ScriptResource } from './resource.ts';

export async function inspectScript(probe: Probe, wanted: ScriptResource): Promise<ScriptFound> {
  return await wanted.inspect(probe);
}

export function planScript(wanted: ScriptResource, found: ScriptFound): Plan {
  if ('satisfied' in found) return { status: 'ok', note: found.satisfied };
  if ('waitsFor' in found) return { status: 'later', waitsFor: found.waitsFor };
  if ('problem' in found) return { status: 'blocked', ...found };
  const { needed, effects = wanted.effects, destructive } = found;
  return { status: 'change', summary: needed, effects, ...(destructive === undefined ? {} : { destructive }) };
}

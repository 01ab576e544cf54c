import type { Probe } from '../host/host.ts';
import { inspectAptPackages, planAptPackages } from './apt-packages.ts';
import { inspectAptSource, planAptSource } from './apt-source.ts';
import { inspectContainer, planContainer } from './container.ts';
import { inspectFile, planFile } from './file.ts';
import type { Plan, Resource, ScriptFound, ScriptResource } from './resource.ts';
import { inspectSystemdUnit, planSystemdUnit } from './systemd-unit.ts';

/** Looks at the machine and compares: what is left to do for this resource. */
export async function planResource(probe: Probe, resource: Resource): Promise<Plan> {
  switch (resource.kind) {
    case 'file':
      return planFile(resource, await inspectFile(probe, resource));
    case 'apt-packages':
      return planAptPackages(resource, await inspectAptPackages(probe, resource));
    case 'apt-source':
      return planAptSource(resource, await inspectAptSource(probe, resource));
    case 'systemd-unit':
      return planSystemdUnit(resource, await inspectSystemdUnit(probe, resource));
    case 'container':
      return planContainer(resource, await inspectContainer(probe, resource));
    case 'script':
      return planScript(resource, await inspectScript(probe, resource));
  }
}

async function inspectScript(probe: Probe, wanted: ScriptResource): Promise<ScriptFound> {
  return await wanted.inspect(probe);
}

function planScript({ effects }: ScriptResource, found: ScriptFound): Plan {
  return found.status === 'change' ? { effects, ...found } : found;
}

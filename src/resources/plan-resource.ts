import type { Probe } from '../host/host.ts';
import type { Problem } from '../problem.ts';
import { inspectAptPackages, planAptPackages } from './apt-packages.ts';
import { inspectAptSource, planAptSource } from './apt-source.ts';
import { inspectContainer, planContainer } from './container.ts';
import { inspectFile, lookAbove, planFile } from './file.ts';
import { closedProblem } from './obstacle.ts';
import type { Plan, Resource, ScriptResource } from './resource.ts';
import { inspectSystemdUnit, planSystemdUnit } from './systemd-unit.ts';

/** Looks at the machine and compares it with the resource: what is left to do. */
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
      return await planScript(resource, probe);
  }
}

async function closedIn(probe: Probe, { writesIn = [] }: ScriptResource): Promise<Problem | undefined> {
  const looked = await Promise.all(writesIn.map(async (folder) => await lookAbove(probe, `${folder}/it`)));
  return looked.map(({ above }) => closedProblem(above)).find((problem) => problem !== undefined);
}

/** The effects are those that the look names, or otherwise the resource's own. */
async function planScript(resource: ScriptResource, probe: Probe): Promise<Plan> {
  const { inspect, effects = [] } = resource;
  const [found, closed] = [await inspect(probe), await closedIn(probe, resource)];
  if (closed !== undefined && (found.status === 'change' || found.status === 'later'))
    return { status: 'blocked', ...closed };
  return found.status === 'change' ? { effects, ...found } : found;
}

import { ask, containerInspect, docker, dockerRun } from '../../docker-client/docker.ts';
import { inputsLabel } from '../../docker-client/inspected-container.ts';
import { commandsRun } from '../../engine/action-log.ts';
import type { Effect, Probe } from '../../host/host.ts';
import type { Resource, ScriptFound } from '../../resources/resource.ts';
import type { Removal } from '../../uninstall/removal.ts';

/** What the manual guide starts its container with. */
const usualPolicy = 'unless-stopped';

/** A gateway that was made by hand and set aside by the installation: its name, its start at boot, and its work back. */
export function handMadeGateway(removal: Removal): Resource {
  return {
    kind: 'script',
    id: 'hand-made-gateway',
    title: 'hand-made gateway',
    inspect: async (probe) => await whetherAside(removal, probe),
    effects: [],
  };
}

async function whetherAside(removal: Removal, probe: Probe): Promise<ScriptFound> {
  const { layout } = removal;
  const { containerName: name } = layout;
  const format = `{{.State.Running}} {{index .Config.Labels "${inputsLabel}"}}`;
  const [listed, present] = await Promise.all([
    ask(probe, docker(layout, ['ps', '--all', '--filter', `name=^${name}-before-`, '--format', '{{.Names}}'])),
    ask(probe, containerInspect(layout, name, format)),
  ]);
  const aside = newest(listed.said);
  const [running, label = ''] = present.said.split(' ');
  const foreign = present.exists && label === '';
  if (foreign && running === 'false' && cameBack(removal, name)) return startAgain(removal, name);
  if (aside === undefined || foreign) return { status: 'ok', note: 'none' };
  return {
    status: 'change',
    summary: `give ${aside} its name ${name} back and start it`,
    effects: backAgain(removal, aside),
  };
}

/** The one that was set aside last, if there are several. */
function newest(listed: string): string | undefined {
  const names = listed.split('\n').filter((name) => /-before-\d+$/.test(name));
  return [...names].sort().at(-1);
}

/** An earlier uninstallation gave it its name and was stopped before it started it. */
function cameBack({ history }: Removal, name: string): boolean {
  const renamed = commandsRun(history, 'docker', 'rename');
  return renamed.some(({ args: [, from = '', to] }) => from.startsWith(`${name}-before-`) && to === name);
}

function startAgain({ layout }: Removal, name: string): ScriptFound {
  return { status: 'change', summary: `start ${name}`, effects: [dockerRun(layout, ['start', name], `start ${name}`)] };
}

function backAgain({ layout, before }: Removal, aside: string): readonly Effect[] {
  const { containerName: name } = layout;
  const policy = before?.restart ?? usualPolicy;
  return [
    dockerRun(layout, ['update', `--restart=${policy}`, aside], `let ${aside} start at boot as before`),
    dockerRun(layout, ['rename', aside, name], `give it the name ${name} back`),
    dockerRun(layout, ['start', name], `start ${name}`),
  ];
}

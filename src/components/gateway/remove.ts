import { inputsLabel } from '../../docker-client/container.ts';
import {
  ask,
  containerInspect,
  docker,
  dockerRun,
  madeFrom,
  networkName,
  networkOf,
} from '../../docker-client/docker.ts';
import { commandsRun } from '../../engine/action-log.ts';
import type { Effect, Probe } from '../../host/host.ts';
import { DRILL_NAME, drillFile, GATEWAY_PROJECT, keptImage, type Layout } from '../../layout.ts';
import { imageGone } from '../../resources/container.ts';
import type { Resource, ScriptFound } from '../../resources/resource.ts';
import { isOwnText } from '../../text/template.ts';
import { engineUnit } from '../../uninstall/baseline.ts';
import { filesKept, type OwnFile, takenOff } from '../../uninstall/former-file.ts';
import type { Removal, RemovalStep } from '../../uninstall/removal.ts';
import { gatewayModules, modulePath } from './modules.ts';
import { gatewayUse, useWords } from './use.ts';
import { wakeFiles, wakeUnitOff } from './wake.ts';

export const gateway: RemovalStep = {
  id: 'gateway',
  title: 'gateway',
  guidePhase: 'phase 9',
  why: 'The container and its files go. A gateway that was there before gets back its files, its name and its start at boot.',
  undoes: ['gateway'],
  resources: async (removal, probe) => [
    containers(removal.layout),
    ...(await wakeUnitOff(removal.layout, probe)),
    ...(await takenOff(removal, await ownFiles(removal, probe), probe)),
    handMadeGateway(removal),
    // The name under which an update keeps the image it replaced.
    imageGone(removal.layout, 'previous-image', 'previous image', keptImage),
  ],
  kept: async (removal, probe) => await filesKept(removal, await ownFiles(removal, probe), probe),
};

/** The compose file carries our label; while it exists, what it mounts is ours, too. It goes last. */
async function ownFiles({ layout }: Removal, probe: Probe): Promise<readonly OwnFile[]> {
  const labelled = (text: string | undefined): boolean => text?.includes(inputsLabel) === true;
  const beside = labelled(await probe.readFile(layout.composeFile));
  const opening = (text: string): string => text.split('\n').slice(0, 3).join('\n');
  return [
    { id: 'gateway-configuration', path: layout.gatewayConfig, isOurs: () => beside },
    ...wakeFiles(layout).map((file): OwnFile => ({ ...file, isOurs: isOwnText })),
    ...gatewayModules.map(
      (module): OwnFile => ({
        id: module.id,
        title: module.title,
        path: modulePath(layout, module),
        isOurs: (text) => beside || text.startsWith(opening(module.text)),
      }),
    ),
    { id: 'compose-file', path: layout.composeFile, isOurs: labelled },
  ];
}

/** Our container by its label, the drill's by its compose file, and the networks that compose made for them. */
function containers(layout: Layout): Resource {
  return {
    kind: 'script',
    id: 'gateway-container',
    inspect: async (probe) => {
      const label = await ask(probe, containerInspect(layout, layout.containerName, labelFormat));
      if (!label.answers) return await noEngine(probe, layout);
      const drill = await ask(probe, madeFrom(layout, DRILL_NAME, drillFile(layout)));
      const ours = [
        ...(/^[0-9a-f]+$/.test(label.said) ? [layout.containerName] : []),
        ...(drill.said === '' ? [] : [DRILL_NAME]),
      ];
      const networks = await ownNetworks(probe, layout);
      const effects = [
        ...ours.map((name) => dockerRun(layout, ['rm', '--force', name], `remove the container ${name}`)),
        ...networks.map((name) => dockerRun(layout, ['network', 'rm', name], `remove the network ${name}`)),
      ];
      if (effects.length === 0) return { status: 'ok', note: 'none' };
      const inUse = ours.length === 0 ? undefined : useWords(await gatewayUse(probe, layout, Date.now()));
      const notice = inUse === undefined ? '' : ` (${inUse.replace(/, and Claude Code asks again$/, '')})`;
      return {
        status: 'change',
        summary: `remove ${[...ours, ...networks].join(', ')}${notice}`,
        effects,
        destructive: true,
      };
    },
  };
}

const labelFormat = `{{index .Config.Labels "${inputsLabel}"}}`;

/** An engine that does not answer is taken to have our container, unless there is no engine at all. */
async function noEngine(probe: Probe, layout: Layout): Promise<ScriptFound> {
  if ((await probe.stat(engineUnit(layout))) === undefined) return { status: 'ok', note: 'no engine' };
  return {
    status: 'blocked',
    code: 'docker-silent',
    problem: 'your Docker engine does not answer, so the gateway cannot be taken out of it',
    fix: 'start it:  systemctl --user restart docker  and run this again',
  };
}

/** A stopped container needs its network, too, and `network inspect` names only those that run. */
async function ownNetworks(probe: Probe, layout: Layout): Promise<readonly string[]> {
  // Former releases had the gateway in a project of the container's name.
  const projects = [GATEWAY_PROJECT, layout.containerName, DRILL_NAME];
  const own = [layout.containerName, DRILL_NAME, ''];
  const found = projects.map(async (project) => {
    const name = networkName(project);
    const [network, users] = await Promise.all([
      ask(probe, networkOf(layout, project)),
      ask(probe, docker(layout, ['ps', '--all', '--filter', `network=${name}`, '--format', '{{.Names}}'])),
    ]);
    const ours =
      network.said !== '' && users.answers && users.said.split('\n').every((container) => own.includes(container));
    return ours ? [name] : [];
  });
  return (await Promise.all(found)).flat();
}

/** The image that the manual guide starts its container from. */
const usualPolicy = 'unless-stopped';

/** A gateway made by hand that the installation set aside gets its name and its start at boot back, and runs again. */
function handMadeGateway(removal: Removal): Resource {
  return {
    kind: 'script',
    id: 'hand-made-gateway',
    title: 'hand-made gateway',
    inspect: async (probe) => await whetherAside(removal, probe),
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

/** An earlier uninstallation gave it its name back and was stopped before it could start it. */
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

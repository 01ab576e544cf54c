import type { Check, CheckFinding, Evidence, InstalledCheckContext, Words } from '../../checks/check.ts';
import { containerLog, gatewayContainer, type InspectedContainer, lastWords } from '../../docker-client/container.ts';
import {
  type EnginePort,
  enginePort,
  holderWords,
  type PortHolder,
  portHolder,
} from '../../docker-client/port-holder.ts';
import type { Problem } from '../../problem.ts';
import type { Resource } from '../../resources/resource.ts';
import { counted } from '../../text/counted.ts';
import { imageProblem } from './image.ts';
import { gatewayModels } from './models.ts';
import { listGatewayModels, readiness } from './requests/client.ts';
import { gateway } from './step.ts';

export const gatewayRuns: Check = {
  id: 'gateway',
  about: 'the gateway’s container runs and answers',
  on: 'installation',
  look: async (examination) => {
    const { probe, layout } = examination;
    const container = await gatewayContainer(examination);
    if (container === 'no-engine') return [];
    if (!alive(container) && (await holder(examination)) !== undefined) return [];
    const state = await readiness(probe, layout.gatewayUrl);
    const trouble = containerTrouble(container, state.ready);
    if (trouble === undefined) return [];
    const log = container === undefined ? [] : await lastLines(examination);
    const words: Words = {
      symptom: 'Every launcher says: Connection error',
      code: 'gateway-not-running',
      problem: trouble,
      evidence: [...stateEvidence(container, layout.containerName), ...log],
    };
    if (container?.status === 'running') return [{ ...words, fix: `docker restart ${layout.containerName}` }];
    return [{ ...words, fixWith: await gatewayFix(examination) }];
  },
};

/** One that is paused keeps its port as one that serves does. */
function alive(container: InspectedContainer | undefined): boolean {
  return container?.running === true && container.status !== 'restarting';
}

/** What is wrong with the gateway's container; undefined when it serves, or is on its way to. */
export function containerTrouble(container: InspectedContainer | undefined, ready: boolean): string | undefined {
  if (container === undefined) return 'there is no gateway container';
  if (container.status === 'restarting' || (!ready && container.restarts > 2))
    return `the gateway crashes as soon as it starts (${container.restarts} times, exit code ${container.exitCode})`;
  if (container.status === 'paused') return 'the gateway’s container is paused, as by  docker pause';
  if (container.status !== 'running')
    return `the gateway’s container does not run (${container.status}, exit code ${container.exitCode})`;
  if (ready || container.health === 'starting') return undefined;
  return 'the gateway’s container runs but does not answer';
}

function stateEvidence(container: InspectedContainer | undefined, name: string): readonly Evidence[] {
  if (container === undefined) return [{ text: `docker container inspect ${name}: no such container` }];
  const health = container.health === undefined ? '' : `, ${container.health}`;
  return [{ text: `docker container inspect ${name}: ${container.status}${health}` }];
}

async function lastLines(examination: InstalledCheckContext): Promise<readonly Evidence[]> {
  const { probe, layout } = examination;
  const log = await containerLog(probe, layout, layout.containerName, 20);
  return lastWords(log).map((line) => ({ text: `its last output: ${line.slice(0, 200)}` }));
}

/** Everything that the gateway is made of; what is right already is left alone. */
async function gatewayFix({ installed, probe }: InstalledCheckContext): Promise<readonly Resource[]> {
  return await gateway.resources(installed, probe);
}

/** Whatever ends the gateway, the engine restarts it, and all that anybody notices is an answer that broke off. */
export const restarts: Check = {
  id: 'restarts',
  about: 'the gateway has not stopped by itself since it was started',
  on: 'installation',
  look: async (examination) => {
    const container = await gatewayContainer(examination);
    return container === 'no-engine' ? [] : restartFindings(container, examination.layout.containerName);
  },
};

/** A container that ended and runs again; one that does not run is reported by the check that looks for it. */
export function restartFindings(container: InspectedContainer | undefined, name: string): readonly CheckFinding[] {
  if (container?.status !== 'running' || container.restarts === 0) return [];
  const fix = `see what it said:  docker logs --tail 100 ${name}   and whether memory was short:  journalctl -k | grep -i 'out of memory'   Then reset the count:  docker restart ${name}`;
  return [
    {
      code: 'gateway-restarted',
      symptom: 'An answer is cut off, and for ten seconds or more every launcher says: Connection error',
      problem: `the gateway stopped by itself and was restarted, ${counted(container.restarts, 'time')} since you or this program started it`,
      evidence: [{ text: `docker container inspect ${name}: RestartCount ${container.restarts}` }],
      severity: 'note',
      fix,
    },
  ];
}

/** The gateway cannot start if something else listens on its port. */
export const port: Check = {
  id: 'port',
  about: 'nothing else uses the gateway’s port',
  on: 'installation',
  look: async (examination) => {
    const { layout } = examination;
    const container = await gatewayContainer(examination);
    if (container === 'no-engine' || alive(container)) return [];
    const held = await holder(examination);
    if (held === undefined) return [];
    const words: Words = {
      symptom: 'The gateway does not start: port is already allocated',
      code: 'port-taken',
      problem: `port ${layout.gatewayPort} of 127.0.0.1 is taken by ${held.who}`,
      evidence: [{ text: `ss -ltnp: ${held.line}` }],
      explains: ['gateway-container'],
    };
    if (held.stop === undefined) return [{ ...words, fixWith: await gatewayFix(examination) }];
    const other = `claude-routing-install --set gateway.port=${layout.gatewayPort + 1}`;
    return [
      { ...words, fix: `${held.stop}   then  claude-routing-install doctor --fix   or use another port:  ${other}` },
    ];
  },
};

interface Holder {
  readonly who: string;
  readonly line: string;
  /** What to type; undefined where it is the person's own engine and the gateway's own resources put it right. */
  readonly stop: string | undefined;
}

async function holder(examination: InstalledCheckContext): Promise<Holder | undefined> {
  const { probe, layout } = examination;
  const found = await portHolder(probe, layout.gatewayPort);
  if (found === undefined) return undefined;
  const own = await enginePort(probe, found, layout.gatewayPort, layout);
  return whoHolds(found, own, layout.gatewayPort);
}

/** Who holds the port, in words, and what to type, which is never to kill the person's own engine. */
export function whoHolds(holder: PortHolder, own: EnginePort, port: number): Holder {
  const { line } = holder;
  if (own.is === 'left-over')
    return { who: 'your own Docker engine, left over from an interrupted start', line, stop: undefined };
  if (own.is === 'published')
    return { who: `your own container ${own.by.join(', ')}`, line, stop: `docker stop ${own.by.join(' ')}` };
  return { line, ...holderWords(holder, port) };
}

/** An image that must not run, no matter who started it. */
export const runningImage: Check = {
  id: 'gateway-image',
  about: 'the gateway’s image is one that may run',
  on: 'installation',
  look: async (examination) => {
    const { installed, layout } = examination;
    const container = await gatewayContainer(examination);
    const wanted = installed.answers.gateway.image;
    const chosen = wanted === undefined ? undefined : imageProblem(wanted);
    if (chosen !== undefined) {
      return [
        {
          symptom: 'The gateway version is refused',
          code: 'image-refused',
          problem: `your answers name an image that must not run: ${chosen.problem}`,
          evidence: [{ path: layout.savedAnswers, text: `gateway.image: ${wanted}` }],
          explains: ['gateway-image', 'gateway-container', 'compose-file'] as const,
          fix: `remove it from the file:  nano ${layout.savedAnswers}   then  claude-routing-install`,
        },
      ];
    }
    const image = container === 'no-engine' ? undefined : container?.image;
    return image === undefined ? [] : refusedImage(image, layout.containerName);
  },
};

/** Why an image that was found running may not. */
export function refusedImage(image: string, container: string): readonly CheckFinding[] {
  // Nothing can be said about an image from its id alone.
  if (/^sha256:|^[0-9a-f]{12,}$/.test(image)) return [];
  const refused = imageProblem(image);
  if (refused === undefined) return [];
  return [
    {
      symptom: 'The gateway version is refused',
      code: 'image-refused',
      problem: `the running gateway has an image that must not be used: ${refused.problem}`,
      evidence: [{ text: `docker container inspect ${container}: ${image}` }],
      explains: ['gateway-container'],
      fix: `docker rm -f ${container}   then  claude-routing-install`,
    },
  ];
}

/** Row "model may not exist" of the guide: names that the launchers use and the gateway does not have. */
export const modelNames: Check = {
  id: 'model-names',
  about: 'the gateway lists every name that the launchers use, within three seconds',
  on: 'installation',
  look: async (examination) => {
    const { probe, layout, installed } = examination;
    const list = await listGatewayModels(probe, layout.gatewayUrl, installed.secrets.gatewayKey);
    if (!list.ok) return slowList(list.problem, layout.containerName);
    const offered = list.value;
    const wanted = gatewayModels(installed.answers).map(({ name }) => name);
    const missing = wanted.filter((name) => !offered.includes(name));
    return missing.length === 0
      ? []
      : [namesMissing(missing, offered, layout.gatewayUrl, await gatewayFix(examination))];
  },
};

/** Claude Code waits three seconds for the list; anything other than slowness is reported elsewhere. */
export function slowList({ code, problem }: Problem, container: string): readonly CheckFinding[] {
  if (code !== 'gateway-silent') return [];
  return [
    {
      symptom: '/model does not list the models of the gateway',
      code: 'gateway-silent',
      problem: 'the gateway takes longer to list its models than the three seconds that Claude Code waits',
      evidence: [{ text: problem }],
      severity: 'note',
      fix: `docker restart ${container}`,
    },
  ];
}

function namesMissing(
  missing: readonly string[],
  offered: readonly string[],
  url: string,
  fixWith: readonly Resource[],
): CheckFinding {
  return {
    symptom: '“The selected model may not exist or you may not have access to it”',
    code: 'gateway-model-missing',
    problem: `the gateway does not offer ${missing.join(', ')}`,
    evidence: [{ text: `GET ${url}/v1/models: ${offered.join(', ') || 'none'}` }],
    fixWith,
  };
}

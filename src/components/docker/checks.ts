import {
  byId,
  type Check,
  type CheckFinding,
  evidenceOf,
  type InstalledCheckContext,
  type Words,
} from '../../checks/check.ts';
import type { VariableSource } from '../../checks/variable-source.ts';
import { lastWords } from '../../docker-client/container.ts';
import { askEngine, dockerContext as contextOf } from '../../docker-client/docker.ts';
import { engineJournal, failedStart, startForbidden } from './failed-start.ts';
import { rootlessDocker } from './rootless-step.ts';

/** Row "missing docker socket" of the guide. */
export const engine: Check = {
  id: 'engine',
  about: 'rootless Docker answers',
  on: 'installation',
  look: async (examination) => {
    const { probe, layout, installed } = examination;
    const answer = await askEngine(examination);
    if (answer.exitCode === 0) return [];
    const state = (
      await probe.query({ file: 'systemctl', args: ['--user', 'is-active', 'docker.service'] })
    ).stdout.trim();
    const hangs = state === 'active';
    const said = hangs ? undefined : failedStart((await probe.query(engineJournal)).stdout);
    const why = hangs ? 'this account’s engine hangs' : 'this account’s engine is not running';
    const words: Words = {
      symptom: 'Cannot connect to the Docker daemon; the gateway is gone',
      code: 'docker-silent',
      problem: said === undefined ? why : `this account’s engine does not start: ${said}`,
      evidence: [
        { path: layout.dockerSocket, text: lastWords(answer.stderr, 1)[0] ?? 'no answer' },
        { text: `systemctl --user is-active docker.service: ${state || 'no answer'}` },
        ...(said === undefined ? [] : [{ text: `journalctl --user -u docker.service: ${said}` }]),
      ],
      explains: ['engine-service', 'gateway-container', 'compose-file', 'first-container'],
    };
    if (hangs) return [{ ...words, fix: 'systemctl --user restart docker.service' }];
    const forbidden = await startForbidden(probe, layout.uid, said ?? '');
    if (forbidden !== undefined) return [{ ...words, ...forbidden }];
    const ids = ['subordinate-ids:subuid', 'subordinate-ids:subgid', 'engine-service'] as const;
    return [{ ...words, fixWith: byId(await rootlessDocker.resources(installed, probe), ...ids) }];
  },
};

/** The context that a set-up without a bus leaves behind, and a DOCKER_HOST left over from another day. */
export const dockerContext: Check = {
  id: 'docker-context',
  about: 'docker commands go to this account’s engine',
  on: 'installation',
  look: async (examination) => {
    const { probe, layout, installed, environment } = examination;
    const context = async (...args: readonly string[]) => (await probe.query(contextOf(layout, ...args))).stdout.trim();
    const [host, inUse] = await Promise.all([
      context('inspect', 'rootless', '-f', '{{.Endpoints.docker.Host}}'),
      context('show'),
    ]);
    const wanted = `unix://${layout.dockerSocket}`;
    const fixWith = byId(await rootlessDocker.resources(installed, probe), 'docker-context');
    return [
      ...wrongContext({ host, inUse, wanted }).map((words) => ({ ...words, fixWith })),
      ...wrongHost(environment['DOCKER_HOST'], wanted, await hostPlaces(examination)),
    ];
  },
};

/** Judges where the context "rootless" leads and whether it is the one in use. */
export function wrongContext({
  host,
  inUse,
  wanted,
}: {
  readonly host: string;
  readonly inUse: string;
  readonly wanted: string;
}): readonly Words[] {
  if (host === wanted && inUse === 'rootless') return [];
  const evidence =
    host === wanted
      ? [{ text: `docker context show: ${inUse || 'no answer'}` }]
      : [{ text: `docker context inspect rootless: ${host || 'there is none'}` }];
  return [
    {
      symptom: 'docker ps shows nothing, or asks an engine that does not exist',
      code: 'docker-wrong-engine',
      problem: 'docker commands do not go to this account’s engine',
      evidence,
    },
  ];
}

/** A DOCKER_HOST in this shell overrides every context. `elsewhere` lists other places that set it. */
export function wrongHost(
  host: string | undefined,
  wanted: string,
  elsewhere: readonly VariableSource[],
): readonly CheckFinding[] {
  if (host === undefined || host === '' || host === wanted) return [];
  return [
    {
      symptom: 'docker commands typed in this shell do not find the gateway',
      code: 'docker-wrong-engine',
      problem: `DOCKER_HOST points elsewhere, to ${host}`,
      evidence: [{ text: `this shell: DOCKER_HOST=${host}` }, ...elsewhere.map(evidenceOf)],
      fix: `export DOCKER_HOST=${wanted}`,
    },
  ];
}

async function hostPlaces({ layout, places }: InstalledCheckContext): Promise<readonly VariableSource[]> {
  const found = (await places()).places;
  return found.filter(
    ({ name, layer, path }) => name === 'DOCKER_HOST' && layer !== 'this-shell' && path !== layout.shellEnvironment,
  );
}

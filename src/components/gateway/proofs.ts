import { setTimeout as pause } from 'node:timers/promises';
import type { Context } from '../../context.ts';
import { containerLog } from '../../docker-client/container.ts';
import { containerInspect, pythonIn } from '../../docker-client/docker.ts';
import type { Proof, ProofResult } from '../../engine/step.ts';
import type { Probe } from '../../host/host.ts';
import { failure, type Problem, success } from '../../problem.ts';
import { counted } from '../../text/counted.ts';
import { lastLine } from '../../text/said.ts';
import { boundMet } from './compose.ts';
import { gatewayModels } from './models.ts';
import { guardStands, listGatewayModels, readiness, requiresKey } from './requests/client.ts';

/** Starting takes some forty seconds on one processor; three minutes are plenty. */
const patienceMs = 180_000;

/** That it takes requests; waits for as long as a start takes. */
export const gatewayAnswers: Proof<Context> = { name: 'the gateway answers', always: true, run: becomesReady };

export const gatewayProofs: readonly Proof<Context>[] = [
  gatewayAnswers,
  { name: 'no key, no answer', always: true, run: refusesStrangers },
  { name: 'what is marked as local is held back', always: true, run: holdsBack },
  { name: 'every model is offered', always: true, run: offersAllModels },
  { name: 'the container reaches the local model', run: reachesLocalModel },
];

async function becomesReady(
  probe: Probe,
  { layout }: Context,
  report: (waiting: string) => void,
): Promise<ProofResult> {
  const started = Date.now();
  for (;;) {
    const state = await readiness(probe, layout.gatewayUrl);
    if (state.ready) return success({ note: `${layout.gatewayUrl} is ready` });
    const died = await deathOf(probe, { layout });
    if (died !== undefined) return failure(died);
    if (Date.now() - started > patienceMs)
      return failure({ ...state, problem: `${state.problem} (waited three minutes)` });
    report(`the gateway to start`);
    await pause(500);
  }
}

/** Docker restarts a container that keeps dying for ever: there is no point in waiting for it. */
async function deathOf(probe: Probe, { layout }: Pick<Context, 'layout'>): Promise<Problem | undefined> {
  const format = '{{.State.Status}} {{.RestartCount}} {{.State.ExitCode}} {{.State.OOMKilled}}';
  const { exitCode, stdout } = await probe.query(containerInspect(layout, layout.containerName, format));
  const [status, restarts, code, outOfMemory] = stdout.trim().split(' ');
  if (exitCode === 0 && status === 'running' && restarts === '0') return undefined;
  if (exitCode !== 0 || status === 'created') return undefined;
  if (status === 'exited' && code === '0') return stoppedBySomebody(layout);
  const lines = (await containerLog(probe, layout, layout.containerName, 20)).trim();
  const met = boundMet(lines, { exitCode: Number(code), outOfMemory: outOfMemory === 'true' });
  const why = met === undefined ? '' : `: it ${met}`;
  return {
    code: 'gateway-died',
    problem: `the gateway's container stopped (exit code ${code})${why}; its last lines:\n${lines}`,
    fix: `fix what they name, or see more with  docker logs ${layout.containerName}  and run this again`,
  };
}

/** LiteLLM never exits with 0 by itself: somebody stopped it, or a killed run left behind a compose that is about to replace it. */
function stoppedBySomebody({ containerName }: Context['layout']): Problem {
  return {
    code: 'gateway-died',
    problem: `the container ${containerName} was stopped while this program waited for it`,
    fix: 'wait ten seconds, then run the same command again',
  };
}

async function refusesStrangers(probe: Probe, { layout }: Context): Promise<ProofResult> {
  const wantsKey = await requiresKey(probe, layout.gatewayUrl);
  if (!wantsKey.ok) return wantsKey;
  if (wantsKey.value) return success({ note: '401 without a key' });
  return failure({
    code: 'gateway-open',
    problem: 'the gateway answers requests without a key: anyone on this machine could spend your money',
    fix: `stop it with  docker stop ${layout.containerName}  and run this again`,
  });
}

/** The launchers' promise rests on it, so nothing counts as done until it is seen. */
async function holdsBack(probe: Probe, { secrets, layout }: Context): Promise<ProofResult> {
  const stands = await guardStands(probe, layout.gatewayUrl, secrets.gatewayKey);
  if (!stands.ok) return stands;
  if (stands.value) return success({ note: '400 from the guard' });
  return failure({
    code: 'gateway-guard-missing',
    problem: 'the gateway runs without its guard: sessions that promise to stay offline may reach the cloud',
    fix: `make it load its files again:  docker restart ${layout.containerName}   and run this again`,
  });
}

async function offersAllModels(probe: Probe, { answers, secrets, layout }: Context): Promise<ProofResult> {
  const list = await listGatewayModels(probe, layout.gatewayUrl, secrets.gatewayKey);
  if (!list.ok) return list;
  const offered = list.value;
  const missing = gatewayModels(answers).filter(({ name }) => !offered.includes(name));
  if (missing.length === 0) return success({ note: counted(offered.length, 'model') });
  return failure({
    code: 'gateway-model-missing',
    problem: `the gateway does not offer ${missing.map(({ name }) => name).join(', ')}`,
    fix: `make it read its configuration again:  docker restart ${layout.containerName}`,
  });
}

/** That this machine reaches LM Studio says nothing about its containers: they have a network of their own. */
async function reachesLocalModel(probe: Probe, { answers, layout }: Context): Promise<ProofResult> {
  const { address } = answers.localModel;
  const look = 'import sys, urllib.request as u; u.urlopen(u.Request(sys.argv[1]), timeout=5)';
  const { exitCode, stderr } = await probe.query(pythonIn(layout, layout.containerName, look, `${address}/v1/models`));
  // An HTTP error is an answer too: with authentication on, LM Studio refuses this bare look.
  if (exitCode === 0 || stderr.includes('HTTPError')) return success({ note: address });
  const why = lastLine(stderr);
  const warning: Problem = {
    code: 'container-cannot-reach-server',
    problem: `the gateway's container cannot reach ${address} (${why})`,
    fix: `is the model server running there? From here:  curl -s ${address}/v1/models  and from the container:  docker exec ${layout.containerName} python3 -c "import urllib.request as u; print(u.urlopen('${address}/v1/models').status)"`,
  };
  return success({ note: 'not now', warning });
}

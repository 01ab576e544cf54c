import { containerReachabilityProblem } from '../../config/address.ts';
import { localAddresses } from '../../config/schema.ts';
import { setModel } from '../../config/set-option.ts';
import type { Context, InstallerStep } from '../../context.ts';
import type { CheckResult } from '../../engine/step.ts';
import type { Effect, HttpRequest, Probe } from '../../host/host.ts';
import type { Secret } from '../../host/secret.ts';
import { bearer } from '../../http/reply-body.ts';
import { problemOf } from '../../problem.ts';
import type { Resource, ScriptFound } from '../../resources/resource.ts';
import { isModel, type LocalModel } from './lm-studio.ts';
import { identifyServer, withUsualPort } from './local-server.ts';
import { windowVerdict } from './server-limits.ts';

export const localModel: InstallerStep = {
  id: 'local-model',
  title: 'local model',
  guidePhase: 'phase 6',
  why: 'The model on your own hardware has to answer on the network, with a context window large enough for Claude Code.',
  requires: [
    { name: 'address', run: async (_probe, context) => reachableFromContainer(context) },
    { name: 'local model', run: modelsAreReady },
  ],
  resources: (context) => (context.answers.localModel.load ? [loaded(context)] : []),
};

function reachableFromContainer({ answers, machine }: Context): CheckResult {
  const addresses = localAddresses(answers.localModel);
  const problem = addresses
    .map((address) => containerReachabilityProblem(address, machine.addresses))
    .find((one) => one !== undefined);
  return problem === undefined ? { status: 'ok', note: addresses.join(', ') } : { status: 'stop', ...problem };
}

/** The worst judgement among the servers' models; if all are fine, that of the first one. */
async function modelsAreReady(probe: Probe, context: Context): Promise<CheckResult> {
  const looks = localAddresses(context.answers.localModel).map((address) => modelIsReady(probe, context, address));
  const results = await Promise.all(looks);
  const worst = (['stop', 'warning'] as const).map((status) => results.find((one) => one.status === status));
  return worst.find((one) => one !== undefined) ?? (results[0] as CheckResult);
}

/** A local server that sleeps is no reason to stop: failover and the next start take care of it. */
async function modelIsReady(probe: Probe, context: Context, address: string): Promise<CheckResult> {
  const { model, ...chosen } = context.answers.localModel;
  // Loading is done on the first server alone.
  const load = chosen.load && address === chosen.address;
  const server = await identifyServer(probe, address, context.secrets.localModelToken);
  if (!server.ok) return { status: 'warning', ...problemOf(await withUsualPort(probe, address, server.problem)) };
  const found = server.value;
  const wanted = found.models.find((one) => isModel(one, model));
  if (wanted === undefined) return notListed(model, address, found.models);
  if (load && found.listing === 'lm-studio-v1') return { status: 'ok', note: 'will be loaded as requested' };
  const verdict = windowVerdict(wanted.contextWindow, found.kind);
  if (verdict.level === 'ok') return { status: 'ok', note: verdict.note };
  return { status: verdict.level === 'stop' ? 'stop' : 'warning', ...problemOf(verdict) };
}

function notListed(model: string | undefined, address: string, models: readonly LocalModel[]): CheckResult {
  return {
    status: 'warning',
    code: 'local-model-missing',
    problem: `${address} no longer lists ${model ?? 'the model'}`,
    fix: `load it there, or choose another one:  ${setModel(models)}`,
  };
}

/** Loading changes another machine of somebody's, so it is done only when asked for. */
function loaded({ answers, secrets }: Context): Resource {
  const { address, model = '', contextWindow = 65_536 } = answers.localModel;
  return {
    kind: 'script',
    id: 'model-loaded',
    inspect: async (probe): Promise<ScriptFound> => {
      const server = await identifyServer(probe, address, secrets.localModelToken);
      if (!server.ok) return { status: 'ok', note: 'cannot be checked now' };
      const found = server.value;
      const instances = found.models.filter((one) => isModel(one, model));
      if (instances.some((instance) => instance.loaded && (instance.contextWindow ?? 0) >= contextWindow)) {
        return {
          status: 'ok',
          note: `${model} is loaded with ${contextWindow.toLocaleString('en-US')} tokens or more`,
        };
      }
      if (found.listing !== 'lm-studio-v1') return { status: 'ok', note: 'this server cannot load models on request' };
      const token = secrets.localModelToken;
      const unloads = instances
        .filter((instance) => instance.loaded)
        .map(
          (instance): Effect => ({
            do: 'send',
            why: `unload ${instance.id}`,
            request: unloadRequest(address, instance.id, token),
          }),
        );
      const key = instances[0]?.key ?? model;
      const load: Effect = { do: 'send', why: `load ${key}`, request: loadRequest(address, key, contextWindow, token) };
      return {
        status: 'change',
        summary: `load ${key} on ${address} with ${contextWindow.toLocaleString('en-US')} tokens`,
        effects: [...unloads, load],
      };
    },
  };
}

/** Asks LM Studio 0.4 or later to load a model, with enough time to read a large one from disk. */
function loadRequest(address: string, key: string, contextWindow: number, token?: Secret): HttpRequest {
  return {
    method: 'POST',
    url: `${address}/api/v1/models/load`,
    headers: bearer(token),
    json: { model: key, context_length: contextWindow, echo_load_config: true },
    timeoutMs: 15 * 60_000,
  };
}

/** Asks it to unload one instance: loading again would start a second one with a window of its own. */
function unloadRequest(address: string, instanceId: string, token?: Secret): HttpRequest {
  return {
    method: 'POST',
    url: `${address}/api/v1/models/unload`,
    headers: bearer(token),
    json: { instance_id: instanceId },
    timeoutMs: 60_000,
  };
}

import type { Check, CheckFinding, InstalledCheckContext, Words } from '../../checks/check.ts';
import { localAddresses } from '../../config/schema.ts';
import { namedModels, setModel } from '../../config/set-option.ts';
import type { Context } from '../../context.ts';
import { gatewayContainer, lastWords } from '../../docker-client/container.ts';
import { pythonIn } from '../../docker-client/docker.ts';
import type { Probe } from '../../host/host.ts';
import { nothingCame, portOf } from '../../http/no-reply.ts';
import type { Problem, Result } from '../../problem.ts';
import type { Resource } from '../../resources/resource.ts';
import { isModel, type LocalModel } from './lm-studio.ts';
import { identifyServer, type ServerFound, withUsualPort } from './local-server.ts';
import { kindWords, type ServerKind } from './server-kinds.ts';
import { comfortableWindow, queueTrouble, slotsOf, smallestWindow, windowVerdict } from './server-limits.ts';
import { localModel } from './step.ts';

/** What answers at each address of the local model, the first one's first. */
export async function serversOf(
  probe: Pick<Probe, 'http'>,
  { answers, secrets }: Pick<Context, 'answers' | 'secrets'>,
): Promise<readonly ServerAt[]> {
  const look = async (address: string): Promise<ServerAt> => ({
    address,
    found: await identifyServer(probe, address, secrets.localModelToken),
  });
  return await Promise.all(localAddresses(answers.localModel).map(look));
}

export interface ServerAt {
  readonly address: string;
  readonly found: Result<ServerFound>;
}

export const localServer: Check = {
  id: 'local-server',
  about: 'the local model’s servers answer at their addresses',
  on: 'installation',
  look: async ({ probe, installed, addresses }) => {
    const servers = await serversOf(probe, installed);
    const helped = servers.some(({ found }) => found.ok);
    const findings = servers.map(async ({ address, found }) => {
      if (found.ok) return [];
      const loopback = `http://127.0.0.1:${portOf(address)}`;
      const here = addresses.includes(new URL(address).hostname);
      const bound = here ? await identifyServer(probe, loopback, installed.secrets.localModelToken) : undefined;
      const rebound = bound?.ok ? bound.value.kind : undefined;
      const problem = rebound === undefined ? await withUsualPort(probe, address, found.problem) : found.problem;
      const { localModel } = installed.answers;
      const sleeps = localModel.wake !== undefined && address === localModel.address && nothingCame(problem.code);
      return [silent(address, problem, { rebound, helped, sleeps })];
    });
    return (await Promise.all(findings)).flat();
  },
};

interface Silence {
  /** What answers on this machine, and on the loopback alone. */
  readonly rebound: ServerKind | undefined;
  /** Another server of the model answers. */
  readonly helped: boolean;
  /** The next request wakes it. */
  readonly sleeps?: boolean;
}

/** A server that does not answer. If another one does, or it will be woken, that is only a note: a box may be off. */
export function silent(
  address: string,
  { code, problem, fix }: Problem,
  { rebound, helped, sleeps = false }: Silence = { rebound: undefined, helped: false },
): CheckFinding {
  return {
    code: rebound === undefined ? code : 'container-cannot-reach-server',
    symptom: helped
      ? 'its conversations are answered by the other servers, which have to read them first'
      : sleeps
        ? 'it may be asleep: the next request wakes it, and waits for it'
        : 'claude-local waits, or the cloud answers instead',
    problem:
      rebound === undefined
        ? lower(problem)
        : `${capital(kindWords[rebound].server)} runs here but listens on 127.0.0.1 only, where no container can reach it`,
    evidence: [{ text: `GET ${address}/api/v1/models: ${nothingCame(code) ? 'no answer' : 'refused'}` }],
    ...(helped || sleeps ? { severity: 'note' } : {}),
    fix: rebound === undefined ? fix : kindWords[rebound].serve(portOf(address)),
  };
}

function capital(text: string): string {
  return `${text.charAt(0).toUpperCase()}${text.slice(1)}`;
}

function lower(text: string): string {
  return text.replace(/\.$/, '');
}

/** Row "n_keep >= n_ctx" of the guide. */
export const window: Check = {
  id: 'model',
  about:
    'the chosen model is listed, loaded, its window is large enough, and the queue limit is no higher than its server allows',
  on: 'installation',
  look: async (examination) => {
    const { installed, probe } = examination;
    const { localModel: chosen } = installed.answers;
    const findings = (await serversOf(probe, installed)).map(async ({ address, found }) => {
      if (!found.ok) return [];
      const { models, kind, listing } = found.value;
      const queued = queueTrouble(chosen.parallel, slotsOf(models, chosen.model), { address, kind });
      const beside = queued === undefined ? [] : [queued];
      const trouble = modelTrouble(models, { ...chosen, address, kind });
      if (trouble === undefined) return beside;
      const { fix, listed, ...words } = trouble;
      // The program loads on the first server alone.
      if (listing !== 'lm-studio-v1' || !listed || address !== chosen.address) return [{ ...words, fix }, ...beside];
      return [{ ...words, fixWith: await loading(examination) }, ...beside];
    });
    return (await Promise.all(findings)).flat();
  },
};

/** The local-model step's own resource, with loading agreed to: it is shown before it is done, because it changes another machine. */
async function loading({ installed, probe }: InstalledCheckContext): Promise<readonly Resource[]> {
  const { localModel: chosen } = installed.answers;
  const contextWindow = Math.max(chosen.contextWindow ?? comfortableWindow, smallestWindow);
  const answers = { ...installed.answers, localModel: { ...chosen, contextWindow, load: true } };
  return await localModel.resources({ ...installed, answers }, probe);
}

/** That this machine reaches a server says nothing about its containers. */
export const containerNetwork: Check = {
  id: 'container-network',
  about: 'the gateway’s container reaches the local model’s servers, too',
  on: 'installation',
  look: async (examination) => {
    const { probe, layout, installed } = examination;
    const [servers, container] = await Promise.all([serversOf(probe, installed), gatewayContainer(examination)]);
    if (container === undefined || container === 'no-engine' || container.status !== 'running') return [];
    const look = 'import sys, urllib.request as u; u.urlopen(u.Request(sys.argv[1]), timeout=2)';
    const findings = servers.map(async ({ address, found }): Promise<readonly CheckFinding[]> => {
      if (!found.ok) return [];
      const command = pythonIn(layout, layout.containerName, look, `${address}/v1/models`);
      const { exitCode, stderr } = await probe.query(command);
      if (exitCode === 0 || stderr.includes('HTTPError')) return [];
      return [
        {
          symptom: `claude-local is answered by the cloud although ${kindWords[found.value.kind].server} runs`,
          code: 'container-cannot-reach-server',
          problem: `this machine reaches ${address}, but the gateway's container does not`,
          evidence: [
            { text: `docker exec ${layout.containerName}: ${lastWords(stderr, 1)[0] ?? `exit code ${exitCode}`}` },
          ],
          fix: restartEngine,
        },
      ];
    });
    return (await Promise.all(findings)).flat();
  },
};

const restartEngine =
  'systemctl --user restart docker.service   and check again; if it persists, a firewall or VPN of this machine stops containers';

interface ModelTrouble extends Words {
  readonly fix: string;
  /** Whether the server has the model, so that it can load it. */
  readonly listed: boolean;
}

/** What is checked of the chosen model. */
interface Wanted {
  readonly address: string;
  readonly kind: ServerKind;
  readonly model?: string | undefined;
  readonly contextWindow?: number | undefined;
}

/** What is wrong with the chosen model among those that a server lists. */
export function modelTrouble(models: readonly LocalModel[], wanted: Wanted): ModelTrouble | undefined {
  const { address, kind, model = '', contextWindow = comfortableWindow } = wanted;
  const instances = models.filter((one) => isModel(one, model));
  const others = namedModels(models.filter(({ loaded }) => loaded === true));
  const evidence = [{ text: `${address}, loaded: ${others || 'none'}` }];
  const [best] = [...instances].sort((a, b) => (b.contextWindow ?? 0) - (a.contextWindow ?? 0));
  if (best === undefined)
    return {
      symptom: 'claude-local is answered by the cloud, or not at all',
      code: 'local-model-missing',
      problem: `${address} no longer has ${model}`,
      evidence,
      severity: 'broken',
      fix: `download it there again, or choose another one:  claude-routing-install ${setModel(models)}`,
      listed: false,
    };
  // Ollama loads models on demand and unloads what nobody used for five minutes: that is how it works.
  if (best.loaded === false && kind === 'ollama') return undefined;
  if (best.loaded === false)
    return {
      symptom: 'The first request waits for minutes, or runs with too small a window',
      code: 'local-model-not-loaded',
      problem: `${model} is not loaded${others === '' ? '' : `, ${others} is`}; loaded on demand, it gets ${kindWords[kind].server}'s own small window`,
      evidence,
      severity: 'broken',
      fix: `there:  ${kindWords[kind].load(best.key, contextWindow)}`,
      listed: true,
    };
  return tooSmall(best, { address, kind, model, contextWindow });
}

function tooSmall(
  best: LocalModel,
  { address, kind, model, contextWindow: wanted }: Required<Wanted>,
): ModelTrouble | undefined {
  const verdict = windowVerdict(best.contextWindow, kind);
  if (verdict.level === 'ok' && (best.contextWindow ?? 0) >= (wanted ?? 0)) return undefined;
  if (best.contextWindow === undefined || wanted === undefined) return undefined;
  const broken = best.contextWindow < smallestWindow || best.contextWindow < wanted / 2;
  const size = Math.max(wanted, comfortableWindow);
  const { reload, widen } = kindWords[kind];
  return {
    symptom: broken
      ? `a prompt is refused as too long${kind === 'lm-studio' ? ': n_keep >= n_ctx' : ''}`
      : 'Claude Code summarises the conversation again and again',
    code: 'context-window-small',
    problem: `${model} is loaded with ${best.contextWindow.toLocaleString('en-US')} tokens`,
    evidence: [{ text: `${address}, loaded now: ${best.contextWindow}; when it was installed: ${wanted}` }],
    severity: broken ? 'broken' : 'note',
    // Two spaces begin a line to type, which must not be wrapped; anything else is a sentence.
    fix:
      reload === undefined
        ? `there: ${widen(`${size.toLocaleString('en-US')} tokens`, model)}`
        : `there:  ${reload(best.id, best.key, size)}`,
    listed: true,
  };
}

import { byHand, type Check, type CheckFinding, fixable, type Words } from '../../checks/check.ts';
import type { InstalledCheckContext } from '../../checks/check-context.ts';
import { namedModels, setModel } from '../../config/set-option.ts';
import type { Context } from '../../context.ts';
import { lastWords } from '../../docker-client/container-log.ts';
import { gatewayContainer, pythonIn } from '../../docker-client/docker.ts';
import type { Probe } from '../../host/host.ts';
import { nothingCame, portOf } from '../../http/no-reply.ts';
import type { Problem } from '../../problem.ts';
import type { Resource } from '../../resources/resource.ts';
import type { Result } from '../../result.ts';
import { shellWord } from '../../shell/word.ts';
import { comfortableWindow, smallestWindow, windowVerdict } from './context-window.ts';
import type { LocalModel } from './lm-studio.ts';
import { identifyServer, type ServerFound } from './local-server.ts';
import { localModel } from './step.ts';
import { withUsualPort } from './usual-ports.ts';

async function serverOf({
  probe,
  installed,
}: {
  readonly probe: Probe;
  readonly installed: Context;
}): Promise<Result<ServerFound>> {
  return await identifyServer(probe, installed.answers.localModel.address, installed.secrets.localModelToken);
}

export const localServer: Check = {
  id: 'lm-studio',
  about: 'LM Studio answers at its address',
  on: 'installation',
  look: async (examination) => {
    const { probe, installed, addresses } = examination;
    const { address } = installed.answers.localModel;
    const found = await serverOf(examination);
    if (found.ok) return [];
    const here = addresses.includes(new URL(address).hostname);
    const loopback = `http://127.0.0.1:${portOf(address)}`;
    const rebound = here && (await identifyServer(probe, loopback, installed.secrets.localModelToken)).ok;
    return [silent(address, rebound ? found.problem : await withUsualPort(probe, address, found.problem), rebound)];
  },
};

/** A server that does not answer; `rebound` is one on this machine that answers on the loopback alone. */
export function silent(address: string, { code, problem, fix }: Problem, rebound: boolean): CheckFinding {
  const port = portOf(address);
  const words: Words = {
    code: rebound ? 'container-cannot-reach-server' : code,
    symptom: 'claude-local waits, or the cloud answers instead',
    problem: rebound
      ? `LM Studio runs here but listens on 127.0.0.1 only, where no container can reach it`
      : lower(problem),
    evidence: [{ text: `GET ${address}/api/v1/models: ${nothingCame(code) ? 'no answer' : 'refused'}` }],
  };
  if (!rebound) return byHand('lm-studio', words, fix);
  return byHand(
    'lm-studio',
    words,
    `lms server start --bind 0.0.0.0 --port ${port}   or in LM Studio: Developer, "Serve on Local Network"`,
  );
}

function lower(text: string): string {
  return text.replace(/\.$/, '');
}

/** Row "n_keep >= n_ctx" of the guide. */
export const window: Check = {
  id: 'model',
  about: 'the chosen model is listed, loaded, and its window is wide enough',
  on: 'installation',
  look: async (examination) => {
    const { installed } = examination;
    const server = await serverOf(examination);
    if (!server.ok) return [];
    const found = server.value;
    const trouble = modelTrouble(found.models, installed.answers.localModel);
    if (trouble === undefined) return [];
    const { fix, listed, ...words } = trouble;
    if (found.listing !== 'lm-studio-v1' || !listed) return [byHand('model', words, fix)];
    return [fixable('model', words, await loading(examination))];
  },
};

interface ModelTrouble extends Words {
  readonly fix: string;
  /** Whether the server has the model, so that it can load it. */
  readonly listed: boolean;
}

/** What is wrong with the chosen model among those that a server lists. */
export function modelTrouble(
  models: readonly LocalModel[],
  {
    address,
    model = '',
    contextWindow = comfortableWindow,
  }: { readonly address: string; readonly model?: string | undefined; readonly contextWindow?: number | undefined },
): ModelTrouble | undefined {
  const instances = models.filter(({ id, key }) => id === model || key === model);
  const others = namedModels(models.filter(({ loaded }) => loaded === true));
  const evidence = [{ text: `GET ${address}/api/v1/models: loaded: ${others || 'none'}` }];
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
  if (best.loaded === false)
    return {
      symptom: 'The first request waits for minutes, or runs with too small a window',
      code: 'local-model-not-loaded',
      problem: `${model} is not loaded${others === '' ? '' : `, ${others} is`}; loaded on demand, it gets LM Studio's own small window`,
      evidence,
      severity: 'broken',
      fix: `there:  lms load ${shellWord(best.key)} -c ${contextWindow} -y`,
      listed: true,
    };
  return tooSmall(best, contextWindow, model);
}

function tooSmall(best: LocalModel, wanted: number, model: string): ModelTrouble | undefined {
  const verdict = windowVerdict(best.contextWindow);
  if (verdict.level === 'ok' && (best.contextWindow ?? wanted) >= wanted) return undefined;
  if (best.contextWindow === undefined) return undefined;
  const broken = best.contextWindow < smallestWindow || best.contextWindow < wanted / 2;
  return {
    symptom: broken ? 'n_keep >= n_ctx, from LM Studio' : 'Claude Code summarises the conversation again and again',
    code: 'context-window-small',
    problem: `${model} is loaded with ${best.contextWindow.toLocaleString('en-US')} tokens`,
    evidence: [{ text: `loaded now: ${best.contextWindow}; when it was installed: ${wanted}` }],
    severity: broken ? 'broken' : 'note',
    fix: `there:  lms unload ${shellWord(best.id)} && lms load ${shellWord(best.key)} -c ${Math.max(wanted, comfortableWindow)} -y`,
    listed: true,
  };
}

/** The local-model step's own resource, with a yes to loading: it is shown before it is done, because it changes another machine. */
async function loading({ installed, probe }: InstalledCheckContext): Promise<readonly Resource[]> {
  const { localModel: chosen } = installed.answers;
  const contextWindow = Math.max(chosen.contextWindow ?? comfortableWindow, smallestWindow);
  const answers = { ...installed.answers, localModel: { ...chosen, contextWindow, load: true } };
  return await localModel.resources({ ...installed, answers }, probe);
}

/** This machine reaching LM Studio says nothing about its containers. */
export const containerNetwork: Check = {
  id: 'container-network',
  about: 'the gateway’s container reaches LM Studio, too',
  on: 'installation',
  look: async (examination) => {
    const { probe, layout, installed } = examination;
    const { address } = installed.answers.localModel;
    const [found, container] = await Promise.all([serverOf(examination), gatewayContainer(examination)]);
    if (!found.ok || container === undefined || container === 'no-engine' || container.status !== 'running') return [];
    const look = 'import sys, urllib.request as u; u.urlopen(u.Request(sys.argv[1]), timeout=2)';
    const { exitCode, stderr } = await probe.query(
      pythonIn(layout, layout.containerName, look, `${address}/v1/models`),
    );
    if (exitCode === 0 || stderr.includes('HTTPError')) return [];
    const words: Words = {
      symptom: 'claude-local is answered by the cloud although LM Studio runs',
      code: 'container-cannot-reach-server',
      problem: `this machine reaches ${address}, but the gateway's container does not`,
      evidence: [
        { text: `docker exec ${layout.containerName}: ${lastWords(stderr, 1)[0] ?? `exit code ${exitCode}`}` },
      ],
    };
    return [
      byHand(
        'container-network',
        words,
        'systemctl --user restart docker.service   and check again; if it persists, a firewall or VPN of this machine stops containers',
      ),
    ];
  },
};

import {
  byId,
  type Check,
  type CheckFinding,
  type Evidence,
  type InstalledCheckContext,
  type Words,
} from '../../checks/check.ts';
import { gatewayContainer, type InspectedContainer } from '../../docker-client/container.ts';
import { compareOne } from '../../engine/drift.ts';
import type { Problem } from '../../problem.ts';
import type { Resource } from '../../resources/resource.ts';
import { familyOf, versionOf } from '../cloud/anthropic.ts';
import { failoverTarget, foldedNames, localNames, localOnlyNames, mainModel } from './models.ts';
import { gatewayModuleId } from './modules.ts';
import { guardStands } from './requests/client.ts';
import { gateway } from './step.ts';

/** Without it a strict chat template refuses every second turn, and claude-offline may reach the cloud. */
export const hook: Check = {
  id: 'hook',
  about: 'the gateway’s hook is there, named in its configuration, and knows for which models',
  on: 'installation',
  look: async (examination) => {
    const { probe, layout, installed } = examination;
    const [config, file, container] = await Promise.all([
      probe.readFile(layout.gatewayConfig),
      probe.readFile(layout.gatewayHook),
      gatewayContainer(examination),
    ]);
    if (config === undefined) return [];
    const names = foldedNames(installed.answers);
    const running = container === undefined || container === 'no-engine' ? undefined : container;
    const evidence = hookTroubles({
      config,
      file,
      running,
      names,
      paths: { config: layout.gatewayConfig, hook: layout.gatewayHook },
    });
    if (evidence.length === 0) return [];
    return [
      {
        symptom: 'System message must be at the beginning; sessions that promise to stay offline may reach the cloud',
        code: 'gateway-hook-missing',
        problem: 'the gateway does not run the hook that adapts requests for the local model',
        evidence,
        fixWith: await loading('local_compat.py', examination),
      },
    ];
  },
};

interface HookSeen {
  readonly config: string;
  readonly file: string | undefined;
  readonly running: InspectedContainer | undefined;
  readonly names: readonly string[];
  readonly paths: { readonly config: string; readonly hook: string };
}

/** What keeps the hook from working. */
export function hookTroubles({ config, file, running, names, paths }: HookSeen): readonly Evidence[] {
  const environment = running?.environment ?? [];
  const folded = environment.find((one) => one.startsWith('FOLD_SYSTEM_TURNS_FOR='))?.split('=')[1] ?? '';
  const idle = environment.length > 0 && names.some((name) => !folded.split(',').includes(name));
  const unmarked = environment.length > 0 && !environment.includes(`LOCAL_ONLY_NAMES=${localOnlyNames.join(',')}`);
  return [
    ...(file === undefined ? [{ path: paths.hook, text: 'is not there' }] : []),
    ...(/^\s*-?\s*.*local_compat\.proxy_handler_instance/m.test(config)
      ? []
      : [{ path: paths.config, text: 'callbacks: does not name local_compat' }]),
    ...(idle ? [{ text: `the container’s FOLD_SYSTEM_TURNS_FOR: ${folded || 'empty'}` }] : []),
    ...(unmarked ? [{ text: 'the container has no LOCAL_ONLY_NAMES' }] : []),
  ];
}

/** Judged by what it does: its files may be right without LiteLLM having loaded them. */
export const guard: Check = {
  id: 'guard',
  about: 'the gateway’s guard stands in front of its routes',
  on: 'installation',
  look: async (examination) => {
    const { probe, layout, installed } = examination;
    const stands = await guardStands(probe, layout.gatewayUrl, installed.secrets.gatewayKey);
    if (!stands.ok) return notTold(examination, stands.problem);
    if (stands.value) return [];
    const [config, container] = await Promise.all([
      probe.readFile(layout.gatewayConfig),
      gatewayContainer(examination),
    ]);
    const words: Words = {
      symptom: 'Sessions that promise to stay offline may reach the cloud',
      code: 'gateway-guard-missing',
      problem: 'the gateway runs without the guard that holds back what is marked as local',
      evidence: unguarded(config ?? '', layout.gatewayConfig, layout.gatewayUrl),
    };
    if (container === undefined || container === 'no-engine') return [{ ...words, fix: 'claude-routing-install' }];
    return [{ ...words, fixWith: await loading('routing_guard.py', examination) }];
  },
};

/** The resources by which the gateway gets to load a module of ours. */
async function loading(module: string, { installed, probe }: InstalledCheckContext): Promise<readonly Resource[]> {
  const ids = ['gateway-configuration', gatewayModuleId(module), 'compose-file', 'gateway-container'] as const;
  return byId(await gateway.resources(installed, probe), ...ids);
}

/** A gateway that is not running is another check's business; one that runs and does not answer this may be unguarded. */
async function notTold(
  examination: InstalledCheckContext,
  { code, problem, fix }: Problem,
): Promise<readonly CheckFinding[]> {
  const { layout } = examination;
  const container = await gatewayContainer(examination);
  if (container === undefined || container === 'no-engine' || container.status !== 'running') return [];
  const starting = container.health === 'starting';
  return [
    {
      code,
      symptom: 'Whether sessions that promise to stay offline may reach the cloud is not known',
      problem: starting ? `the gateway is just starting. ${problem}` : problem,
      // Docker's word for the time that a start may take.
      ...(starting ? { severity: 'note' } : {}),
      evidence: [
        { text: `POST ${layout.gatewayUrl}/v1/messages/count_tokens with the mark local-only: no useful answer` },
      ],
      fix: starting ? 'claude-routing-install doctor, in a minute' : fix,
    },
  ];
}

/** What shows that the guard is not active. */
function unguarded(config: string, path: string, url: string): readonly Evidence[] {
  return [
    { text: `POST ${url}/v1/messages/count_tokens with the mark local-only: the guard does not answer` },
    ...(config.includes('routing_guard.proxy_handler_instance')
      ? []
      : [{ path, text: 'callbacks: does not name routing_guard' }]),
  ];
}

/** Edited by hand, which is allowed, and lost with the next run. A file that is as written but should now be different is reported as drift. */
export const gatewayConfig: Check = {
  id: 'gateway-config',
  about: 'the gateway’s configuration is as it was written',
  on: 'installation',
  look: async ({ probe, layout, installed, history }) => {
    const parts = byId(await gateway.resources(installed, probe), 'gateway-configuration', 'gateway-container');
    const [wanted] = byId(parts, 'gateway-configuration');
    const text = await probe.readFile(layout.gatewayConfig);
    if (wanted?.kind !== 'file' || typeof wanted.content !== 'string' || text === undefined) return [];
    const line = firstDifference(text, wanted.content);
    if (line === undefined) return [];
    const { state } = await compareOne('gateway', wanted, { probe, history: await history() });
    if (state === 'wanted-otherwise') return [];
    return [
      {
        symptom: 'The gateway does not do what you chose',
        code: 'edited-by-hand',
        problem: 'its configuration was edited by hand; the next run of this program would undo that',
        evidence: [
          { path: layout.gatewayConfig, line, text: text.split('\n')[line - 1]?.trim() || '(a line is missing here)' },
        ],
        fixWith: parts,
      },
    ];
  },
};

/** The first line, counted from 1, in which two texts differ. */
export function firstDifference(text: string, other: string): number | undefined {
  if (text === other) return undefined;
  const [rows, others] = [text.split('\n'), other.split('\n')];
  const at = rows.findIndex((row, index) => row !== others[index]);
  return at === -1 ? rows.length : at + 1;
}

/** The request log is written from inside the container, whose root is this account. */
export const requestLog: Check = {
  id: 'request-log',
  about: 'the gateway can write its request log, and nobody else can read it',
  on: 'installation',
  look: async ({ probe, layout, installed }) => {
    const [stat, own] = await Promise.all([probe.stat(layout.requestLogDir), probe.stat(layout.home)]);
    const foreign = stat !== undefined && stat.uid !== own?.uid;
    if (stat?.kind === 'directory' && !foreign && (stat.mode & 0o777) === 0o700) return [];
    const words: Words = {
      symptom: 'claude-routing-install usage shows nothing new',
      code: 'request-log-missing',
      problem: foreign
        ? 'the folder of the request log belongs to another account'
        : 'the folder of the request log is missing or has the wrong mode',
      evidence: [
        {
          path: layout.requestLogDir,
          text: stat === undefined ? 'is not there' : `owner ${stat.uid}, mode ${stat.mode.toString(8)}`,
        },
      ],
      explains: ['folder-of-the-request-log'],
    };
    if (foreign)
      return [
        { ...words, fix: `sudo chown -R ${layout.user}: ${layout.requestLogDir} && chmod 700 ${layout.requestLogDir}` },
      ];
    const parts = await gateway.resources(installed, probe);
    return [{ ...words, fixWith: byId(parts, 'folder-of-the-request-log') }];
  },
};

/** The guide's caveat "adaptive thinking is not supported on this model". */
export const failoverThinking: Check = {
  id: 'failover-target',
  about: 'the model that takes over accepts what was meant for the local one',
  on: 'installation',
  look: async ({ installed, layout }) =>
    thinksOtherwise(failoverTarget(installed.answers), mainModel(installed.answers), layout.savedAnswers),
};

/** A Haiku before version 5 refuses adaptive thinking, which Claude Code sends to names that it does not know. */
export function thinksOtherwise(target: string | undefined, main: string, path: string): readonly CheckFinding[] {
  if (target === undefined || familyOf(target) !== 'haiku' || (versionOf(target)[0] ?? 5) >= 5) return [];
  return [
    {
      symptom: '“adaptive thinking is not supported on this model”, when the cloud takes over',
      code: 'failover-model-unlike',
      problem: `${target} takes over from the local model and may refuse what Claude Code sends for it in claude-routed`,
      evidence: [{ path, text: `failover.target: ${target}` }],
      severity: 'note',
      fix: `claude-routing-install --set failover.target=${main}`,
    },
  ];
}

/** Discovery keeps only names with "claude" or "anthropic" in them. */
export const discoverable: Check = {
  id: 'discovery',
  about: 'Claude Code lists the main model in /model',
  on: 'installation',
  look: async ({ installed, layout }) => hiddenModel(mainModel(installed.answers), layout.savedAnswers),
};

export function hiddenModel(main: string, path: string): readonly CheckFinding[] {
  if (localNames.includes(main) || /claude|anthropic/i.test(main)) return [];
  return [
    {
      symptom: '/model does not list the main model',
      code: 'model-hidden',
      problem: `Claude Code lists only names with "claude" or "anthropic" in them, and ${main} has neither`,
      evidence: [{ path, text: `the main model: ${main}` }],
      severity: 'note',
      fix: `it works anyway; in a session type  /model ${main}`,
    },
  ];
}

import { execFile, spawn } from 'node:child_process';
import { copyFile, mkdtemp, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parse, stringify } from 'yaml';
import { gatewayEnvironment } from '../../src/components/gateway/compose.ts';
import { gatewayModules } from '../../src/components/gateway/modules.ts';
import { wakeScript } from '../../src/components/gateway/wake.ts';
import type { AnswersInput } from '../../src/config/schema.ts';
import type { CaseResult } from '../../src/failover-test/drill-case.ts';
import { drillPlan } from '../../src/failover-test/drill-plan.ts';
import { copiedCloud } from '../../src/failover-test/fault.ts';
import { linesOf } from '../../src/failover-test/report.ts';
import { drillConfig, stagedEnvironment } from '../../src/failover-test/throw-away.ts';
import { type GatewayConfig, type Scene, type SceneOptions, sceneAnswers, setScene } from '../gateway/scene.ts';
import { valueIn } from '../value-in.ts';
import { brokenOf, triedOn } from './tried.ts';

const stager = fileURLToPath(new URL('../../templates/gateway/drill_faults.py', import.meta.url));
const run = promisify(execFile);

const mac = '3c:7c:3f:12:ab:90';
/** Everything that can be chosen for the servers of the local model. */
const boxes = { moreAddresses: ['192.0.2.2'], wake: { mac } } as unknown as AnswersInput['localModel'];

const cloud: AnswersInput['cloud'] = {
  anthropic: { models: { sonnet: 'claude-sonnet-4-6', haiku: 'claude-haiku-4-5' } },
};

/** A gateway with a drill's own configuration, and the stager on its loopback. */
interface Drilling {
  readonly scene: Scene;
  /** Tries the promises of these ids; all without any. */
  drill(ids?: readonly string[]): Promise<readonly CaseResult[]>;
  close(): Promise<void>;
}

/** What is different on a machine that somebody edited. */
interface Edited extends SceneOptions {
  /** Of the container, as it stands in the compose file. */
  readonly variables?: Readonly<Record<string, string | undefined>>;
  /** What wakes the box. */
  readonly wakeScript?: string;
}

async function drilling(answers: Partial<AnswersInput>, options: Edited = {}): Promise<Drilling> {
  const folder = await mkdtemp(`${tmpdir()}/drill-`);
  const { localModel: local = {}, ...rest } = answers;
  const planned = sceneAnswers('192.0.2.1', rest, local);
  const environment = stagedEnvironment({ ...gatewayEnvironment(planned), ...options.variables }, folder);
  const scene = await setScene({
    ...options,
    answers: rest,
    environment: environment as Readonly<Record<string, string>>,
    change: (config) => {
      options.change?.(config);
      const shipped = stringify(config, { aliasDuplicateObjects: false });
      const text = valueIn(drillConfig(shipped, '/config.yaml', copiedCloud(planned)));
      Object.assign(config, parse(text) as GatewayConfig);
    },
  });
  const own = `${folder}/drill_faults.py`;
  await copyFile(stager, own);
  await writeFile(`${folder}/wake.py`, options.wakeScript ?? wakeScript(planned.localModel.address, mac));
  const [file, args] = scene.wire.command('python3', [own, 'serve']);
  const child = spawn(file, args, { stdio: 'inherit', env: { ...process.env, ...environment } as NodeJS.ProcessEnv });
  const stage = async (name: string): Promise<void> => {
    const [program, words] = scene.wire.command('python3', [own, 'stage', name]);
    await run(program, words);
  };
  // A real drill begins once the gateway is ready, which is seconds after the stager listens.
  await stage('answers');
  const lines: string[] = [];
  const plan = drillPlan(planned).filter(({ part }) => part === 'throw-away');
  return {
    scene,
    drill: async (ids) =>
      await triedOn(scene, ids === undefined ? plan : plan.filter(({ id }) => ids.includes(id)), {
        stage,
        tell: (tried) => void lines.push(...linesOf(tried).map(({ text }) => text)),
      }),
    close: async () => {
      console.log(lines.join('\n'));
      child.kill();
      await scene.close();
    },
  };
}

const outcomes = (tried: readonly CaseResult[]) =>
  Object.fromEntries(tried.map(({ drilled, outcome }) => [drilled.id, outcome]));
const broken = (tried: readonly CaseResult[]) =>
  brokenOf(tried).map(({ drilled: { id }, happened, problem }) => [id, happened, problem]);

describe.each<readonly [string, Partial<AnswersInput>]>([
  ['failover allowed, compacting', { cloud, failover: { allowed: true } }],
  [
    'failover allowed, too long goes to the cloud, and the local model stands in for it',
    {
      cloud,
      failover: { allowed: true, overflow: 'cloud', whenCloudFails: ['local'] },
      spending: { perMonth: 1000, atCeiling: 'local' },
    },
  ],
  [
    'several servers, a box that sleeps, and who waits too long goes to the cloud',
    { cloud, failover: { allowed: true, afterWaiting: 60 }, localModel: boxes },
  ],
  ['failover not allowed, and a ceiling', { cloud, failover: { allowed: false }, spending: { perDay: 1000 } }],
])('the shipped configuration: %s', (_, answers) => {
  let drilled: Drilling;
  beforeAll(async () => {
    drilled = await drilling(answers);
  });
  afterAll(() => drilled?.close());

  it('keeps every promise that a drill tries', async () => {
    const tried = await drilled.drill();
    expect(broken(tried)).toEqual([]);
    const asked = drilled.scene.anthropic.requests.filter(({ path }) => path.startsWith('/v1/messages'));
    const meant = tried.filter(({ exchange: came }) => came?.modelId?.startsWith('claude-api:'));
    expect(asked).toHaveLength(meant.length);
    expect(drilled.scene.lmStudio.requests).toEqual([]);
  });
});

describe('a configuration or hook that was edited', () => {
  it.each([
    [
      'no fallback for local',
      {
        change: ({ router_settings }: GatewayConfig): void => {
          delete router_settings['fallbacks'];
        },
      },
      ['refused', 'dropped', 'status-500'],
      /did not take over/,
    ],
    [
      'a fallback for local-only',
      {
        change: ({ router_settings }: GatewayConfig): void => {
          const fallbacks = router_settings['fallbacks'] as unknown[];
          fallbacks.push({ 'local-only': ['claude-haiku-4-5'] });
        },
      },
      ['refused-strict', 'status-503-strict'],
      /LEAK/,
    ],
    [
      'a hook that does nothing',
      {
        hook: 'from litellm.integrations.custom_logger import CustomLogger\nproxy_handler_instance = CustomLogger()\n',
      },
      ['strict-template', 'dropped'],
      /^(local gave no answer|local was answered by|claude-api:claude-haiku-4-5 (did not take over|took over from local .* late))/,
    ],
  ] as const)('%s is found', async (_, options, ids, words) => {
    const drilled = await drilling({ cloud, failover: { allowed: true } }, options as SceneOptions);
    try {
      const tried = await drilled.drill(ids);
      const found = outcomes(tried);
      for (const id of ids) expect(found).toMatchObject({ [id]: 'broken' });
      for (const { problem } of tried) expect(problem?.problem).toMatch(words);
    } finally {
      await drilled.close();
    }
  });
});

/** A shipped module with something else in one place. */
function editedModule(file: string, from: string, to: string): Readonly<Record<string, string>> {
  const text = gatewayModules.find((module) => module.file === file)?.text ?? '';
  expect(text.split(from)).toHaveLength(2);
  return { [file]: text.replace(from, to) };
}

describe('what is chosen for the servers of the local model, and does not hold', () => {
  it.each([
    [
      'no other server is tried, nobody is sent to the cloud for waiting, and nobody is told to wake the box',
      {
        modules: editedModule('local_servers.py', 'failures.append(f"{server} cannot be reached: {error}")', 'raise'),
        variables: { BUSY_TO_CLOUD_AFTER: undefined, LOCAL_WAKE: undefined },
      },
      ['one-stopped', 'asleep', 'long-wait'],
    ],
    [
      'a server that is not ready is followed by none, the strict name is given up for waiting, and no packet is made',
      {
        modules: editedModule('local_compat.py', 'if server is None or not is_away(error):', 'if True:'),
        variables: { BUSY_TO_CLOUD_FOR: 'local,local-only' },
        wakeScript: wakeScript('http://192.0.2.1:1234', mac).replace('* 16', '* 15'),
      },
      ['one-not-ready', 'asleep', 'long-wait-strict'],
    ],
    [
      'there is no queue, and a box that does not wake is waited for without an end',
      {
        modules: editedModule('local_wake.py', 'ask_until_there(key), PATIENCE)', 'ask_until_there(key), 99)'),
        variables: { LOCAL_PARALLEL: 'off' },
      },
      ['never-wakes', 'never-wakes-strict', 'queue', 'long-wait'],
    ],
  ] as const)('%s', async (_, edited: Edited, wrong) => {
    const drilled = await drilling({ cloud, failover: { allowed: true, afterWaiting: 60 }, localModel: boxes }, edited);
    try {
      const ids = ['one-not-ready', 'one-stopped', 'asleep', 'never-wakes', 'queue', 'long-wait'];
      const tried = await drilled.drill([
        'fallback-1',
        'fallback-2',
        'strict-template',
        ...ids.flatMap((id) => [id, `${id}-strict`]),
      ]);
      expect(broken(tried).map(([id]) => id)).toEqual(wrong);
    } finally {
      await drilled.close();
    }
  });
});

import { execFile, spawn } from 'node:child_process';
import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parse, stringify } from 'yaml';
import type { AnswersInput } from '../../src/config/schema.ts';
import type { CaseResult } from '../../src/failover-test/case-result.ts';
import { tryCases } from '../../src/failover-test/cases/try-cases.ts';
import type { Hints } from '../../src/failover-test/cause.ts';
import { copiedCloud } from '../../src/failover-test/cloud-fault.ts';
import { drillPlan } from '../../src/failover-test/drill-plan.ts';
import { linesOf } from '../../src/failover-test/report.ts';
import { drillConfig } from '../../src/failover-test/throw-away.ts';
import { exchange } from '../../src/host/http-client.ts';
import { Secret } from '../../src/host/secret.ts';
import { type GatewayConfig, type Scene, type SceneOptions, sceneAnswers, setScene } from '../gateway/scene.ts';
import { valueIn } from '../value-in.ts';

const stager = fileURLToPath(new URL('../../templates/gateway/drill_faults.py', import.meta.url));
const run = promisify(execFile);

const clues: Hints = {
  drift: [],
  fallbacks: { local: ['claude-haiku-4-5'], strict: [] },
  configPath: '/config.yaml',
  containerName: 'litellm',
  local: undefined,
};

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

async function drilling(answers: Partial<AnswersInput>, options: SceneOptions = {}): Promise<Drilling> {
  const SPENDING_PRETENDED = `${await mkdtemp(`${tmpdir()}/drill-`)}/pretended`;
  const scene = await setScene({
    ...options,
    answers,
    environment: { SPENDING_PRETENDED, LOCAL_PARALLEL: '1' },
    change: (config) => {
      options.change?.(config);
      const shipped = stringify(config, { aliasDuplicateObjects: false });
      const text = valueIn(drillConfig(shipped, '/config.yaml', copiedCloud(sceneAnswers('192.0.2.1', answers))));
      Object.assign(config, parse(text) as GatewayConfig);
    },
  });
  const [file, args] = scene.wire.command('python3', [stager, 'serve']);
  const child = spawn(file, args, { stdio: 'inherit', env: { ...process.env, SPENDING_PRETENDED } });
  const stage = async (name: string): Promise<void> => {
    const [program, words] = scene.wire.command('python3', [stager, 'stage', name]);
    await run(program, words);
  };
  // A real drill begins once the gateway is ready, which is seconds after the stager listens.
  await stage('answers');
  const lines: string[] = [];
  const plan = drillPlan(sceneAnswers('192.0.2.1', answers)).filter(({ part }) => part === 'throw-away');
  return {
    scene,
    drill: async (ids) =>
      await tryCases(ids === undefined ? plan : plan.filter(({ id }) => ids.includes(id)), {
        probe: { http: exchange },
        url: scene.gateway.url,
        key: new Secret(scene.gateway.key),
        clues,
        stage,
        busy: async (_, work) => await work,
        tell: (tried) => void lines.push(...linesOf(tried).map(({ text }) => text)),
        throwIfStopped: () => undefined,
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
  tried
    .filter(({ outcome }) => outcome !== 'held')
    .map(({ drilled: { id }, happened, problem }) => [id, happened, problem]);

describe.each([
  ['failover allowed, compacting', { cloud, failover: { allowed: true } }],
  [
    'failover allowed, too long goes to the cloud, and the local model stands in for it',
    {
      cloud,
      failover: { allowed: true, overflow: 'cloud', whenCloudFails: ['local'] },
      spending: { perMonth: 1000, atCeiling: 'local' },
    },
  ],
  ['failover not allowed, and a ceiling', { cloud, failover: { allowed: false }, spending: { perDay: 1000 } }],
] satisfies readonly [string, Partial<AnswersInput>][])('the shipped configuration: %s', (_, answers) => {
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

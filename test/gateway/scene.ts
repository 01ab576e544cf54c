import { randomBytes } from 'node:crypto';
import { parse } from 'yaml';
import { gatewayEnvironment } from '../../src/components/gateway/compose.ts';
import { litellmConfig } from '../../src/components/gateway/litellm-config.ts';
import { backendOfId } from '../../src/components/gateway/models.ts';
import { type Answers, type AnswersInput, answersSchema } from '../../src/config/schema.ts';
import { yamlText } from '../../src/config/yaml.ts';
import { type AnthropicSettings, anthropic } from '../machine/stand-ins/anthropic.ts';
import { deployment, type FoundrySettings, foundry } from '../machine/stand-ins/foundry.ts';
import { type LmStudioOptions, type LmStudioSettings, lmStudio } from '../machine/stand-ins/lm-studio.ts';
import { type Listening, listen, type StandIn } from '../machine/stand-ins/stand-in.ts';
import { type LitellmProcess, startLitellm } from './litellm-process.ts';
import { listenForNames } from './route-table.ts';
import { layWire, type Wire } from './wire.ts';

/** The local model of every scene: the one that a guide names, with a chat template that refuses late system turns. */
export const localModel = 'qwen/qwen3.6-35b-a3b';

/** A gateway between stand-ins, on a wire of its own. */
export interface Scene {
  readonly wire: Wire;
  readonly gateway: LitellmProcess;
  readonly lmStudio: StandIn<LmStudioSettings>;
  readonly anthropic: StandIn<AnthropicSettings>;
  readonly foundry: StandIn<FoundrySettings>;
  /** Every name that a program on the wire looked up: whoever wants to leave it begins with that. None is known. */
  readonly names: readonly string[];
  /** The key that the stand-in of the Claude API takes. */
  readonly claudeKey: string;
  /** Where they listen. */
  readonly urls: {
    readonly local: string;
    readonly further: string | undefined;
    readonly claude: string;
    readonly azure: string;
  };
  /** LM Studio's server is stopped: connections are refused. */
  stopLmStudio(): Promise<void>;
  startLmStudio(): Promise<void>;
  /** The further server is stopped for good. */
  stopFurther(): Promise<void>;
  /** Both clouds end every connection and listen again. */
  restartClouds(): Promise<void>;
  /** Forgets what was asked, takes away every fault. */
  reset(): void;
  close(): Promise<void>;
}

export interface SceneOptions {
  readonly answers?: Partial<AnswersInput>;
  readonly lmStudio?: LmStudioOptions;
  /** Python to load as the hook instead of the shipped one. */
  readonly hook?: string;
  /** More Python beside the shipped modules, by file name; `change` has to name it. */
  readonly modules?: Readonly<Record<string, string>>;
  /** More of the container's environment. */
  readonly environment?: Readonly<Record<string, string>>;
  /** A last change to the parsed configuration before it is written. */
  readonly change?: (config: GatewayConfig) => void;
  /** A further server of the same model, at another address than the first one. */
  readonly further?: StandIn<LmStudioSettings>;
  /** LM Studio's address instead of the stand-in's. */
  readonly address?: (wire: Wire) => string;
  /** Where more servers of the model are, besides `further`. */
  readonly moreAddresses?: (wire: Wire) => readonly string[];
  /** How long every stand-in keeps a connection that nobody uses. */
  readonly keepAliveMilliseconds?: number;
}

export interface GatewayConfig {
  readonly model_list: {
    model_name: string;
    litellm_params: Record<string, unknown>;
    model_info: Record<string, unknown>;
  }[];
  readonly litellm_settings: Record<string, unknown>;
  readonly router_settings: Record<string, unknown>;
  readonly general_settings: Record<string, unknown>;
}

const cloudAnswers: Partial<AnswersInput> = {
  cloud: {
    anthropic: {
      models: {
        sonnet: 'claude-sonnet-4-6',
        opus: 'claude-opus-4-8',
        haiku: 'claude-haiku-4-5',
        fable: 'claude-fable-5-2',
      },
    },
    foundry: {
      resource: 'my-resource',
      deployments: { sonnet: 'claude-sonnet-4-6', haiku: { deployment: 'cheap-one', model: 'claude-haiku-4-5' } },
    },
  },
  failover: { allowed: true },
};

/** The answers behind a scene's gateway. */
export function sceneAnswers(
  address = '192.0.2.1',
  more: Partial<AnswersInput> = cloudAnswers,
  local: Partial<AnswersInput['localModel']> = {},
): Answers {
  return answersSchema.parse({
    version: 1,
    localModel: { address, model: localModel, contextWindow: 65_536, ...local },
    ...more,
  });
}

/** Sets the scene: stand-ins outside, the real LiteLLM with the shipped configuration inside. Everything is closed when it fails. */
export async function setScene(options: SceneOptions = {}): Promise<Scene> {
  const keys = { ANTHROPIC_DIRECT_KEY: `sk-ant-${secret()}`, AZURE_API_KEY: secret() };
  const local = lmStudio({ contextLength: 65_536, strictTemplate: true, ...options.lmStudio });
  const claude = anthropic({ keys: { [keys.ANTHROPIC_DIRECT_KEY]: null } });
  const azure = foundry({
    keys: { [keys.AZURE_API_KEY]: null },
    deployments: [
      ...['claude-sonnet-4-6', 'claude-sonnet-5-5', 'claude-haiku-4-5', 'claude-haiku-5-5'].map((name) =>
        deployment(name),
      ),
      deployment('cheap-one', 'claude-haiku-4-5'),
    ],
  });
  const wire = await layWire();
  const names = await listenForNames(wire);
  const kept =
    options.keepAliveMilliseconds === undefined ? {} : { keepAliveMilliseconds: options.keepAliveMilliseconds };
  const there = { host: wire.outside, ...kept };
  let lm: Listening = await listen(local, { host: wire.separate, ...kept });
  const cloud = await Promise.all([listen(claude, there), listen(azure, there)]);
  const further = options.further === undefined ? undefined : await listen(options.further, there);
  const close = async (): Promise<void> => {
    await Promise.allSettled([lm.close(), further?.close(), names.close(), ...cloud.map((one) => one.close())]);
    await wire.close();
  };
  const address = options.address?.(wire) ?? lm.url;
  const others = [...(further === undefined ? [] : [further.url]), ...(options.moreAddresses?.(wire) ?? [])];
  const more = others.length === 0 ? {} : { moreAddresses: others };
  const answers = sceneAnswers(address, options.answers, more);
  const config = gatewayConfig(answers, { anthropic: cloud[0].url, foundry: cloud[1].url }, options.change);
  const gateway = await startLitellm({
    config,
    wire,
    keys,
    // Who counts what LM Studio was asked does not mean that the gateway asks how many requests it takes.
    environment: { LOCAL_PARALLEL: 'off', ...gatewayEnvironment(answers), ...options.environment },
    ...(options.modules === undefined ? {} : { modules: options.modules }),
    ...(options.hook === undefined ? {} : { hook: options.hook }),
  }).catch(async (error: unknown) => {
    await close();
    throw error;
  });
  return {
    wire,
    gateway,
    lmStudio: local,
    anthropic: claude,
    foundry: azure,
    names: names.asked,
    claudeKey: keys.ANTHROPIC_DIRECT_KEY,
    urls: { local: lm.url, further: further?.url, claude: cloud[0].url, azure: cloud[1].url },
    stopLmStudio: () => lm.close(),
    startLmStudio: async () => {
      lm = await listen(local, { host: wire.separate, port: lm.port, ...kept });
    },
    stopFurther: async () => await further?.close(),
    restartClouds: async () => {
      await Promise.all(cloud.map((one) => one.close()));
      cloud[0] = await listen(claude, { ...there, port: cloud[0].port });
      cloud[1] = await listen(azure, { ...there, port: cloud[1].port });
    },
    reset: () => {
      for (const standIn of [local, claude, azure]) standIn.reset();
      options.further?.reset();
      names.asked.length = 0;
    },
    close: async () => {
      await gateway.stop();
      await close();
    },
  };
}

/** The shipped configuration with the clouds' addresses, which are fixed there, turned to the stand-ins. */
export function gatewayConfig(
  answers: Answers,
  cloud: { readonly anthropic: string; readonly foundry: string },
  change?: SceneOptions['change'],
): string {
  const config = parse(litellmConfig(answers, {})) as GatewayConfig;
  for (const { litellm_params: parameters, model_info } of config.model_list) {
    const backend = backendOfId(String(model_info.id));
    if (backend === 'anthropic') parameters.api_base = cloud.anthropic;
    if (backend === 'foundry') parameters.api_base = `${cloud.foundry}/anthropic`;
  }
  change?.(config);
  return yamlText(config);
}

function secret(): string {
  return randomBytes(16).toString('hex');
}

import stagerText from '../../templates/gateway/drill_faults.py?raw';
import { confinement } from '../components/gateway/compose.ts';
import { backendOfId } from '../components/gateway/models.ts';
import { readYaml, yamlText } from '../config/yaml.ts';
import { DRILL_NAME } from '../layout.ts';
import { failure, type Result, success } from '../problem.ts';
import { given, isObject } from '../text/json.ts';
import { cloudFaults, copyFor, scaledTimeoutSeconds, scaledWaitSeconds, scaledWakeSeconds } from './fault.ts';

/** Where the container sees the stager. */
export const STAGER_PATH = '/app/drill_faults.py';
/** What the machine's own unit uses to wake its box. */
const WAKE_PATH = '/app/wake.py';

/** Where the stager and the gateway leave each other notes, inside the container. */
const STAGED_NOTES = '/tmp';

/** Where the stager listens, as the local model, as a further server of it, and as a cloud. */
const STAGED_LOCAL = stagerAt('PORT');
const STAGED_FURTHER = stagerAt('FURTHER_PORT');
const STAGED_CLOUD = stagerAt('CLOUD_PORT');

/** Their ports, as the stager has them under the same names. */
function stagerAt(name: string): string {
  return `http://127.0.0.1:${new RegExp(`^${name} = (\\d+)$`, 'm').exec(stagerText)?.[1]}`;
}

const CONFIG_PATH = '/app/config.yaml';
type Fields = Record<string, unknown>;

/** What the throw-away gateway is made of. */
export interface ThrowAway {
  readonly config: string;
  readonly compose: string;
}

export interface ThrowAwaySources {
  /** As they are on the disk. */
  readonly config: string;
  readonly compose: string;
  readonly configPath: string;
  readonly composePath: string;
  /** Of the running gateway. */
  readonly containerName: string;
  /** Where the throw-away gateway's own files are put. */
  readonly directory: string;
  readonly port: number;
  /** Another image than the running gateway's, to be tried beside it. */
  readonly image?: string;
  /** The cloud model that is copied for the faults of a cloud; without it there are none of those. */
  readonly cloud?: string;
  /** Leave the local model as it is instead of turning it to the stager. */
  readonly realLocalModel?: boolean;
}

/** The machine's own files, changed only as far as a separate gateway needs; or why they cannot be used. */
export function throwAway(sources: ThrowAwaySources): Result<ThrowAway> {
  const staged = sources.realLocalModel !== true;
  const config = staged ? drillConfig(sources.config, sources.configPath, sources.cloud) : success(sources.config);
  if (!config.ok) return config;
  const compose = drillCompose(sources);
  return compose.ok ? success({ config: config.value, compose: compose.value }) : compose;
}

/** The same configuration with the local model, and copies of a cloud's, turned to the stager and their timeouts scaled down. */
export function drillConfig(text: string, path: string, cloud?: string): Result<string> {
  const config = parsed(text);
  const models = fieldsIn(config?.['model_list']);
  if (config === undefined || models.length === 0) return unusable(path, 'lists no models');
  const local = models.filter(isLocal);
  if (local.length === 0) return unusable(path, 'has no deployment of the local model');
  for (const model of local) {
    const parameters = fields(model['litellm_params']) ?? {};
    parameters['api_base'] = `${STAGED_LOCAL}/v1`;
    scaleTimeouts(parameters);
  }
  const copied = models.find((model) => model['model_name'] === cloud);
  return success(yamlText(copied === undefined ? config : withCopies(config, copied, fallbacksIn(text, cloud ?? ''))));
}

/** A copy of a cloud's model for each of its faults, with the fallbacks that the model has. */
function withCopies(config: Fields, copied: Fields, fallbacks: readonly string[]): Fields {
  const copies = cloudFaults.map(({ stage }) => {
    const parameters = { ...fields(copied['litellm_params']), api_base: STAGED_CLOUD, api_key: 'staged' };
    scaleTimeouts(parameters);
    const { name, id } = copyFor(stage);
    const model_info = { ...fields(copied['model_info']), id };
    return { model_name: name, litellm_params: parameters, model_info };
  });
  const model_list = [...fieldsIn(config['model_list']), ...copies];
  if (fallbacks.length === 0) return { ...config, model_list };
  const router = fields(config['router_settings']);
  const named = copies.map(({ model_name }) => ({ [model_name]: [...fallbacks] }));
  return {
    ...config,
    model_list,
    router_settings: { ...router, fallbacks: [...fieldsIn(router?.['fallbacks']), ...named] },
  };
}

function isLocal(model: Fields): boolean {
  const id = String(fields(model['model_info'])?.['id']);
  const parameters = fields(model['litellm_params']);
  return backendOfId(id) === 'local' || String(parameters?.['model']).startsWith('lm_studio/');
}

function scaleTimeouts(parameters: Fields): void {
  for (const name of ['timeout', 'stream_timeout']) {
    if (Number(parameters[name]) > scaledTimeoutSeconds) parameters[name] = scaledTimeoutSeconds;
  }
}

/** What config.yaml says about who takes over from a name. */
export function fallbacksIn(text: string, name: string): readonly string[] {
  const config = parsed(text);
  const places = [fields(config?.['router_settings']), fields(config?.['litellm_settings'])];
  const lists = places.flatMap((settings) => [
    ...['fallbacks', 'context_window_fallbacks', 'content_policy_fallbacks'].flatMap((key) =>
      fieldsIn(settings?.[key]),
    ),
  ]);
  const named = lists.flatMap((entry) => entry[name] ?? entry['*'] ?? []);
  const forAll = places.flatMap((settings) => settings?.['default_fallbacks'] ?? []);
  return [...named, ...forAll].map(String);
}

/** The same service under another name and port, without anything that would outlive it. */
export function drillCompose(sources: ThrowAwaySources): Result<string> {
  const compose = parsed(sources.compose);
  const services = fieldsIn(Object.values(fields(compose?.['services']) ?? {}));
  const service = services.find((candidate) => candidate['container_name'] === sources.containerName) ?? services[0];
  if (service === undefined) return unusable(sources.composePath, 'describes no service');
  const { labels: _labels, privileged: _privileged, cap_add: _added, network_mode: _network, ...kept } = service;
  const environment = fields(service['environment']) ?? {};
  const own = {
    ...kept,
    // Also where the file that it was made from is of an earlier version, or was loosened since: it is tried as it will run.
    ...confinement,
    ...given({ image: sources.image }),
    container_name: DRILL_NAME,
    pull_policy: 'never',
    restart: 'no',
    healthcheck: { disable: true },
    ports: [`127.0.0.1:${sources.port}:${innerPort(service)}`],
    // It continues the machine's own request log, so that spending counts towards the ceiling both ways.
    volumes: volumesFor(service, sources.directory),
    environment: sources.realLocalModel === true ? environment : stagedEnvironment(environment, STAGED_NOTES),
  };
  return success(yamlText({ name: DRILL_NAME, services: { litellm: own } }));
}

/**
 * The gateway's variables with whatever names another server, or another machine to be woken, turned to the stager, and its waits scaled
 * down. What the gateway is not told at all stays so. `notes`: a folder that the gateway and the stager share.
 */
export function stagedEnvironment(usual: Readonly<Fields>, notes: string): Readonly<Fields> {
  const staged: Readonly<Fields> = {
    LOCAL_PARALLEL: usual['LOCAL_PARALLEL'] === 'off' ? 'off' : '1',
    SPENDING_PRETENDED: `${notes}/pretended-spending`,
    WAKE_PRETENDED: `${notes}/pretended-wake`,
  };
  const inPlace: Readonly<Fields> = {
    LOCAL_SERVERS: `${STAGED_LOCAL},${STAGED_FURTHER}`,
    LOCAL_WAKE: `${STAGED_LOCAL} ${scaledWakeSeconds}`,
    BUSY_TO_CLOUD_AFTER: String(scaledWaitSeconds),
  };
  const named = Object.entries(inPlace).filter(([name]) => usual[name] !== undefined);
  return { ...usual, ...staged, ...Object.fromEntries(named) };
}

/** The last number of `127.0.0.1:4000:4000`. */
function innerPort(service: Fields): string {
  const [port] = Array.isArray(service['ports']) ? service['ports'] : [];
  return typeof port === 'string' ? (port.split(':').at(-1) ?? '4000') : '4000';
}

function volumesFor(service: Fields, directory: string): readonly unknown[] {
  const volumes: unknown[] = Array.isArray(service['volumes']) ? service['volumes'] : [];
  const kept = volumes.filter((volume) => targetOf(volume) !== CONFIG_PATH);
  const own = { 'config.yaml': CONFIG_PATH, 'drill_faults.py': STAGER_PATH, 'wake.py': WAKE_PATH };
  return [...kept, ...Object.entries(own).map(([name, path]) => `${directory}/${name}:${path}:ro`)];
}

function targetOf(volume: unknown): string {
  return String(typeof volume === 'string' ? volume.split(':')[1] : fields(volume)?.['target']);
}

function unusable(path: string, why: string): Result<never> {
  return failure({
    code: 'edited-by-hand',
    problem: `${path} cannot be used for a gateway: it ${why}`,
    fix: 'write it again:  claude-routing-install',
  });
}

function parsed(text: string): Fields | undefined {
  const read = readYaml(text, { longest: 262_144, old: true });
  return read.ok ? fields(read.value.value) : undefined;
}

function fields(value: unknown): Fields | undefined {
  return isObject(value) ? value : undefined;
}

function fieldsIn(value: unknown): readonly Fields[] {
  const entries: readonly unknown[] = Array.isArray(value) ? value : [];
  return entries.map(fields).filter((entry) => entry !== undefined);
}

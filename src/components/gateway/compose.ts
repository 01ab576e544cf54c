import { hostOf } from '../../config/address.ts';
import { type Answers, localAddresses } from '../../config/schema.ts';
import { yamlText } from '../../config/yaml.ts';
import { inputsLabel, MEMORY_LIMIT, PIDS_LIMIT } from '../../docker-client/container.ts';
import { GATEWAY_PROJECT, type Layout } from '../../layout.ts';
import { foldedNames, LOCAL, localNames, localOnlyNames, replacedByLocal, unlistedNames } from './models.ts';
import { gatewayModules, modulePath, mountedAt, startUpFolder } from './modules.ts';
import { busyGoesToCloudAfter, cloudMayBeReplaced, imagesGoToCloud, overflowGoesToCloud } from './routing/profiles.ts';
import { rulesForGateway } from './routing/rules.ts';
import { type SealedFolder, sealedEnvironment, sealedFolders } from './routing/sealed.ts';

const PORT = 4000;
/** Set by templates/gateway/routing_guard.py on the answers of /health. */
const guardHeader = 'x-claude-routing-guard';
/** Inside the container. */
const REQUEST_LOG_DIR = '/app/requests';
const ALIVE = `http://127.0.0.1:${PORT}/health/liveliness`;

/** The gateway's compose file: loopback only, read-only configuration, keys from the secrets file. `image` should carry a digest. */
export function composeFile(
  answers: Answers,
  layout: Layout,
  image: string,
  inputsHash: string,
  timeZone?: string,
): string {
  const sealed = sealedFolders(answers, layout);
  const environment = { ...gatewayEnvironment(answers, timeZone), ...sealedEnvironment(sealed, layout) };
  return yamlText({
    name: GATEWAY_PROJECT,
    services: { litellm: service(layout, image, inputsHash, environment, sealed) },
  });
}

function service(
  layout: Layout,
  image: string,
  inputsHash: string,
  environment: Readonly<Record<string, string>>,
  sealed: readonly SealedFolder[],
): Record<string, unknown> {
  return {
    image,
    container_name: layout.containerName,
    restart: 'unless-stopped',
    command: ['--config', '/app/config.yaml', '--port', String(PORT)],
    ports: [`127.0.0.1:${layout.gatewayPort}:${PORT}`],
    env_file: [layout.secretsFile],
    environment,
    volumes: [
      `${layout.gatewayConfig}:/app/config.yaml:ro`,
      ...gatewayModules.map((module) => `${modulePath(layout, module)}:${mountedAt(module)}:ro`),
      `${layout.requestLogDir}:${REQUEST_LOG_DIR}`,
      ...sealed.map(({ path, at }) => `${path}:${at}:ro`),
    ],
    labels: { [inputsLabel]: inputsHash },
    ...confinement,
    logging: { driver: 'json-file', options: { 'max-size': '10m', 'max-file': '3' } },
    healthcheck: {
      // The second word is there only if the guard is active: a gateway without it is not healthy.
      test: [
        'CMD',
        'python3',
        '-c',
        `import urllib.request as u; u.urlopen("${ALIVE}", timeout=3).headers["${guardHeader}"][0]`,
      ],
      interval: '30s',
      timeout: '5s',
      retries: 3,
      start_period: '180s',
    },
  };
}

/** What the container is told besides the keys: fetch no lists from the internet, serve no pages, keep logs quiet; the time zone as a rule. */
export function gatewayEnvironment(answers: Answers, timeZone = 'UTC0'): Readonly<Record<string, string>> {
  const { routed = '', elsewhere = '' } = replacedByLocal(answers);
  const busyAfter = busyGoesToCloudAfter(answers);
  const direct = reachedDirectly(answers);
  return {
    LITELLM_MODE: 'PRODUCTION',
    LITELLM_LOG: 'ERROR',
    LITELLM_LOCAL_MODEL_COST_MAP: 'True',
    LITELLM_LOCAL_ANTHROPIC_BETA_HEADERS: 'True',
    LITELLM_LOCAL_BLOG_POSTS: 'True',
    LITELLM_LOCAL_POLICY_TEMPLATES: 'true',
    DISABLE_ADMIN_UI: 'True',
    NO_DOCS: 'True',
    NO_REDOC: 'True',
    LITELLM_DISABLE_ACCESS_LOG_PATHS: '/health/liveliness,/health/readiness',
    // No connection is used for two requests; why, upstream_connections.py says.
    AIOHTTP_KEEPALIVE_TIMEOUT: '0',
    // An engine may be configured to give every container a proxy; requests to the local model must not go through it.
    NO_PROXY: direct,
    no_proxy: direct,
    PYTHONPATH: startUpFolder,
    FOLD_SYSTEM_TURNS_FOR: foldedNames(answers).join(','),
    LOCAL_ONLY_NAMES: localOnlyNames.join(','),
    LOCAL_NAMES: localNames.join(','),
    UNLISTED_NAMES: unlistedNames(answers).join(','),
    OVERFLOW_TO_CLOUD: String(overflowGoesToCloud(answers)),
    IMAGES_TO_CLOUD_FOR: imagesGoToCloud(answers) ? LOCAL : '',
    ...severalServers(answers),
    CLOUD_MAY_BE_REPLACED: String(cloudMayBeReplaced(answers)),
    ROUTING_RULES: rulesForGateway(answers),
    // Without a choice the variable is left out, and the gateway asks the server.
    ...(answers.localModel.parallel === undefined ? {} : { LOCAL_PARALLEL: String(answers.localModel.parallel) }),
    ...wakes(answers),
    ...(busyAfter === undefined ? {} : { BUSY_TO_CLOUD_AFTER: String(busyAfter), BUSY_TO_CLOUD_FOR: LOCAL }),
    LOCAL_REPLACES: elsewhere,
    LOCAL_REPLACES_IN_ROUTED: routed,
    SPENDING_PER_DAY: String(answers.spending.perDay ?? ''),
    SPENDING_PER_MONTH: String(answers.spending.perMonth ?? ''),
    SPENDING_AT_CEILING: answers.spending.atCeiling,
    // When a day begins.
    SPENDING_TIME_ZONE: timeZone,
    REQUEST_LOG_DIR,
    REQUEST_LOG_MONTHS: String(answers.gateway.keepMonths ?? ''),
  };
}

/** The hosts of the local model's servers and the container's own, as NO_PROXY lists them. */
function reachedDirectly({ localModel }: Answers): string {
  const hosts = localAddresses(localModel).map(hostOf);
  return [...new Set(['127.0.0.1', 'localhost', ...hosts])].join(',');
}

/** Nothing if there is only one: its address is in LiteLLM's own configuration. */
function severalServers({ localModel }: Answers): Readonly<Record<string, string>> {
  const addresses = localAddresses(localModel);
  return addresses.length > 1 ? { LOCAL_SERVERS: addresses.join(',') } : {};
}

/** Nothing if no machine is to be woken. */
function wakes({ localModel: { address, wake } }: Answers): Readonly<Record<string, string>> {
  return wake === undefined ? {} : { LOCAL_WAKE: `${address} ${wake.patience}` };
}

/**
 * What a gateway's container may not do, as fields of a compose service. Its root is this account outside, so that it can read the
 * configuration that is for this account alone (mode 0600) and write the request log; another user would be a subordinate id, which
 * can do neither. Without capabilities and without a way to new ones that root is an ordinary account.
 */
export const confinement = {
  cap_drop: ['ALL'],
  security_opt: ['no-new-privileges:true'],
  read_only: true,
  tmpfs: ['/tmp:size=64m,mode=1777,nosuid,nodev,noexec'],
  pids_limit: PIDS_LIMIT,
  mem_limit: `${MEMORY_LIMIT / 1024 / 1024}m`,
  // A core dump holds the keys, and a machine that collects them keeps it; Docker's engine has no limit of its own.
  ulimits: { core: 0 },
};

/** Which limit a gateway ran into, from its last output and how it ended; undefined if none shows. Completes "the gateway …". */
export function boundMet(
  said: string,
  end: { readonly exitCode: number; readonly outOfMemory: boolean },
): string | undefined {
  if (end.outOfMemory) return `needed more memory than the ${MEMORY_LIMIT / 1024 / 1024} MB of its container`;
  if (/read-only file system/i.test(said)) return 'tries to write where its container may not';
  if (/can't start new thread|resource temporarily unavailable/i.test(said))
    return `needs more than the ${PIDS_LIMIT} processes and threads of its container`;
  if (/operation not permitted/i.test(said)) return 'needs a privilege that its container does not have';
  if (/no space left on device/i.test(said)) return 'needs more space in /tmp than its container has';
  return undefined;
}

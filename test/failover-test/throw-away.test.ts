import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { composeFile } from '../../src/components/gateway/compose.ts';
import { litellmConfig } from '../../src/components/gateway/litellm-config.ts';
import { cloudFaults } from '../../src/failover-test/fault.ts';
import { drillCompose, drillConfig, fallbacksIn, throwAway } from '../../src/failover-test/throw-away.ts';
import { layoutFor } from '../../src/layout.ts';
import { answersWith } from '../answers.ts';
import { problemIn, valueIn } from '../value-in.ts';

const layout = layoutFor({ user: 'me', uid: 1000, home: '/home/me' });
const answers = answersWith({
  cloud: { anthropic: { models: { sonnet: 'claude-sonnet-5-5', haiku: 'claude-haiku-5-5' } } },
  failover: { allowed: true },
});
const config = litellmConfig(answers, {});
const compose = composeFile(answers, layout, 'ghcr.io/some/image@sha256:0', 'inputs');
const sources = {
  config,
  compose,
  configPath: layout.gatewayConfig,
  composePath: layout.composeFile,
  containerName: layout.containerName,
  directory: '/state/drill',
  port: 4007,
};

interface Config {
  readonly model_list: readonly { readonly litellm_params: Record<string, unknown> }[];
}

describe('the configuration of the throw-away gateway', () => {
  it('differs from the machine’s own in the local model’s address and timeouts, and in nothing else', () => {
    const before = parse(config) as Config;
    const after = parse(valueIn(drillConfig(config, 'x'))) as Config;
    const local = after.model_list.filter(({ litellm_params }) =>
      String(litellm_params['model']).startsWith('lm_studio/'),
    );
    expect(local).toHaveLength(3);
    for (const { litellm_params } of local) {
      expect(litellm_params).toMatchObject({ api_base: 'http://127.0.0.1:4101/v1', timeout: 5, stream_timeout: 5 });
      Object.assign(litellm_params, { api_base: 'http://192.0.2.20:1234/v1', timeout: 0, stream_timeout: 0 });
    }
    for (const { litellm_params } of [...before.model_list.slice(0, 2), ...before.model_list.slice(-1)]) {
      Object.assign(litellm_params, { timeout: 0, stream_timeout: 0 });
    }
    expect(after).toEqual(before);
  });

  it('has a copy of the cloud’s model for each of its faults, which the fault server answers for', () => {
    const router = 'router_settings:\n  fallbacks:\n    - claude-sonnet: [local-only]\n';
    const model = (name: string, id: string, parameters: string) =>
      `  - model_name: ${name}\n    litellm_params: {${parameters}}\n    model_info: {id: "${id}"}\n`;
    const text = `${router}model_list:\n${model('local', 'lm-studio:local', 'model: lm_studio/m')}${model(
      'claude-sonnet',
      'claude-api:claude-sonnet',
      'model: anthropic/claude-sonnet-4-6, api_key: os.environ/KEY, stream_timeout: 90',
    )}`;
    const after = parse(valueIn(drillConfig(text, 'x', 'claude-sonnet'))) as Config & {
      readonly router_settings: { readonly fallbacks: readonly object[] };
    };
    const copies = after.model_list.slice(2);
    expect(copies).toHaveLength(cloudFaults.length);
    expect(copies[0]).toEqual({
      model_name: 'drill-cloud-429',
      litellm_params: {
        model: 'anthropic/claude-sonnet-4-6',
        api_base: 'http://127.0.0.1:4104',
        api_key: 'staged',
        stream_timeout: 5,
      },
      model_info: { id: 'drill-cloud-429:copy' },
    });
    expect(after.router_settings.fallbacks).toContainEqual({ 'drill-cloud-silent': ['local-only'] });
    expect(parse(valueIn(drillConfig(text, 'x', 'no-such-name')))).toMatchObject({ model_list: { length: 2 } });
  });

  it('keeps what somebody wrote into it', () => {
    const edited = config.replace('drop_params: true', 'drop_params: false\n  request_timeout: 7');
    expect(parse(valueIn(drillConfig(edited, 'x')))).toMatchObject({
      litellm_settings: { drop_params: false, request_timeout: 7 },
    });
  });

  it.each([
    ['empty', ''],
    ['no YAML', 'a: [b'],
    ['without models', 'model_list: []'],
    ['without the local model', 'model_list:\n  - model_name: x\n    litellm_params: {model: anthropic/x}'],
  ])('is refused when it is %s', (_, text) => {
    expect(problemIn(drillConfig(text, '/config.yaml'))).toMatchObject({
      problem: expect.stringContaining('/config.yaml'),
      fix: expect.stringContaining('claude-routing-install'),
    });
  });
});

describe('the container of the throw-away gateway', () => {
  const text = valueIn(drillCompose(sources));
  const parsed = parse(text) as { name: string; services: { litellm: Record<string, unknown> } };
  const { name, services } = parsed;
  const before = (parse(compose) as { services: { litellm: Record<string, unknown> } }).services.litellm;

  it('has image, command, keys and environment of the machine’s own', () => {
    for (const key of ['image', 'command', 'env_file', 'mem_limit']) {
      expect(services.litellm[key]).toEqual(before[key]);
    }
    expect(services.litellm['environment']).toMatchObject(before['environment'] as object);
  });

  it('asks no other server, wakes no other box, and waits no longer than a drill takes', () => {
    const local = { moreAddresses: ['192.0.2.2', '192.0.2.3'], wake: { mac: '3c:7c:3f:12:ab:90' } };
    const failover = { allowed: true, afterWaiting: 60 };
    const chosen = answersWith({ ...answers, failover, localModel: { ...answers.localModel, ...local } });
    const text = composeFile(chosen, layout, 'ghcr.io/some/image@sha256:0', 'inputs');
    const drilled = valueIn(drillCompose({ ...sources, compose: text }));
    expect(drilled).toContain(':/app/wake.py:ro');
    expect((parse(drilled) as typeof parsed).services.litellm['environment']).toMatchObject({
      LOCAL_SERVERS: 'http://127.0.0.1:4101,http://127.0.0.1:4105',
      LOCAL_WAKE: 'http://127.0.0.1:4101 4',
      WAKE_PRETENDED: '/tmp/pretended-wake',
      BUSY_TO_CLOUD_AFTER: '1',
      LOCAL_PARALLEL: '1',
    });
    // That no proxy is asked for an address leads nowhere.
    expect(drilled.replace(/^ +no_proxy: .*$/gim, '')).not.toContain('192.0.2.');
  });

  it('has a name and a port of its own, on loopback, and comes back by no means', () => {
    expect(name).toBe('litellm-drill');
    expect(services.litellm).toMatchObject({
      container_name: 'litellm-drill',
      ports: ['127.0.0.1:4007:4000'],
      restart: 'no',
      pull_policy: 'never',
    });
    expect(services.litellm['labels']).toBeUndefined();
    // Bare, it would be false for an engine that reads YAML 1.1.
    expect(text).toContain('restart: "no"');
  });

  it('sees the hook as it is, its own configuration, the stager, and the request log, by which a ceiling holds for it', () => {
    const volumes = services.litellm['volumes'] as readonly string[];
    expect(volumes).toContain(`${layout.gatewayHook}:/app/local_compat.py:ro`);
    expect(volumes).toContain('/state/drill/config.yaml:/app/config.yaml:ro');
    expect(volumes).toContain('/state/drill/drill_faults.py:/app/drill_faults.py:ro');
    expect(volumes).toContain(`${layout.requestLogDir}:/app/requests`);
    expect(volumes.filter((volume) => volume.includes(':/app/config.yaml'))).toHaveLength(1);
    expect(services.litellm['tmpfs']).toEqual([expect.stringMatching(/^\/tmp:/)]);
  });

  it('is bounded although the file that it was made from is of an earlier version, or was loosened', () => {
    const loose = `services:\n  litellm:\n    container_name: litellm\n    privileged: true\n    cap_add: [SYS_ADMIN]\n    network_mode: host\n    mem_limit: 2g\n    volumes: []`;
    const { services: found } = parse(valueIn(drillCompose({ ...sources, compose: loose }))) as typeof parsed;
    expect(found.litellm).toMatchObject({ cap_drop: ['ALL'], read_only: true, mem_limit: '1536m' });
    for (const key of ['privileged', 'cap_add', 'network_mode']) expect(found.litellm).not.toHaveProperty(key);
  });

  it('takes mounts in their long form, too', () => {
    const long = `services:\n  a:\n    container_name: litellm\n    volumes:\n      - {type: bind, source: /x, target: /app/config.yaml}\n      - {type: bind, source: /y, target: /app/y}`;
    const { services: found } = parse(valueIn(drillCompose({ ...sources, compose: long }))) as {
      services: { litellm: { volumes: readonly unknown[] } };
    };
    expect(found.litellm.volumes).toHaveLength(4);
  });

  it.each(['', 'services: {}', 'a: [b'])('is refused when the file says %j', (broken) => {
    expect(problemIn(throwAway({ ...sources, compose: broken }))).toMatchObject({
      problem: expect.stringContaining(layout.composeFile),
    });
  });
});

describe('a throw-away gateway in which another image is tried', () => {
  const made = (more: object) => {
    const files = valueIn(throwAway({ ...sources, ...more }));
    return files;
  };
  const imageIn = (text: string) =>
    (parse(text) as { services: { litellm: { image: string } } }).services.litellm.image;

  it('has that image, and the rest as it is', () => {
    const other = made({ image: 'ghcr.io/other/image@sha256:1' });
    expect(imageIn(other.compose)).toBe('ghcr.io/other/image@sha256:1');
    expect(other.compose.replace('ghcr.io/other/image@sha256:1', 'ghcr.io/some/image@sha256:0')).toBe(made({}).compose);
    expect(other.config).toBe(made({}).config);
  });

  it('asks the real local model where that is asked for, as the running one does', () => {
    const files = made({ realLocalModel: true });
    const environmentIn = (text: string) =>
      (parse(text) as { services: { litellm: { environment: object } } }).services.litellm.environment;
    expect(files.config).toBe(config);
    expect(environmentIn(files.compose)).toEqual(environmentIn(compose));
  });
});

describe('who takes over, says a configuration', () => {
  it.each([
    [config, 'local', ['claude-haiku-5-5']],
    [config, 'local-only', []],
    ['router_settings: {default_fallbacks: [x]}', 'local-only', ['x']],
    ['litellm_settings: {context_window_fallbacks: [{local-only: [x]}]}', 'local-only', ['x']],
    ['router_settings: {fallbacks: [{"*": [x]}]}', 'local-only', ['x']],
    ['a: [b', 'local', []],
  ])('%#', (text, name, expected) => {
    expect(fallbacksIn(text, name)).toEqual(expected);
  });
});

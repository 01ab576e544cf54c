import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { composeFile, gatewayEnvironment } from '../../../src/components/gateway/compose.ts';
import { gatewayImage } from '../../../src/components/gateway/image.ts';
import { gatewayModules, mountedAt } from '../../../src/components/gateway/modules.ts';
import { directoryMark } from '../../../src/components/gateway/routing/rules.ts';
import { answersSchema } from '../../../src/config/schema.ts';
import { layoutFor } from '../../../src/layout.ts';

const image = `${gatewayImage}@sha256:${'a'.repeat(64)}`;
const layout = layoutFor({ user: 'ada', uid: 1001, home: '/home/ada' }, 4100);
const answers = answersSchema.parse({
  version: 1,
  localModel: { address: '192.0.2.20', model: 'm' },
  gateway: { port: 4100 },
});
const text = composeFile(answers, layout, image, 'hash-1');
const { services } = parse(text) as { services: { litellm: Record<string, unknown> } };
const service = services.litellm;

describe('the compose file', () => {
  it('says when a day begins here', () => {
    expect(gatewayEnvironment(answers).SPENDING_TIME_ZONE).toBe('UTC0');
    expect(gatewayEnvironment(answers, 'JST-9').SPENDING_TIME_ZONE).toBe('JST-9');
  });

  it('leaves no proxy between the gateway and the servers of the local model', () => {
    const localModel = { ...answers.localModel, moreAddresses: ['http://[fd00::5]:1234'] };
    const { NO_PROXY, no_proxy } = gatewayEnvironment({ ...answers, localModel });
    expect([NO_PROXY, no_proxy]).toEqual(Array(2).fill('127.0.0.1,localhost,192.0.2.20,fd00::5'));
  });

  it('publishes the gateway on loopback only', () => {
    expect(service.ports).toEqual(['127.0.0.1:4100:4000']);
    expect(service).not.toHaveProperty('network_mode');
  });

  it('runs the pinned image under the name that daily commands use', () => {
    expect(service).toMatchObject({ image, container_name: 'litellm', restart: 'unless-stopped' });
  });

  it('mounts what it reads, read-only, and the one folder that it writes, and takes keys from the secrets file', () => {
    expect(service.volumes).toEqual([
      '/home/ada/litellm/config.yaml:/app/config.yaml:ro',
      ...gatewayModules.map((module) => `/home/ada/litellm/${module.file}:${mountedAt(module)}:ro`),
      '/home/ada/.local/state/claude-routing/requests:/app/requests',
    ]);
    expect(service.volumes).toContain('/home/ada/litellm/local_compat.py:/app/local_compat.py:ro');
    expect(service.env_file).toEqual(['/home/ada/.config/claude-secrets.env']);
    expect(Object.keys(service.environment as object).filter((name) => /KEY|TOKEN/.test(name))).toEqual([]);
  });

  it('mounts sealed folders for reading, where there are any, and names them', () => {
    const sealed = answersSchema.parse({
      version: 1,
      localModel: { address: '192.0.2.20', model: 'm' },
      routing: { sealed: ['~/clients/private/', '/srv/My Papers'] },
    });
    const { services: made } = parse(composeFile(sealed, layout, image, 'hash-1')) as {
      services: { litellm: { volumes: string[]; environment: Record<string, string> } };
    };
    expect(made.litellm.volumes.slice(-2)).toEqual([
      '/home/ada/clients/private:/app/sealed/0:ro',
      '/srv/My Papers:/app/sealed/1:ro',
    ]);
    expect(JSON.parse(made.litellm.environment.SEALED_FOLDERS ?? '')).toEqual({
      home: '/home/ada',
      folders: [
        { path: '/home/ada/clients/private', mark: directoryMark('~/clients/private'), at: '/app/sealed/0' },
        { path: '/srv/My Papers', mark: directoryMark('/srv/My Papers'), at: '/app/sealed/1' },
      ],
    });
    expect(text).not.toContain('SEALED');
  });

  it('has nothing in the environment that compose would put something else in the place of, whatever the models are called', () => {
    const odd = answersSchema.parse({
      version: 1,
      localModel: { address: '192.0.2.20', model: 'a,$HOME ${x}: "b"' },
      cloud: {
        anthropic: { models: { sonnet: 'claude-x@1:2+3' } },
        foundry: {
          resource: 'some-resource',
          deployments: { opus: { deployment: 'my_own.one', model: 'claude-opus-4-8' } },
        },
      },
    });
    const environment = gatewayEnvironment(odd);
    expect(Object.values(environment).filter((value) => /[^\w./,:@+{}[\]"-]/.test(value))).toEqual([]);
    expect(environment.FOLD_SYSTEM_TURNS_FOR).toBe('local,local-only,claude-sonnet,foundry-opus,anthropic-local');
    expect(composeFile(odd, layout, image, 'hash-1')).not.toContain('$');
  });

  it('gives the environment as strings, so that no parser makes booleans of them', () => {
    const environment = service.environment as Record<string, unknown>;
    expect(Object.values(environment).every((value) => typeof value === 'string')).toBe(true);
    const old = parse(text, { version: '1.1' }) as typeof services & { services: { litellm: Record<string, unknown> } };
    expect(old.services.litellm.environment).toEqual(environment);
  });

  it.each([
    [{}, 'false'],
    [{ failover: { allowed: true, overflow: 'cloud' as const } }, 'true'],
  ])('says where a prompt goes that does not fit: %o', (more, said) => {
    const chosen = answersSchema.parse({ version: 1, localModel: { address: '192.0.2.20', model: 'm' }, ...more });
    expect(gatewayEnvironment(chosen)).toMatchObject({ OVERFLOW_TO_CLOUD: said, REQUEST_LOG_DIR: '/app/requests' });
  });

  it.each([
    [{ allowed: true, images: 'cloud' as const }, 'local'],
    [{ allowed: true }, ''],
    [{ allowed: false, images: 'cloud' as const }, ''],
  ])('says whose turns with an image go to the cloud: %o', (failover, names) => {
    const cloud = { anthropic: { models: { haiku: 'claude-haiku-4-5' } } };
    const localModel = { address: '192.0.2.20', model: 'm' };
    const chosen = answersSchema.parse({ version: 1, localModel, cloud, failover });
    expect(gatewayEnvironment(chosen)).toMatchObject({ IMAGES_TO_CLOUD_FOR: names });
  });

  it.each([
    [{ allowed: true, afterWaiting: 60 }, undefined, { BUSY_TO_CLOUD_AFTER: '60', BUSY_TO_CLOUD_FOR: 'local' }],
    [{ allowed: false, afterWaiting: 60 }, undefined, {}],
    [{}, 2, { LOCAL_PARALLEL: '2' }],
    [{}, 'off' as const, { LOCAL_PARALLEL: 'off' }],
    [{}, undefined, {}],
  ])('says nothing of a queue that nobody chose: %o, %s', (failover, parallel, said) => {
    const cloud = { anthropic: { models: { haiku: 'claude-haiku-4-5' } } };
    const localModel = { address: '192.0.2.20', model: 'm', ...(parallel === undefined ? {} : { parallel }) };
    const chosen = gatewayEnvironment(answersSchema.parse({ version: 1, localModel, cloud, failover }));
    const names = Object.keys(chosen).filter((name) => /^(BUSY_|LOCAL_PARALLEL)/.test(name));
    expect(Object.fromEntries(names.map((name) => [name, chosen[name]]))).toEqual(said);
  });

  it.each([
    [['local' as const], 'true'],
    [['other-cloud' as const], 'false'],
    [[], 'false'],
  ])('says whether anybody stands in for a cloud: %o', (whenCloudFails, said) => {
    const cloud = { anthropic: { models: { haiku: 'claude-haiku-4-5' } } };
    const localModel = { address: '192.0.2.20', model: 'm' };
    const chosen = answersSchema.parse({ version: 1, localModel, cloud, failover: { whenCloudFails } });
    expect(gatewayEnvironment(chosen)).toMatchObject({ CLOUD_MAY_BE_REPLACED: said });
  });

  it('carries the hash of its inputs and log rotation', () => {
    expect(service).toMatchObject({
      labels: { 'claude-routing.inputs': 'hash-1' },
      logging: { driver: 'json-file', options: { 'max-size': '10m', 'max-file': '3' } },
    });
  });

  it('may do no more than it needs: no capabilities, no new privileges, nothing written, bounded in memory and processes, no core dump', () => {
    expect(service).toMatchObject({
      cap_drop: ['ALL'],
      security_opt: ['no-new-privileges:true'],
      read_only: true,
      tmpfs: [expect.stringMatching(/^\/tmp:.*noexec/)],
      pids_limit: 256,
      mem_limit: '1536m',
      ulimits: { core: 0 },
    });
    // Another user than the container's root, which is this account outside, could not read what is for this account alone.
    expect(service).not.toHaveProperty('user');
  });

  it('asks for life inside the container, where the port is always 4000, and never for /health, which calls every model', () => {
    const { test } = service.healthcheck as { test: string[] };
    expect(test.at(-1)).toContain('http://127.0.0.1:4000/health/liveliness');
    expect(test.at(-1)).toContain('x-claude-routing-guard');
  });

  it('holds nothing that compose would replace', () => {
    expect(text).not.toContain('$');
  });
});

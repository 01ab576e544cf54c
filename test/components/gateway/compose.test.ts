import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { composeFile, gatewayEnvironment } from '../../../src/components/gateway/compose.ts';
import { gatewayImage } from '../../../src/components/gateway/image.ts';
import { gatewayModules, mountedAt } from '../../../src/components/gateway/modules.ts';
import { directoryMark } from '../../../src/components/gateway/routing/rules.ts';
import type { AnswersInput } from '../../../src/config/schema.ts';
import { layoutFor } from '../../../src/layout.ts';
import { answersWith } from '../../answers.ts';

const image = `${gatewayImage}@sha256:${'a'.repeat(64)}`;
const layout = layoutFor({ user: 'ada', uid: 1001, home: '/home/ada' }, 4100);
const answers = answersWith({ gateway: { port: 4100 } });
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
    const sealed = answersWith({ routing: { sealed: ['~/clients/private/', '/srv/My Papers'] } });
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
    const odd = answersWith({
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

  const cloud = { anthropic: { models: { haiku: 'claude-haiku-4-5' } } };
  const parallel = (chosen: number | 'off') => ({ localModel: { ...answers.localModel, parallel: chosen } });
  it.each<[chosen: Partial<AnswersInput>, names: RegExp, said: object]>([
    [{}, /OVERFLOW|LOG_DIR/, { OVERFLOW_TO_CLOUD: 'false', REQUEST_LOG_DIR: '/app/requests' }],
    [{ failover: { allowed: true, overflow: 'cloud' } }, /OVERFLOW/, { OVERFLOW_TO_CLOUD: 'true' }],
    [{ cloud, failover: { allowed: true, images: 'cloud' } }, /IMAGES/, { IMAGES_TO_CLOUD_FOR: 'local' }],
    [{ cloud, failover: { allowed: true } }, /IMAGES/, { IMAGES_TO_CLOUD_FOR: '' }],
    [{ cloud, failover: { allowed: false, images: 'cloud' } }, /IMAGES/, { IMAGES_TO_CLOUD_FOR: '' }],
    [
      { cloud, failover: { allowed: true, afterWaiting: 60 } },
      /BUSY|PARALLEL/,
      { BUSY_TO_CLOUD_AFTER: '60', BUSY_TO_CLOUD_FOR: 'local' },
    ],
    [{ cloud, failover: { allowed: false, afterWaiting: 60 } }, /BUSY|PARALLEL/, {}],
    [parallel(2), /BUSY|PARALLEL/, { LOCAL_PARALLEL: '2' }],
    [parallel('off'), /BUSY|PARALLEL/, { LOCAL_PARALLEL: 'off' }],
    [{}, /BUSY|PARALLEL/, {}],
    [{ cloud, failover: { whenCloudFails: ['local'] } }, /REPLACED/, { CLOUD_MAY_BE_REPLACED: 'true' }],
    [{ cloud, failover: { whenCloudFails: ['other-cloud'] } }, /REPLACED/, { CLOUD_MAY_BE_REPLACED: 'false' }],
    [{ cloud, failover: { whenCloudFails: [] } }, /REPLACED/, { CLOUD_MAY_BE_REPLACED: 'false' }],
  ])('tells the gateway what was chosen: %j', (chosen, names, said) => {
    const told = Object.entries(gatewayEnvironment(answersWith(chosen)));
    expect(Object.fromEntries(told.filter(([name]) => names.test(name)))).toEqual(said);
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

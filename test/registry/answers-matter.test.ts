import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { answerPaths, type RawAnswers, readAnswer, setAnswer } from '../../src/config/answers-file.ts';
import type { AnswersInput } from '../../src/config/schema.ts';
import type { Secrets } from '../../src/config/secrets.ts';
import type { Context } from '../../src/context.ts';
import { Secret } from '../../src/host/secret.ts';
import { steps } from '../../src/registry/steps.ts';
import { preview } from '../../src/session/preview.ts';
import { valueIn } from '../value-in.ts';
import { contextFor, fullAnswers, makeScene, runOne, type Scene } from './scene.ts';

/** Another value for every single answer that there is. */
const others: Readonly<Record<string, string>> = {
  'system.timezone': 'Etc/UTC',
  'system.fullUpgrade': 'true',
  'system.fail2ban': 'true',
  'system.firewall': 'true',
  'docker.keepRootful': 'true',
  'docker.repository': '{ fingerprint: 00000000000000000000000000000000000000AA }',
  'docker.repository.uri': 'https://docker.example/debian',
  'docker.repository.fingerprint': '00000000000000000000000000000000000000AA',
  'toolchain.mise': 'false',
  'toolchain.tools': '[node@24]',
  'claudeCode.source': 'apt',
  'localModel.address': '192.168.1.21',
  'localModel.model': 'openai/gpt-oss-20b',
  'localModel.contextWindow': '49152',
  'localModel.load': 'true',
  'localModel.moreAddresses': '[192.168.1.22]',
  'localModel.parallel': '1',
  'localModel.wake': '{ mac: 3c:7c:3f:12:ab:90 }',
  'cloud.anthropic.models': '{ sonnet: claude-sonnet-5-5 , haiku: claude-haiku-5-5 }',
  'cloud.anthropic.models.opus': 'claude-opus-5',
  'cloud.anthropic.models.sonnet': 'claude-sonnet-5',
  'cloud.anthropic.models.haiku': 'claude-haiku-4-5-20251001',
  'cloud.anthropic.models.fable': 'claude-opus-5',
  'cloud.foundry.resource': 'another-foundry',
  'cloud.foundry.deployments': '{ sonnet: claude-sonnet-4-6 }',
  'cloud.foundry.deployments.opus': 'claude-opus-4-8',
  'cloud.foundry.deployments.sonnet': 'claude-opus-4-8',
  'cloud.foundry.deployments.haiku': 'claude-haiku-4-5',
  'cloud.foundry.deployments.fable': 'claude-opus-4-8',
  'cloud.foundry.prices': '{ sonnet: { input: 3, output: 15, cacheRead: 0.3, cacheWrite: 3.75 } }',
  'cloud.main': 'claude-opus-5-5',
  'routing.profile': 'local-subagents',
  'routing.rules': '[{ name: titles, when: { kind: title }, model: local }]',
  'routing.sealed': '[/etc]',
  'failover.allowed': 'false',
  'failover.overflow': 'cloud',
  'failover.images': 'cloud',
  'failover.afterWaiting': '60',
  'failover.target': 'claude-opus-5-5',
  'failover.whenCloudFails': '[local]',
  'spending.perDay': '7.5',
  'spending.perMonth': '75',
  'spending.atCeiling': 'local',
  'gateway.port': '4001',
  'gateway.image': 'ghcr.io/berriai/litellm:v1.108.12',
  'gateway.keepMonths': '12',
  'launchers.shellFunctions': 'false',
  'launchers.exportSecrets': 'true',
  'launchers.leanLocal': 'false',
  'launchers.statusLine': 'true',
  'launchers.sentinel': 'true',
};

/** Answers that say nothing about an installed machine, each with its reason. */
const silent: Readonly<Record<string, string>> = {
  version: 'there is one',
  'installer.tellReleases': 'is about what is said, not about what is there',
  'docker.removeConflicting': 'counts only while there is something to remove',
  'claudeCode.channel': 'the client that is there keeps itself up to date on the channel that it was installed with',
  'claudeCode.fingerprint': 'counts only while a release is fetched',
  'toolchain.fingerprint': 'counts only while mise is fetched',
  'localModel.tokensPerSecond': 'is told when the tools are chosen, and kept with the answers',
  'localModel.token': 'says where the token is; the token itself is looked at below',
  'cloud.anthropic.key': 'says where the key is',
  'cloud.foundry.key': 'says where the key is',
};
const groups = [
  ...['system', 'docker', 'toolchain', 'claudeCode', 'localModel', 'cloud', 'cloud.anthropic', 'cloud.foundry'],
  ...['routing', 'failover', 'spending', 'gateway', 'launchers', 'installer'],
];

let scene: Scene;
let base: string;
beforeAll(async () => {
  scene = await makeScene();
  for (const step of steps) await runOne(step, scene.host, scene.context);
  base = await planned(scene.context);
});
afterAll(async () => await scene.machine.destroy());

/** All that would be done and shown, on the machine as it was installed. */
async function planned(context: Context): Promise<string> {
  const found = await preview(steps, context, scene.host);
  return JSON.stringify(
    found.map(({ step, notNeeded, stop, planned: plans }) => [
      step.id,
      notNeeded,
      stop,
      plans.map(({ resource, plan }) => [resource.id, plan]),
    ]),
  );
}

function withAnswer(path: string, value: string): AnswersInput {
  const read = valueIn(readAnswer(path, value));
  return setAnswer(fullAnswers(scene.machine) as unknown as RawAnswers, path, read) as unknown as AnswersInput;
}

describe('an installed machine', () => {
  it('has nothing to do with the answers that it was installed with', () => {
    expect(base).not.toContain('"change"');
    expect(base).not.toContain('"later"');
  });

  it.each(Object.entries(others))('has something to do when %s becomes %s', async (path, value) => {
    if (path === 'docker.repository.uri')
      return expect(
        await planned(
          contextFor(
            scene.machine,
            withAnswer('docker.repository', `{ uri: ${value}, fingerprint: 9DC858229FC7DD38854AE2D88D81803C0EBFCD88 }`),
          ),
        ),
      ).not.toBe(base);
    if (path === 'docker.repository.fingerprint')
      return expect(
        await planned(contextFor(scene.machine, withAnswer('docker.repository', `{ fingerprint: ${value} }`))),
      ).not.toBe(base);
    expect(await planned(contextFor(scene.machine, withAnswer(path, value)))).not.toBe(base);
  });

  it.each(['gatewayKey', 'anthropicKey', 'foundryKey', 'localModelToken'] as const)(
    'starts the gateway anew when %s changes',
    async (name) => {
      const secrets: Secrets = { ...scene.context.secrets, [name]: new Secret('sk-another-key-0123456789') };
      const changed = await planned({ ...scene.context, secrets });
      expect(changed).toContain('re-create litellm');
    },
  );

  it('knows of every answer, so that none is forgotten in this table', () => {
    const known = [...Object.keys(others), ...Object.keys(silent), ...groups].sort();
    expect(
      [...answerPaths()].filter(
        (path) =>
          !known.includes(path) && !known.some((one) => others[one] !== undefined && path.startsWith(`${one}.`)),
      ),
    ).toEqual([]);
    expect(
      known.filter(
        (path) => !answerPaths().includes(path) && !path.startsWith('docker.repository') && !path.startsWith('cloud.'),
      ),
    ).toEqual([]);
  });
});

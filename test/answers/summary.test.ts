import { expect, test } from 'vitest';
import { answersSchema } from '../../src/answers/schema.ts';
import { answersSummary } from '../../src/answers/summary.ts';

const localModel = { address: '192.168.1.20', model: 'qwen/qwen3.6-35b-a3b', contextWindow: 65_536 };

function summary(answers: object): Readonly<Record<string, string>> {
  return Object.fromEntries(answersSummary(answersSchema.parse({ version: 1, localModel, ...answers })));
}

test('local only says that nobody else answers', () => {
  expect(summary({ toolchain: { mise: false } })).toEqual({
    local: 'qwen/qwen3.6-35b-a3b at http://192.168.1.20:1234, 65,536 tokens',
    cloud: 'none, local only',
    failover: 'none: the local model answers or nobody does',
    options: 'none',
  });
});

test('clouds are told with the model in front, and the failover with its target and that it costs', () => {
  const cloud = {
    anthropic: { models: { sonnet: 'claude-sonnet-5-5', haiku: 'claude-haiku-5-5' } },
    foundry: { resource: 'myfoundry', deployments: { opus: { deployment: 'prod-chat', model: 'claude-opus-4-8' } } },
    main: 'foundry/claude-opus-4-8',
  };
  const told = summary({
    cloud,
    failover: { allowed: true, target: 'claude-haiku-5-5' },
    localModel: { ...localModel, load: true },
  });
  expect(told['local']).toMatch(/, 65,536 tokens, to be loaded so$/);
  expect(told['cloud']).toBe(
    'Claude API and Azure AI Foundry (myfoundry): foundry/claude-opus-4-8 in front; also claude-sonnet-5-5, claude-haiku-5-5',
  );
  expect(told['failover']).toBe('to claude-haiku-5-5 when LM Studio cannot answer; it costs money');
});

test('options are told by what they do', () => {
  const { options } = summary({ system: { timezone: 'Europe/Berlin', fail2ban: true, firewall: true } });
  expect(options).toBe('mise (node@22, python@3.12), time zone Europe/Berlin, fail2ban, nftables, local network only');
});

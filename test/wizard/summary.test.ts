import { expect, test } from 'vitest';
import { profileWords } from '../../src/components/gateway/routing/profiles.ts';
import { answersSchema, type Profile } from '../../src/config/schema.ts';
import { answersSummary } from '../../src/wizard/summary.ts';

const localModel = { address: '192.168.1.20', model: 'qwen/qwen3.6-35b-a3b', contextWindow: 65_536 };

function summary(answers: object): Readonly<Record<string, string>> {
  return Object.fromEntries(answersSummary(answersSchema.parse({ version: 1, localModel, ...answers })));
}

test('local only says that nobody else answers', () => {
  expect(summary({ toolchain: { mise: false } })).toEqual({
    local: 'qwen/qwen3.6-35b-a3b at http://192.168.1.20:1234, 65,536 tokens; core tools',
    cloud: 'none, local only',
    routed: 'offline: everything local, nothing ever in the cloud',
    failover: 'none: the local model answers, or nothing does',
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
  expect(told['local']).toMatch(/, 65,536 tokens, to be loaded that way; core tools$/);
  expect(told['cloud']).toBe(
    'Claude API and Azure AI Foundry (myfoundry): foundry/claude-opus-4-8 as main model; also claude-sonnet-5-5, claude-haiku-5-5',
  );
  expect(told['routed']).toBe('cloud first: conversation and subagents in the cloud, titles and Haiku subagents local');
  expect(told['failover']).toBe(
    "claude-local's conversations and claude-routed's background work to claude-haiku-5-5 when the local model cannot answer; it costs money",
  );
});

test.each<[profile: Profile, allowed: boolean | 'background', sent: RegExp]>([
  ['cloud-foreground', 'background', /^claude-routed's background work to claude-haiku-5-5 when the local model/],
  ['local-subagents', true, /^claude-local's conversations and claude-routed's subagents and background work to /],
  ['local-subagents', 'background', /^claude-routed's subagents and background work to /],
  ['local-first', true, /^claude-local's conversations and all of claude-routed to .*, or the prompt is too long; /],
  ['offline', true, /^claude-local's conversations to claude-haiku-5-5 /],
  ['offline', 'background', /^none: /],
  ['cloud-foreground', false, /^none: /],
])('with %s and consent %s the failover is told per mode', (profile, allowed, sent) => {
  const cloud = { anthropic: { models: { haiku: 'claude-haiku-5-5' } } };
  const told = summary({ cloud, routing: { profile }, failover: { allowed } });
  expect(told['failover']).toMatch(sent);
  expect(told['routed']).toBe(`${profileWords[profile].label}: ${profileWords[profile].goes}`);
});

test.each([
  [
    ['other-cloud', 'local'],
    'when a cloud cannot answer: the other cloud, which costs money there, then the local model',
  ],
  [
    ['local', 'other-cloud'],
    'when a cloud cannot answer: the local model, then the other cloud, which costs money there',
  ],
  [['local'], 'when a cloud cannot answer: the local model'],
  [[], undefined],
])('who stands in for a cloud is told in order: %o', (whenCloudFails, words) => {
  const anthropic = { models: { haiku: 'claude-haiku-5-5' } };
  const foundry = { resource: 'myfoundry', deployments: { haiku: 'claude-haiku-4-5' } };
  expect(summary({ cloud: { anthropic, foundry }, failover: { whenCloudFails } })['stand-ins']).toBe(words);
  expect(summary({ cloud: {}, failover: { whenCloudFails } })['stand-ins']).toBeUndefined();
});

test.each([
  [{ perDay: 5 }, '$5.00 a day for the clouds; then cloud models are refused'],
  [
    { perDay: 2.5, perMonth: 50, atCeiling: 'local' },
    '$2.50 a day and $50.00 a month for the clouds; then the local model answers',
  ],
  [{ atCeiling: 'local' }, undefined],
] as const)('a ceiling is told: %j', (spending, words) => {
  expect(summary({ cloud: {}, spending })['ceiling']).toBe(words);
});

test.each([
  [1, 'web searches → local-only'],
  [3, 'web searches → local-only, and 2 more'],
  [0, undefined],
])('%i rules are told', (number, words) => {
  const rules = Array.from({ length: number }, (_, index) => ({
    name: `r${index}`,
    when: { kind: 'web-search' as const },
    model: 'local-only',
  }));
  expect(summary({ cloud: {}, routing: { rules } })['rules']).toBe(words);
});

test.each([
  [['~/private', '/srv/papers'], 'text of ~/private, /srv/papers goes to no cloud; the gateway gets to read it'],
  [[], undefined],
])('sealed folders are told: %j', (sealed, words) => {
  expect(summary({ cloud: {}, routing: { sealed } })['sealed']).toBe(words);
});

test.each([
  [{ parallel: 2 }, { queue: '2 requests at once for each local server; the others wait' }],
  [{ parallel: 'off' }, { queue: 'no limit' }],
  [
    { wake: { mac: '3c:7c:3f:12:ab:90' } },
    { wake: '3c:7c:3f:12:ab:90 when it does not answer; requests wait 120 s for it' },
  ],
  [
    { moreAddresses: ['192.168.1.21', '192.168.1.22'] },
    {
      local:
        'qwen/qwen3.6-35b-a3b at http://192.168.1.20:1234, http://192.168.1.21:1234 and http://192.168.1.22:1234, 65,536 tokens; core tools',
    },
  ],
])('of the local servers is told what was chosen: %j', (chosen, words) => {
  expect(summary({ cloud: {}, localModel: { ...localModel, ...chosen } })).toMatchObject(words);
});

test('options are told by what they do', () => {
  const { local, options } = summary({
    system: { timezone: 'Europe/Berlin', fail2ban: true, firewall: true },
    launchers: { statusLine: true, sentinel: true, leanLocal: false },
  });
  expect(options).toBe(
    'mise (node@22, python@3.12), time zone Europe/Berlin, fail2ban, nftables, local network only, status line, sentinel',
  );
  expect(local).toMatch(/; all tools$/);
});

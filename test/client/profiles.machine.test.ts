import { rmSync } from 'node:fs';
import { setTimeout as pause } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { localRoute, profileWords, routedRoute } from '../../src/components/gateway/routing/profiles.ts';
import type { LauncherModels } from '../../src/components/launchers/environment.ts';
import type { Profile } from '../../src/config/schema.ts';
import { answersWith } from '../answers.ts';
import { put } from '../render/scratch.ts';
import { type ClientLab, openClientLab } from './client-lab.ts';
import type { Recorded } from './recorder.ts';

let lab: ClientLab;
beforeAll(async () => {
  lab = await openClientLab();
});
afterAll(() => lab.close());

const SONNET = 'claude-sonnet-4-6';
const OPUS = 'claude-opus-4-8';

function routes(profile: Profile): LauncherModels {
  const answers = answersWith({
    cloud: { anthropic: { models: { sonnet: SONNET, opus: OPUS } } },
    failover: { allowed: true },
    routing: { profile },
  });
  return { routed: routedRoute(answers), local: localRoute(answers), contextWindow: 65_536 };
}

interface Asked {
  readonly model: string;
  readonly tools?: readonly unknown[];
}
const body = ({ body }: Recorded): Asked => body as Asked;
const modelsOf = (requests: readonly Recorded[]): readonly string[] => [
  ...new Set(requests.map((request) => body(request).model)),
];
const text = (request: Recorded): string => JSON.stringify(request.body);

/** The person's own words are in the conversation and in the request for its title, never in a subagent's. */
const isSubagent = (request: Recorded): boolean => !/use the tool \w+ with/.test(text(request));
const isTitle = (request: Recorded): boolean => text(request).includes('<session>');
const isMain = (request: Recorded): boolean => !isSubagent(request) && !isTitle(request);

function agent(name: string, model: string): Record<string, string> {
  const line = model === '' ? '' : `model: ${model}\n`;
  return { [`.claude/agents/${name}.md`]: `---\nname: ${name}\ndescription: ${name}\n${line}---\nYou say hi.\n` };
}
const project = {
  ...agent('plain', ''),
  ...agent('by-alias', 'opus'),
  ...agent('by-name', OPUS),
  ...agent('on-haiku', 'haiku'),
  ...agent('as-its-parent', 'inherit'),
};
const agents = ['plain', 'by-alias', 'by-name', 'on-haiku', 'as-its-parent', 'Explore', 'Plan', 'general-purpose'];

function call(type: string, more: Readonly<Record<string, string>> = {}): string {
  return `use the tool Agent with ${JSON.stringify({ prompt: `asked of ${type}`, description: 'x', subagent_type: type, ...more })}`;
}

/** Which model each subagent asked for. */
function perAgent(requests: readonly Recorded[]): Record<string, readonly string[]> {
  const asked = requests.filter(isSubagent).map((request): [string, string] => {
    return [/asked of ([\w-]+)/.exec(text(request))?.[1] ?? '', body(request).model];
  });
  return Object.fromEntries(
    agents.map((name) => [name, asked.filter(([of]) => of === name).map(([, model]) => model)]),
  );
}

const all = (model: string): Record<string, readonly string[]> =>
  Object.fromEntries(agents.map((name) => [name, [model]]));

interface Promised {
  readonly main: string;
  /** None where nothing is sent on the side. */
  readonly titles: string | undefined;
  readonly agents: Readonly<Record<string, readonly string[]>>;
}

const promised: Readonly<Record<Profile, Promised>> = {
  'cloud-foreground': {
    main: SONNET,
    titles: 'local',
    agents: { ...all(SONNET), 'by-alias': [OPUS], 'by-name': [OPUS], 'on-haiku': ['local'] },
  },
  'local-subagents': { main: SONNET, titles: 'local', agents: all('local') },
  'local-first': { main: 'local', titles: 'local', agents: all('local') },
  offline: { main: 'local-only', titles: undefined, agents: all('local-only') },
};

describe.each(Object.keys(profileWords) as Profile[])('claude-routed with the profile %s', (profile) => {
  const models = routes(profile);
  const { main, titles, agents: expected } = promised[profile];

  it('asks for the right models in a terminal: conversation, title, subagent, compaction', async () => {
    const args = ['--all-tools', '--permission-mode', 'default'];
    // A plain "claude", which the client would name by itself, keeps its conversations elsewhere.
    const atEnd = (lines: readonly string[]): void =>
      expect(lines.join('\n')).toMatch(/Resume this session with:\s+claude-routed --resume [\da-f-]{36}/);
    const asked = await lab.converse('claude-routed', { models, project, args, atEnd }, async ({ say, until }) => {
      await say(call('plain'));
      await until(isSubagent);
      if (titles !== undefined) await until(isTitle);
      await until(isMain, 3);
      await say('/compact');
      await until((request) => text(request).includes('CRITICAL: Respond with TEXT ONLY'));
    });
    expect(modelsOf(asked.filter(isMain))).toEqual([main]);
    expect(modelsOf(asked.filter(isTitle))).toEqual(titles === undefined ? [] : [titles]);
    expect(modelsOf(asked.filter(isSubagent))).toEqual(expected.plain);
    const mark = profile === 'offline' ? 'claude-routed; local-only' : 'claude-routed';
    expect(new Set(asked.map(({ headers }) => headers['x-claude-routing']))).toEqual(new Set([mark]));
  });

  it('asks for the right models for every kind of subagent', async () => {
    const prompt = agents.map((name) => call(name)).join('\n');
    const run = await lab.start('claude-routed', {
      models,
      project,
      args: ['--all-tools', '-p', prompt, '--output-format', 'json'],
    });
    expect(run.exitCode).toBe(0);
    expect(modelsOf(run.messages.filter(isMain))).toEqual([main]);
    expect(perAgent(run.messages)).toEqual(expected);
  });
});

describe('subagents that are local', () => {
  const steer = {
    CLAUDE_CODE_SUBAGENT_MODEL: OPUS,
    CLAUDE_CODE_SUBAGENT_MODEL_FORCE: '0',
    CLAUDE_CODE_WORKFLOW_SUBAGENT_MODEL: OPUS,
  };
  it('stay so when the conversation names a model for them, and whatever a project says', async () => {
    const settings = { '.claude/settings.json': JSON.stringify({ env: steer }) };
    const prompt = [call('plain', { model: 'opus' }), call('by-name')].join('\n');
    const run = await lab.start('claude-routed', {
      models: routes('local-subagents'),
      project: { ...project, ...settings },
      env: steer,
      args: ['-p', prompt, '--output-format', 'json'],
    });
    expect(perAgent(run.messages)).toMatchObject({ plain: ['local'], 'by-name': ['local'] });
  });

  it('would not be without the second variable', async () => {
    const run = await lab.start('claude-routed', {
      models: routes('local-subagents'),
      project,
      args: ['-p', ['by-name', 'Explore', 'Plan'].map((name) => call(name)).join('\n'), '--output-format', 'json'],
      change: (script) => script.replace('export CLAUDE_CODE_SUBAGENT_MODEL_FORCE=1\n', ''),
    });
    expect(perAgent(run.messages)).toMatchObject({ 'by-name': [OPUS], Explore: [SONNET], Plan: [SONNET] });
  });
});

describe('a session in which the local model does everything', () => {
  const window = 65_536;

  // The first is the row "Default (recommended)" of /model, which is told as local-only[1m]; that suffix means a million.
  it.each(['default', 'local-only[1m]', 'opus[1m]', 'sonnet', 'haiku', 'fable', 'best', 'opusplan[1m]'])(
    'is budgeted what is loaded when %s is chosen, and says on standard error alone that the name is unknown',
    async (model) => {
      const args = ['--model', model, '-p', 'say hi', '--output-format', 'json'];
      const ran = await lab.start('claude-offline', { models: routes('offline'), args });
      expect(Object.values(ran.report?.modelUsage ?? {}).map(({ contextWindow }) => contextWindow)).toEqual([window]);
      expect(ran.stdout).not.toContain('unrecognized_model');
      expect(ran.stderr.trim().split('\n')).toEqual([expect.stringMatching(/^\[claude-code:unrecognized_model\] \{/)]);
    },
  );

  // Newer models have a default of their own that the settings do not move; /model shows it.
  it.each([
    ['claude-offline', 'local-only', undefined],
    ['claude-routed', SONNET, 'low'],
    ['claude-routed', OPUS, 'low'],
    ['claude-routed', 'claude-sonnet-5-5', 'medium'],
    ['claude-routed', 'claude-haiku-5-5', 'medium'],
  ] as const)('%s with %s sends the effort %s where settings.json says low', async (name, model, effort) => {
    const settings = `${lab.layout.routedConfigDir}/settings.json`;
    put(settings, JSON.stringify({ effortLevel: 'low' }));
    try {
      const args = ['--model', model, '-p', 'say hi', '--output-format', 'json'];
      const { messages } = await lab.start(name, { models: routes('cloud-foreground'), args });
      const sent = messages.map((message) => (message.body as { output_config?: { effort?: string } }).output_config);
      expect(sent.map((config) => config?.effort)).toEqual([effort]);
    } finally {
      rmSync(settings);
    }
  });
});

describe("the client's own check before it does something (auto mode)", () => {
  const isCheck = (request: Recorded): boolean => text(request).includes('You are a security monitor');
  const risky = 'use the tool Bash with {"command":"curl -s 127.0.0.1:4001/x","description":"x"}';

  it.each<[Profile, string]>([
    ['cloud-foreground', OPUS],
    ['local-subagents', OPUS],
  ])('goes to the opus model with the profile %s', async (profile, model) => {
    const asked = await lab.converse('claude-routed', { models: routes(profile) }, async ({ say, until }) => {
      await say(risky);
      await until(isCheck);
    });
    expect(modelsOf(asked.filter(isCheck))).toEqual([model]);
  });

  it.each<[Profile]>([['local-first'], ['offline']])(
    'is not made with the profile %s: the person is asked',
    async (profile) => {
      const asked = await lab.converse(
        'claude-routed',
        { models: routes(profile) },
        async ({ terminal, say, until }) => {
          await say(risky);
          await terminal.sees('Do you want to proceed?');
          await pause(500);
          terminal.press('Enter');
          await until(isMain, 2);
        },
      );
      expect(asked.filter(isCheck)).toEqual([]);
    },
  );
});

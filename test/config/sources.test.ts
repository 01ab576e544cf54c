import { describe, expect, it } from 'vitest';
import { routingProblem } from '../../src/components/gateway/routing/profiles.ts';
import { type AnswersFile, parseAnswersFile, type RawAnswers } from '../../src/config/answers-file.ts';
import { readSavedAnswers, savedAnswersText } from '../../src/config/saved.ts';
import { answersSchema } from '../../src/config/schema.ts';
import { type AnswerSources, mergeSources } from '../../src/config/sources.ts';
import { problemIn, valueIn } from '../value-in.ts';

function file(text: string): AnswersFile {
  const read = valueIn(parseAnswersFile('a.yaml', text));
  return read;
}

function merged(parts: Partial<AnswerSources>): RawAnswers {
  return valueIn(mergeSources({ earlier: undefined, file: undefined, environment: {}, settings: [], ...parts }));
}

const earlier = {
  version: 1,
  localModel: { address: 'http://10.0.0.5:1234', model: 'm', contextWindow: 65_536 },
  cloud: { anthropic: { models: { sonnet: 's' } }, main: 's' },
};

describe('where answers come from', () => {
  it('is the last run, when nothing else is said', () => {
    expect(merged({ earlier })).toEqual(earlier);
  });

  it('is the file rather than the last run, as a whole', () => {
    expect(merged({ earlier, file: file('version: 1\nlocalModel: { address: 10.0.0.6 }\n') })).toEqual({
      version: 1,
      localModel: { address: '10.0.0.6' },
    });
  });

  it('is the environment rather than the file, and --set rather than the environment', () => {
    const environment = { CLAUDE_ROUTING_GATEWAY_PORT: '4001', CLAUDE_ROUTING_LOCAL_MODEL_MODEL: 'from-environment' };
    const raw = merged({
      file: file('version: 1\ngateway: { port: 4000 }\n'),
      environment,
      settings: ['localModel.model=from-set'],
    });
    expect(raw).toEqual({ version: 1, gateway: { port: 4001 }, localModel: { model: 'from-set' } });
  });

  it.each<[value: string, read: unknown]>([
    ['background', 'background'],
    ['true', true],
    ['false', false],
  ])('says %s to failover in every way that there is', (value, read) => {
    const setting = merged({ settings: [`failover.allowed=${value}`] });
    const environment = merged({ environment: { CLAUDE_ROUTING_FAILOVER_ALLOWED: value } });
    const inFile = merged({ file: file(`version: 1\nfailover: { allowed: ${value} }\n`) });
    expect([setting, environment, inFile]).toEqual(Array(3).fill({ version: 1, failover: { allowed: read } }));
  });

  it('is the profile of --set on a second run, with everything else as it was', () => {
    const local = { ...earlier, routing: { profile: 'cloud-foreground' }, failover: { allowed: true } };
    const raw = merged({ earlier: local, settings: ['routing.profile=local-first'] });
    expect(raw).toEqual({ ...local, routing: { profile: 'local-first' } });
    expect(routingProblem(answersSchema.parse(raw))).toBeUndefined();
  });

  it('is not an empty variable', () => {
    expect(merged({ environment: { CLAUDE_ROUTING_GATEWAY_PORT: '' } })).toEqual({ version: 1 });
  });

  it('keeps what the machine was found to have, for the same server and clouds', () => {
    const raw = merged({
      earlier: { ...earlier, localModel: { ...earlier.localModel, tokensPerSecond: 210 } },
      file: file('version: 1\nlocalModel: { address: "10.0.0.5" }\ncloud: { anthropic: {} }\n'),
    });
    expect(raw).toEqual({
      version: 1,
      localModel: { address: '10.0.0.5', model: 'm', contextWindow: 65_536, tokensPerSecond: 210 },
      cloud: { anthropic: { models: { sonnet: 's' } }, main: 's' },
    });
  });

  it.each([
    ['another server', 'version: 1\nlocalModel: { address: 10.0.0.6 }\ncloud: { anthropic: {} }\n'],
    ['another model', 'version: 1\nlocalModel: { address: 10.0.0.5, model: n }\ncloud: { anthropic: {} }\n'],
    ['another cloud', 'version: 1\nlocalModel: { address: 10.0.0.5 }\ncloud: {}\n'],
  ])('measures anew for %s', (_, text) => {
    expect(merged({ earlier, file: file(text) })).toEqual(file(text).raw);
  });

  it.each<[settings: readonly string[], localModel: object]>([
    [['localModel.model=n'], { address: 'http://10.0.0.5:1234', model: 'n' }],
    [['localModel.address=10.0.0.6'], { address: '10.0.0.6', model: 'm' }],
    [
      ['localModel.model=n', 'localModel.contextWindow=32768'],
      { address: 'http://10.0.0.5:1234', model: 'n', contextWindow: 32_768 },
    ],
    [
      ['localModel.model=n', 'localModel.load=true'],
      { address: 'http://10.0.0.5:1234', model: 'n', contextWindow: 65_536, load: true },
    ],
    [
      ['gateway.port=4001'],
      { address: 'http://10.0.0.5:1234', model: 'm', contextWindow: 65_536, tokensPerSecond: 210 },
    ],
  ])('forgets what was measured of another model with --set %j', (settings, localModel) => {
    const before = { ...earlier, localModel: { ...earlier.localModel, tokensPerSecond: 210 } };
    expect(merged({ earlier: before, settings })['localModel']).toEqual(localModel);
  });

  it('fills nothing into a file whose model --set changes', () => {
    const raw = merged({
      earlier,
      file: file('version: 1\nlocalModel: { address: 10.0.0.5 }\ncloud: { anthropic: {} }\n'),
      settings: ['localModel.model=n'],
    });
    expect(raw['localModel']).toEqual({ address: '10.0.0.5', model: 'n' });
  });

  it.each([
    ['gateway.port', 'option-value-wrong', /gives no value/, /--set gateway\.port=VALUE/],
    [
      'gatway.port=1',
      'answer-unknown',
      /--set gatway\.port: there is no such key; did you mean gateway\.port\?/,
      /answers schema/,
    ],
    ['__proto__.x=1', 'answer-unknown', /there is no such key/, /answers schema/],
    ['=1', 'answer-unknown', /there is no such key/, /answers schema/],
  ])('--set %s is refused', (setting, code, problem, fix) => {
    expect(
      problemIn(mergeSources({ earlier: undefined, file: undefined, environment: {}, settings: [setting] })),
    ).toEqual({ code, problem: expect.stringMatching(problem), fix: expect.stringMatching(fix) });
  });
});

describe('what is saved for the next run', () => {
  const answers = answersSchema.parse({
    version: 1,
    localModel: { address: '10.0.0.5', model: 'm', token: 'env:LM_API_TOKEN' },
    cloud: {
      anthropic: { key: 'env:ANTHROPIC_DIRECT_KEY', models: { sonnet: 's' } },
      foundry: { resource: 'my-resource', key: 'file:/k', deployments: { haiku: { deployment: 'd', model: 'h' } } },
    },
  });

  it('comes back as it was, but for where the keys were', () => {
    const read = readSavedAnswers(savedAnswersText(answers));
    expect(read).toEqual({
      ...answers,
      localModel: { ...answers.localModel, token: undefined },
      cloud: { anthropic: { models: { sonnet: 's' } }, foundry: { ...answers.cloud.foundry, key: undefined } },
    });
  });

  it('has the same text when it is saved again', () => {
    const text = savedAnswersText(answers);
    expect(savedAnswersText(readSavedAnswers(text) ?? answers)).toBe(text);
    expect(text).not.toMatch(/env:|file:/);
  });

  it.each([undefined, '', '- 1', 'version: 9\n', '"', 'version: 1\nunknown: 1\n'])(
    'is nothing when %j stands there',
    (text) => {
      expect(readSavedAnswers(text)).toBeUndefined();
    },
  );
});
